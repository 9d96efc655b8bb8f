import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { service } from '../../providers/istio/resolve/written-objects.ts'
import { peopleAfter } from '../people-after.ts'
import {
  apex,
  atGateway,
  deployment,
  http,
  inMesh,
  orders,
  routes,
  routesIn,
  shop,
  to,
  v1,
  v2,
  v3,
  version,
  viewOf,
} from './shop.ts'

const target = { namespace: 'shop', command: 'weight', live: true }
const weight = (view: ClusterView, shares: Record<string, number>, more: object = {}): Plan =>
  planWeight(view, { target, weights: new Map(Object.entries(shares)), force: false, ...more })
const cohort = (view: ClusterView, version = 'v2', more: object = {}): Plan =>
  planCohort(view, {
    target,
    name: 'internal',
    to: version,
    conditions: [],
    since: '2026-01-01T00:00:00Z',
    force: false,
    ...more,
  })
const after = (view: ClusterView, plan: Plan): ClusterView => overlay(view, plan.changes)
const split = (view: ClusterView, shares: Record<string, number>, name?: string): readonly string[] =>
  routesIn(after(view, weight(view, shares)), name)
const error = (run: () => unknown): CanaryError => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof CanaryError) return thrown
    throw thrown
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' })
}

describe('weight on Services that are versions', () => {
  it('sets the weights of their destinations, whichever of their names is said', () => {
    const view = viewOf(shop)
    assert.deepEqual(split(view, { v2: 30 }), ['catalog-v1=70 catalog-v2=30'])
    assert.deepEqual(split(view, { 'catalog-v2': 30 }), ['catalog-v1=70 catalog-v2=30'])
    for (const named of ['catalog', 'catalog-v1', 'catalog-v2', 'catalog-v2.shop', 'svc/catalog'])
      assert.deepEqual(peopleAfter(weight(view, { v2: 30 }, { target: { ...target, service: named } })), [
        'catalog: everyone → v1 70 %, v2 30 %',
      ])
  })
  it('adds the Service of a version that is not in the route, as the others are written', () => {
    assert.deepEqual(split(viewOf(apex, v1, v2, inMesh('catalog-v1')), { v2: 10 }), [
      'catalog-v1=90 catalog-v2=10',
    ])
    const three = viewOf(shop, v3)
    assert.deepEqual(routesIn(after(three, weight(three, { v3: 5 }, { stable: 'v1' }))), [
      'catalog-v1=95 catalog-v3=5',
    ])
    const full = 'catalog-v1.shop.svc.cluster.local'
    assert.deepEqual(split(viewOf(v1, v2, atGateway(full)), { v2: 10 }, 'front'), [
      `${full}=90 catalog-v2.shop.svc.cluster.local=10`,
    ])
  })
})

describe('the port of a Service that is a version', () => {
  it('is written where that of the other Service has another number', () => {
    const other = version('catalog-v2', 'app: catalog, version: v2', 'ports: [{name: http, port: 8080}]')
    const many = version(
      'catalog-v2',
      'app: catalog, version: v2',
      'ports: [{name: grpc, port: 80}, {name: http, port: 8080}]',
    )
    const view = (second: string, route: string): ClusterView =>
      viewOf(
        apex,
        v1,
        second,
        routes(
          'shop/catalog',
          `{hosts: [catalog], http: [{route: [{destination: {host: catalog-v1${route}}}]}]}`,
        ),
      )
    assert.deepEqual(split(view(other, ''), { v2: 10 }), ['catalog-v1=90 catalog-v2:8080=10'])
    assert.deepEqual(split(view(other, ', port: {number: 80}'), { v2: 10 }), [
      'catalog-v1:80=90 catalog-v2:8080=10',
    ])
    assert.deepEqual(split(view(many, ''), { v2: 10 }), ['catalog-v1=90 catalog-v2:80=10'])
    assert.deepEqual(split(view(v2, ', port: {number: 80}'), { v2: 10 }), [
      'catalog-v1:80=90 catalog-v2:80=10',
    ])
  })
  it('stays where the destinations have one', () => {
    const route =
      '{hosts: [catalog], http: [{route: [{destination: {host: catalog-v1, port: {number: 80}}, weight: 90}, {destination: {host: catalog-v2, port: {number: 8080}}, weight: 10}]}]}'
    assert.deepEqual(split(viewOf(apex, v1, v2, routes('shop/catalog', route)), { v2: 50 }), [
      'catalog-v1:80=50 catalog-v2:8080=50',
    ])
  })
})

