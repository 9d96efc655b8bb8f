import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { HttpMatch, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { istio, objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const headers = { 'x-istio-cohort': { exact: 'internal' } }
const start = (...routes: readonly string[]): ClusterView => snapshot(objects(...shop, ...routes))
const set = (view: ClusterView): ClusterView =>
  apply(view, planCohort(view, cohortIntent('internal', 'v2', { target })))
const leaf = (name: string, more = ''): string => route(`shop/${name}`, `{${more}http: [${to('v1')}]}`)
/** A VirtualService at a gateway that delegates; the day orders those of one host by age. */
const root = (name: string, http: string, day = 1): string =>
  route(
    `shop/${name}`,
    `{hosts: [shop.example.com], gateways: [gw], http: [${http}]}`,
    `creationTimestamp: "2026-01-0${day}T00:00:00Z"`,
  )
const delegating = (to: string, match = '', more = ''): string =>
  `{${match === '' ? '' : `match: [${match}], `}${more}delegate: {name: ${to}}}`
/** The blocks of the cohort's route in a VirtualService; undefined where it has none. */
const blocksIn = (view: ClusterView, name: string): readonly HttpMatch[] | undefined =>
  view
    .get({ kind: 'VirtualService', namespace: 'shop', name })!
    .spec.http!.find(({ name: called }) => called?.startsWith('canary-'))?.match
const cohortsIn = (view: ClusterView) =>
  readTraffic(view, target)[0]!.entryPoints.flatMap(({ ref, cohorts }) =>
    cohorts.map(({ name, reached }) => [ref.name, name, reached]),
  )

describe('a cohort on a delegate asks what its roots demand', () => {
  it('of the case of paths', () => {
    const blocks = (match: string) =>
      blocksIn(set(start(leaf('leaf'), root('root', delegating('leaf', match)))), 'leaf')
    assert.deepEqual(blocks('{uri: {prefix: /a}}'), [{ headers }])
    assert.deepEqual(blocks('{uri: {prefix: /a}, ignoreUriCase: true}'), [{ ignoreUriCase: true, headers }])
  })
  it('of the namespace of callers, so that the mesh carries it out', () => {
    const match = '{sourceNamespace: web}'
    const mesh = route('shop/root', `{hosts: [catalog], http: [${delegating('leaf', match)}]}`)
    const view = set(start(leaf('leaf'), mesh))
    assert.deepEqual(blocksIn(view, 'leaf'), [{ sourceNamespace: 'web', headers }])
    assert.deepEqual(cohortsIn(view), [['leaf', 'internal', true]])
  })
  it('once for several that demand the same, and for each that demands something else', () => {
    const asks = (path: string, more = '') => `{uri: {prefix: ${path}}${more}}`
    const two = (one: string, other: string) =>
      root('root', `${delegating('leaf', one)}, ${delegating('leaf', other)}`)
    const ignoring = ', ignoreUriCase: true'
    assert.deepEqual(
      blocksIn(set(start(leaf('leaf'), two(asks('/a', ignoring), asks('/b', ignoring)))), 'leaf'),
      [{ ignoreUriCase: true, headers }],
    )
    const [web, edge] = ['{sourceNamespace: web}', '{sourceNamespace: edge}'] as const
    const mesh = (http: string) => route('shop/root', `{hosts: [catalog], http: [${http}]}`)
    assert.deepEqual(
      blocksIn(set(start(leaf('leaf'), mesh(delegating('leaf', `${web}, ${edge}`)))), 'leaf'),
      ['web', 'edge'].map(sourceNamespace => ({ sourceNamespace, headers })),
    )
    // Istio drops a route of which one block fits into no block of the root.
    const apart = start(leaf('leaf'), mesh(`${delegating('leaf', web)}, ${delegating('leaf', edge)}`))
    assert.throws(() => set(apart), /Istio would drop its route for VirtualService shop\/leaf/)
  })
  it('and not what they demand of another delegate', () => {
    const both = root(
      'root',
      `${delegating('other', '{uri: {prefix: /a}, ignoreUriCase: true}')}, ${delegating('leaf', '{uri: {prefix: /b}}')}`,
    )
    const view = set(start(leaf('leaf'), leaf('other'), both))
    assert.deepEqual(blocksIn(view, 'leaf'), [{ headers }])
    assert.deepEqual(blocksIn(view, 'other'), [{ ignoreUriCase: true, headers }])
  })
  it('and nothing for a VirtualService that has hosts of its own, to which nobody can delegate', () => {
    const own = leaf('own', 'hosts: [catalog], ')
    const asking = root('root', delegating('own', '{uri: {prefix: /a}, ignoreUriCase: true}'))
    assert.deepEqual(blocksIn(set(start(own, asking)), 'own'), [{ headers }])
  })
})

describe('a cohort on a delegate', () => {
  it('gets no copy where its root lets no request of the cohort through', () => {
    const mesh = route(
      'shop/root',
      '{hosts: [catalog], http: [{match: [{headers: {x-istio-cohort: {exact: other}}}], delegate: {name: shut}}, {delegate: {name: open}}]}',
    )
    const view = set(start(mesh, leaf('shut'), leaf('open')))
    const copies = (name: string): number =>
      view.get({ kind: 'VirtualService', namespace: 'shop', name })!.spec.http!.length - 1
    assert.deepEqual([copies('shut'), copies('open')], [0, 1])
    const { entryPoints } = readTraffic(view, target)[0]!
    assert.deepEqual(
      entryPoints.map(({ ref, cohorts }) => [ref.name, cohorts.length]),
      [
        ['open', 1],
        ['shut', 0],
      ],
    )
  })
})

describe('a cohort on a delegate to which its root lets callers with labels', () => {
  it('has no copy that names the mesh, as Istio would not ask for the labels then', () => {
    const front = (name: string): string =>
      route(
        `shop/${name}`,
        `{hosts: [shop.example.com, catalog], gateways: [gw, mesh], http: [{match: [{sourceLabels: {app: till}}], delegate: {name: leaf}}, {route: [{destination: {host: orders}}]}]}`,
        'creationTimestamp: "2026-01-01T00:00:00Z"',
      )
    assert.deepEqual(blocksIn(set(start(leaf('leaf'), front('front'))), 'leaf'), [{ headers }])
  })
})

describe('a cohort on a delegate whose route Istio would drop', () => {
  const mesh = route(
    'shop/root',
    `{hosts: [catalog], http: [${delegating('leaf', '{headers: {x-team: {regex: a|b}}}')}]}`,
  )
  const header: Condition = { on: 'header', name: 'x-team', match: { exact: 'b' } }
  const label: Condition = { on: 'source-label', name: 'app', value: 'till' }
  for (const [title, conditions] of [
    ['a header', [header]],
    ['a header and the labels of callers', [header, label]],
  ] as const)
    it(`is refused where it is by ${title}`, () => {
      const view = start(leaf('leaf'), mesh)
      assert.throws(
        () => planCohort(view, cohortIntent('internal', 'v2', { target, conditions })),
        /Istio would drop its route for VirtualService shop\/leaf/,
      )
    })
})

const gateway = istio('Gateway', 'shop/gw', {
  spec: '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
})

const toOrders = '{match: [{uri: {prefix: /orders}}], route: [{destination: {host: orders}}]}'
const shared = (more = ''): ClusterView =>
  start(gateway, leaf('leaf'), root('front', delegating('leaf', '', more)), root('orders', toOrders, 2))
const beside = (view: ClusterView): VirtualService | undefined =>
  view.get({ kind: 'VirtualService', namespace: 'shop', name: 'orders-canary' })

describe('a cohort on a delegate that takes everything at a gateway', () => {
  it('has its routes in a VirtualService of the gateways of its root where it would overtake another one', () => {
    const view = set(shared('timeout: 5s, '))
    const { spec } = beside(view)!
    assert.deepEqual(
      { hosts: spec.hosts, gateways: spec.gateways },
      { hosts: ['shop.example.com'], gateways: ['gw'] },
    )
    assert.deepEqual(
      spec.http!.map(({ match, route: to, ...rest }) => ({ match, to: to![0]!.destination, ...rest })),
      [
        {
          name: 'canary-catalog-internal-1',
          match: [{ headers }],
          to: { host: 'catalog.shop.svc.cluster.local', subset: 'v2' },
          timeout: '5s',
        },
      ],
    )
    assert.deepEqual(blocksIn(view, 'leaf'), undefined)
    const { entryPoints, notes } = readTraffic(view, target)[0]!
    assert.deepEqual(
      entryPoints.map(({ ref, cohorts }) => [
        ref.name,
        cohorts.map(({ name, reached, uncovered }) => [name, reached, uncovered]),
      ]),
      [['leaf', [['internal', true, []]]]],
    )
    assert.deepEqual(
      notes.filter(({ kind }) => kind === 'cohort-lacks-routes'),
      [],
    )
  })
})

describe('the routes of a cohort on a delegate in a VirtualService beside its root', () => {
  it('are as they were when it is set again, and go when it is removed', () => {
    const first = shared()
    const view = set(first)
    assert.deepEqual(planCohort(view, cohortIntent('internal', 'v2', { target })).changes, [])
    const left = apply(view, planRemoveCohort(view, { target, name: 'internal' }))
    assert.deepEqual(left.list('VirtualService'), first.list('VirtualService'))
  })
  it('go where its root delegates to it no longer', () => {
    const view = set(shared())
    const moved = snapshot([
      ...view.list('VirtualService').filter(({ metadata }) => metadata.name !== 'front'),
      ...objects(...shop, gateway, root('other', delegating('leaf'))),
    ])
    const again = set(moved)
    assert.deepEqual(beside(again), undefined)
    assert.deepEqual(
      again.list('VirtualService').filter(({ metadata }) => metadata.name.endsWith('-canary')).length,
      1,
    )
  })
})

describe('a cohort on a delegate of several roots at a gateway', () => {
  const refused = (routes: readonly string[], why: RegExp) =>
    assert.throws(() => set(start(gateway, ...routes)), why)
  it('is refused where it would take requests from what another root makes of it', () => {
    const roots = (more: string): readonly string[] => [
      leaf('leaf'),
      root('front', delegating('leaf')),
      root('slow', delegating('leaf', '{uri: {prefix: /slow}}', more), 2),
    ]
    assert.deepEqual(blocksIn(set(start(gateway, ...roots(''))), 'leaf'), [{ headers }])
    refused(roots('timeout: 60s, '), /would take requests from VirtualService shop\/leaf/)
    refused(roots('rewrite: {uri: /}, '), /would take requests from VirtualService shop\/leaf/)
  })
})

describe('a cohort of callers on a delegate whose root names gateways', () => {
  it('is refused, because Istio does not ask there who calls', () => {
    const mesh = route(
      'shop/root',
      `{hosts: [catalog], http: [${delegating('leaf', '{uri: {prefix: /a}, gateways: [mesh]}')}]}`,
    )
    const conditions = [{ on: 'source-label', name: 'app', value: 'web' } as const]
    assert.throws(
      () => planCohort(start(leaf('leaf'), mesh), cohortIntent('internal', 'v2', { target, conditions })),
      (error: unknown) =>
        error instanceof CanaryError
        && error.code === 'refused'
        && /^cohort internal cannot be placed: .* shop\/leaf .*callers who are not in it$/.test(
          error.message,
        ),
    )
    assert.deepEqual(blocksIn(set(start(leaf('leaf'), mesh)), 'leaf'), [{ headers }])
  })
})
