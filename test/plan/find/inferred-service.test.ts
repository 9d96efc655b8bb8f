import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { objects, route, rule, shop, to } from '../written-worlds.ts'

const weight = (view: ClusterView, version: string, service?: string): Plan =>
  planWeight(view, {
    target: { namespace: 'shop', command: `weight ${version}=10`, ...(service && { service }) },
    weights: new Map([[version, 10]]),
    force: false,
  })
/** The message of the error that is thrown, and its hints. */
function refusal(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return [error.message, ...error.hints]
  }
  return []
}

const catalog = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
/** A second Service that is routed, with versions of its own. */
const orders = (...versions: readonly string[]): readonly string[] => [
  shop[0]!.replaceAll('catalog', 'orders').replace('10.0.0.10', '10.0.0.11'),
  ...versions.map(version => shop[1]!.replaceAll('catalog', 'orders').replaceAll('v1', version)),
  rule(
    'shop/orders',
    `{host: orders, subsets: [${versions.map(name => `{name: ${name}, labels: {version: ${name}}}`).join(', ')}]}`,
  ),
  route('shop/orders', `{hosts: [orders], http: [${to(versions[0]!, 'orders')}]}`),
]

describe('the Service that a command does not name', () => {
  const changed = (plan: Plan): readonly string[] => [
    ...new Set(plan.changes.map(({ after }) => after!.metadata.name)),
  ]
  const view = snapshot(objects(...shop, catalog, ...orders('v1', 'v3')))
  it('is the one with the version, where several are routed', () => {
    assert.deepEqual(changed(weight(view, 'v3')), ['orders'])
    assert.deepEqual(changed(weight(view, 'v2')), ['catalog'])
  })
  it('is the one with the cohort that is removed, where several are routed', () => {
    const target = { namespace: 'shop', command: 'cohort internal --remove' }
    const named = { ...target, service: 'orders' }
    const withCohort = apply(view, planCohort(view, cohortIntent('internal', 'v3', { target: named })))
    assert.deepEqual(changed(planRemoveCohort(withCohort, { target, name: 'internal' })), ['orders'])
  })
  it('is not known where several have it: each is offered as a command', () => {
    const both = snapshot(objects(...shop, catalog, ...orders('v1', 'v2')))
    const [message, ...hints] = refusal(() => weight(both, 'v2'))
    assert.match(message!, /2 Services in namespace shop match: catalog, orders/)
    assert.equal(hints.filter(hint => hint.includes('kubectl canary weight')).length, 2)
  })
})

describe('a stable version that nothing tells', () => {
  it('is to be chosen among all versions where none receives traffic', () => {
    const dead = route(
      'shop/catalog',
      `{hosts: [catalog], http: [{route: [{destination: {host: orders}}]}, ${to('v2')}]}`,
    )
    const view = snapshot(objects(...shop, ...orders('v1'), dead))
    const [message, ...hints] = refusal(() => weight(view, 'v2', 'catalog'))
    assert.match(message!, /no version receives traffic/)
    assert.deepEqual(hints, [
      'Choose one:',
      '  kubectl canary weight v2=10 --stable v1',
      '  kubectl canary weight v2=10 --stable v2',
    ])
  })
})

describe('the stable version of two that share requests', () => {
  const shared = (v1: number, v2: number, uri = ''): string =>
    `{${uri === '' ? '' : `match: [{uri: {prefix: ${uri}}}], `}route: [${[
      ['v1', v1],
      ['v2', v2],
    ]
      .map(([name, share]) => `{destination: {host: catalog, subset: ${name}}, weight: ${share}}`)
      .join(', ')}]}`
  const stableOf = (...http: readonly string[]): string | undefined => {
    const view = snapshot(
      objects(...shop, route('shop/catalog', `{hosts: [catalog], http: [${http.join(', ')}]}`)),
    )
    const [{ after }] = weight(view, 'v2', 'catalog').changes as [Plan['changes'][number]]
    return after!.metadata.annotations?.['kubectl-canary/stable']
  }

  it('is the other one than the canary where it has the larger share on every route', () => {
    assert.equal(stableOf(shared(70, 30)), 'v1')
    assert.equal(stableOf(shared(70, 30, '/items'), shared(60, 40)), 'v1')
  })
  it('is not told by a route that answers nobody', () => {
    const broken = '{match: [{uri: {prefix: /old}}], route: [{destination: {host: catalog, subset: v9}}]}'
    assert.equal(stableOf(broken, shared(70, 30)), 'v1')
  })
  it('is not known where it has the smaller or the same share on one route', () => {
    for (const http of [
      [shared(50, 50)],
      [shared(30, 70)],
      [shared(70, 30, '/items'), shared(40, 60)],
      [shared(40, 60, '/items'), shared(70, 30)],
    ])
      assert.match(refusal(() => stableOf(...http))[0]!, /v1 and v2 both receive traffic; pass --stable/)
  })
})