describe('weight on routes of Services that are versions', () => {
  it('reaches every route: in the mesh, at gateways, of delegates and of tcp', () => {
    const view = viewOf(
      shop,
      atGateway('catalog-v1'),
      routes(
        'web/root',
        '{hosts: [root.example.com], gateways: [istio-system/public], http: [{match: [{uri: {prefix: /c}}], delegate: {name: leaf, namespace: shop}}]}',
      ),
      routes('shop/leaf', `{http: [{${to('catalog-v1')}}]}`),
      routes(
        'shop/raw',
        `{hosts: [raw.example.com], gateways: [istio-system/public], tcp: [{${to('catalog-v1')}}]}`,
      ),
    )
    const later = after(view, weight(view, { v2: 20 }))
    for (const name of ['catalog', 'front', 'leaf', 'raw'])
      assert.deepEqual(routesIn(later, name), ['catalog-v1=80 catalog-v2=20'], name)
  })
  it('leaves routes to other Services as they are', () => {
    const view = viewOf(
      shop,
      orders,
      routes(
        'shop/front',
        `{hosts: [shop.example.com], gateways: [istio-system/public], http: [{match: [{uri: {prefix: /orders}}], ${to('orders')}}, {${to('catalog-v1')}}]}`,
      ),
    )
    assert.deepEqual(split(view, { v2: 20 }, 'front'), ['orders', 'catalog-v1=80 catalog-v2=20'])
  })
})

describe('weight between a subset and a Service', () => {
  it('sets both, and defines no subset for the other one', () => {
    const route = '{hosts: [catalog], http: [{route: [{destination: {host: catalog, subset: v1}}]}]}'
    const rule =
      '---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: catalog, namespace: shop}\nspec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}]}\n'
    const zero = route
      .replace(']}]}', ', {destination: {host: catalog-v2}, weight: 0}]}]}')
      .replace('v1}}', 'v1}, weight: 100}')
    const view = viewOf(
      apex,
      v2,
      deployment('c1', 'app: catalog, version: v1'),
      rule,
      routes('shop/catalog', zero),
    )
    assert.deepEqual(split(view, { v2: 10 }), ['catalog:v1=90 catalog-v2=10'])
    assert.deepEqual(
      weight(view, { v2: 10 }).changes.map(({ after: object }) => object!.kind),
      ['VirtualService'],
    )
  })
})

describe('weight on a Service that may be a version is refused', () => {
  it('where it has no ready pod, by its name', () => {
    const idle = service('catalog-v2', `selector: {app: catalog, version: v2}, ${http}`)
    const none = error(() => weight(viewOf(apex, v1, idle, inMesh('catalog-v1')), { v2: 10 }))
    assert.match(none.message, /no pods are behind the Service catalog-v2/)
    const unready = idle + deployment('c2', 'app: catalog, version: v2', 0)
    assert.match(
      error(() => weight(viewOf(apex, v1, unready, inMesh('catalog-v1')), { v2: 10 })).message,
      /Deployment c2 0\/1 ready/,
    )
  })
  it('where nothing links it to the others, with what to write', () => {
    const blue = version('blue', 'app: blue')
    const stranger = error(() =>
      weight(viewOf(shop, blue), { blue: 10 }, { target: { ...target, service: 'catalog' } }),
    )
    assert.equal(stranger.code, 'not-found')
    assert.match(
      stranger.hints.join('\n'),
      /whether the Service blue is a version of catalog\.\n.*\n.*VirtualService shop\/catalog: the destination \{destination: \{host: blue\}, weight: 0\}/,
    )
    const missing = error(() =>
      weight(viewOf(shop), { v3: 10 }, { target: { ...target, service: 'catalog' } }),
    )
    assert.match(missing.hints.join('\n'), /create the Service catalog-v3 beside catalog-v1/)
  })
  it('on routes that an Argo Rollout shifts, with its own command', () => {
    const rollout =
      '---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: catalog, namespace: shop}\nspec: {strategy: {canary: {stableService: catalog-v1, canaryService: catalog-v2, trafficRouting: {istio: {virtualService: {name: catalog}}}}}}\n'
    const owned = error(() => weight(viewOf(shop, rollout), { v2: 10 }))
    assert.deepEqual([owned.code, owned.owner], ['refused', 'Rollout shop/catalog'])
    const basic = rollout.replace(/, trafficRouting: .*\}\}\}\}\}\}/, '}}}}')
    assert.deepEqual(split(viewOf(shop, basic), { v2: 50 }), ['catalog-v1=50 catalog-v2=50'])
  })
})

