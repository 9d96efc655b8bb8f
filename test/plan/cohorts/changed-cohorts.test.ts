import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { cohortsIn } from '../../../shared/routing/record/record.ts'
import { createdFor } from '../../../shared/providers/istio/read/record/record.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const start = (...routes: readonly string[]): ClusterView => snapshot(objects(...shop, ...routes))
const set = (
  view: ClusterView,
  name = 'internal',
  { version = 'v2', conditions = [] as readonly Condition[] } = {},
): ClusterView => apply(view, planCohort(view, cohortIntent(name, version, { target, conditions })))
const remove = (view: ClusterView, name: string): ClusterView =>
  apply(view, planRemoveCohort(view, { target, name }))
const named = (view: ClusterView, name: string): VirtualService =>
  view.get({ kind: 'VirtualService', namespace: 'shop', name })!
/** The VirtualServices of ours, each with its cohorts. */
const beside = (view: ClusterView): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    view
      .list('VirtualService')
      .filter(object => createdFor(object) !== undefined)
      .map(object => [object.metadata.name, cohortsIn(object, service).map(({ name }) => name)]),
  )
const cohortsOf = (view: ClusterView, name: string): readonly string[] =>
  cohortsIn(named(view, name), service).map(cohort => cohort.name)

const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }

describe('a cohort by header that becomes one by the labels of its callers', () => {
  const gateway = route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
  const mesh = route('shop/inside', `{hosts: [catalog], gateways: [mesh], http: [${to('v1')}]}`)
  it('is over at gateways, where callers have no labels, and stays in the mesh with the new condition alone', () => {
    const before = start(gateway, mesh)
    const during = set(before)
    assert.deepEqual([cohortsOf(during, 'front'), cohortsOf(during, 'inside')], [['internal'], ['internal']])
    const after = set(during, 'internal', { conditions: [fromTill] })
    assert.deepEqual(named(after, 'front'), named(before, 'front'))
    assert.deepEqual(
      named(after, 'inside').spec.http!.map(({ match }) => match),
      [[{ sourceLabels: { app: 'till' } }], undefined],
    )
  })
  it('gives back what was pinned for it at gateways', () => {
    const any = `{hosts: [shop.example.com], gateways: [gw], http: [{route: [{destination: {host: catalog}}]}]}`
    const before = start(route('shop/front', any), mesh)
    const after = set(
      apply(before, planCohort(before, cohortIntent('internal', 'v2', { target, stable: 'v1' }))),
      'internal',
      { conditions: [fromTill] },
    )
    assert.deepEqual(named(after, 'front'), named(before, 'front'))
  })
  it('leaves the other cohorts at gateways as they are', () => {
    const both = set(set(start(gateway, mesh)), 'beta')
    const after = set(both, 'internal', { conditions: [fromTill] })
    assert.deepEqual(
      [cohortsOf(after, 'front'), cohortsOf(after, 'inside')],
      [['beta'], ['internal', 'beta']],
    )
    assert.deepEqual(
      named(remove(remove(after, 'beta'), 'internal'), 'inside'),
      named(start(gateway, mesh), 'inside'),
    )
  })
})

describe('a VirtualService of several cohorts that needs another name', () => {
  const front = route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
  const orders = (name: string): string =>
    route(
      name,
      `{hosts: [shop.example.com], gateways: [gw], http: [{match: [{uri: {prefix: /orders}}], route: [{destination: {host: orders}}]}]}`,
    )
  const two = set(set(start(front, orders('shop/about'))), 'beta')
  const grown = snapshot([...two.list('VirtualService'), ...objects(...shop, orders('shop/zoo'))])
  it('takes all of them along, in their order, and the old one goes', () => {
    assert.deepEqual(beside(two), { 'front-canary': ['internal', 'beta'] })
    for (const name of ['internal', 'beta'])
      assert.deepEqual(beside(set(grown, name)), { 'zoo-canary': ['internal', 'beta'] })
  })
  it('goes with the last of them, wherever they were set last', () => {
    const renamed = set(grown, 'beta')
    const one = remove(renamed, 'internal')
    assert.deepEqual(beside(one), { 'zoo-canary': ['beta'] })
    const none = remove(one, 'beta')
    assert.deepEqual(beside(none), {})
    assert.deepEqual(named(none, 'front'), named(start(front), 'front'))
  })
})