describe('a cohort of a version that is a Service', () => {
  const conditioned = (view: ClusterView, name?: string) => routesIn(after(view, cohort(view)), name)
  it('has a copy of each base route that leads to it alone', () => {
    assert.deepEqual(conditioned(viewOf(shop)), ['catalog-v2', 'catalog-v1=90 catalog-v2=10'])
    const view = viewOf(
      shop,
      orders,
      routes(
        'shop/front',
        `{hosts: [shop.example.com], gateways: [istio-system/public], http: [{match: [{uri: {prefix: /orders}}], ${to('orders')}}, {match: [{uri: {prefix: /c}}], ${to('catalog-v1')}}, {${to('catalog-v1')}}]}`,
      ),
    )
    assert.deepEqual(conditioned(view, 'front'), [
      'orders',
      'catalog-v2',
      'catalog-v1',
      'catalog-v2',
      'catalog-v1',
    ])
  })
  it('has the port of that Service', () => {
    const other = version('catalog-v2', 'app: catalog, version: v2', 'ports: [{name: http, port: 8080}]')
    assert.deepEqual(conditioned(viewOf(apex, v1, other, inMesh('catalog-v1'))), [
      'catalog-v2:8080',
      'catalog-v1',
    ])
  })
})

describe('the routes of a cohort of a version that is a Service', () => {
  it('go without a trace, and end with the canary', () => {
    const view = viewOf(shop)
    const on = after(view, cohort(view))
    const off = after(on, planRemoveCohort(on, { target, name: 'internal' }))
    assert.deepEqual(off.list('VirtualService'), view.list('VirtualService'))
    const promoted = planPromote(on, { target, version: 'v2', force: true })
    assert.deepEqual(routesIn(after(on, promoted)), ['catalog-v2'])
    const aborted = planAbort(on, { target })
    assert.deepEqual(routesIn(after(on, aborted)), ['catalog-v1'])
    for (const plan of [promoted, aborted])
      assert.equal(after(on, plan).list('VirtualService')[0]!.metadata.annotations, undefined)
  })
  it('are refused before a route whose conditions clash', () => {
    const view = viewOf(
      apex,
      v1,
      v2,
      routes(
        'shop/catalog',
        `{hosts: [catalog], http: [{match: [{headers: {x-istio-cohort: {exact: other}}}], ${to('catalog-v1')}}, {${to('catalog-v1=90', 'catalog-v2=10')}}]}`,
      ),
    )
    assert.deepEqual(routesIn(after(view, cohort(view))), [
      'catalog-v1',
      'catalog-v2',
      'catalog-v1=90 catalog-v2=10',
    ])
    const prefix = viewOf(
      apex,
      v1,
      v2,
      routes(
        'shop/catalog',
        `{hosts: [catalog], http: [{match: [{headers: {x-istio-cohort: {prefix: in}}}], ${to('catalog-v1')}}, {${to('catalog-v1=90', 'catalog-v2=10')}}]}`,
      ),
    )
    assert.match(error(() => cohort(prefix)).message, /already tests the header x-istio-cohort otherwise/)
  })
})

describe('the end of a canary', () => {
  const mirrored = routes(
    'shop/catalog',
    `{hosts: [catalog], http: [{mirror: {host: catalog-v2}, mirrors: [{destination: {host: orders}}], ${to('catalog-v1=90', 'catalog-v2=10')}}]}`,
  )
  it('takes the mirrors along that lead to the version, and no others', () => {
    const view = viewOf(apex, v1, v2, orders, mirrored)
    assert.deepEqual(routesIn(after(view, planPromote(view, { target, version: 'v2', force: true }))), [
      'catalog-v2 +orders',
    ])
    const started = after(view, weight(view, { v2: 10 }))
    assert.deepEqual(routesIn(after(started, planAbort(started, { target }))), ['catalog-v1 +orders'])
  })
  it('can begin anew in either direction while names and labels tell the versions', () => {
    const view = viewOf(shop)
    const promoted = after(view, planPromote(view, { target, version: 'v2', force: true }))
    const again = after(promoted, weight(promoted, { v1: 20 }))
    assert.deepEqual(routesIn(again), ['catalog-v2=80 catalog-v1=20'])
    assert.equal(again.list('VirtualService')[0]!.metadata.annotations?.['kubectl-canary/stable'], 'v2')
  })
})
