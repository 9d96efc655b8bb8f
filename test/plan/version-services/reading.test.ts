import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { istioReader } from '../../../shared/providers/istio/reader.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { istio, service } from '../../providers/istio/resolve/written-objects.ts'
import {
  apex,
  atGateway,
  deployment,
  http,
  inMesh,
  meant,
  orders,
  routes,
  routesIn,
  shop,
  to,
  trafficOf,
  v1,
  v2,
  v3,
  version,
  versionsOf,
  viewOf,
} from './shop.ts'

const services = (view: ClusterView): string =>
  istioReader
    .services(view, 'shop')
    .map(({ name, hosts }) => (hosts === undefined ? name : `${name}+`))
    .join(' ')
const routed = (view: ClusterView): string =>
  istioReader
    .routedServices(view, 'shop', { complete: true })
    .map(({ name }) => name)
    .join(' ')

describe('Services that share the requests of a route are the versions of one service', () => {
  it('which is that of the host that the route is for', () => {
    const view = viewOf(shop, orders)
    assert.equal(versionsOf(view), 'v1 catalog-v1, v2 catalog-v2')
    assert.equal(services(view), 'catalog+ orders')
    assert.equal(routed(view), 'catalog')
    const [{ splits }] = trafficOf(view).entryPoints as [ReturnType<typeof trafficOf>['entryPoints'][number]]
    assert.deepEqual(
      splits[0]!.shares.map(({ version: name, percent }) => `${name} ${percent}`),
      ['v1 90', 'v2 10'],
    )
  })
  it('also where there is no such Service, as at a gateway', () => {
    for (const name of ['catalog', 'catalog-v1', 'catalog-v2', 'front', 'shop'])
      assert.equal(
        meant(viewOf(v1, v2, atGateway('catalog-v1=90', 'catalog-v2=10')), name).name,
        'catalog',
        name,
      )
  })
  it('by the name of the VirtualService where their names have nothing in common', () => {
    const blueGreen = version('blue', 'app: shop, color: blue') + version('green', 'app: shop, color: green')
    const view = viewOf(blueGreen, atGateway('blue=100', 'green=0'))
    assert.equal(versionsOf(view, 'front'), 'blue blue, green green')
    assert.equal(meant(view, 'green').name, 'front')
    assert.equal(services(view), 'front+')
  })
  it('by their whole hosts, and in other namespaces', () => {
    const next = version('catalog-v2', 'app: catalog, version: v2').replaceAll(
      'namespace: shop',
      'namespace: next',
    )
    const view = viewOf(
      apex + v1 + next,
      inMesh('catalog-v1.shop.svc.cluster.local=90', 'catalog-v2.next.svc.cluster.local=10'),
    )
    assert.equal(versionsOf(view), 'v1 catalog-v1, v2 catalog-v2.next')
  })
})

describe('Services that share the requests of a route are no versions', () => {
  it('where one has versions of its own and their names have nothing in common', () => {
    const both = deployment('v1', 'app: catalog, version: v1') + deployment('v2', 'app: catalog, version: v2')
    const whole = service('catalog', `selector: {app: catalog}, ${http}`) + both
    const old = version('monolith', 'app: monolith') + deployment('old', 'app: monolith, version: v1')
    const view = viewOf(whole, old, atGateway('monolith=50', 'catalog=50'))
    assert.equal(services(view), 'catalog monolith')
    assert.deepEqual(
      trafficOf(view).versions.map(({ name, host }) => [name, host]),
      [
        ['v1', undefined],
        ['v2', undefined],
      ],
    )
    const next = version('catalog-next', 'app: catalog-next')
    const single = viewOf(v1, v2, old, atGateway('monolith=50', 'catalog-v1=50'))
    assert.equal(services(single), 'catalog+ monolith')
    assert.equal(versionsOf(single), 'v1 catalog-v1, v2 catalog-v2')
    assert.equal(services(viewOf(whole, next, atGateway('catalog=50', 'catalog-next=50'))), 'front+')
  })
})

describe('Services that share the requests of several routes are the versions of one service', () => {
  it('where a VirtualService delegates to theirs', () => {
    const root = routes(
      'web/root',
      '{hosts: [shop.example.com], gateways: [istio-system/public], http: [{delegate: {name: leaf, namespace: shop}}]}',
    )
    const leaf = routes('shop/leaf', `{http: [{${to('catalog-v1=90', 'catalog-v2=10')}}]}`)
    const view = viewOf(v1, v2, root, leaf)
    assert.equal(versionsOf(view), 'v1 catalog-v1, v2 catalog-v2')
    assert.deepEqual(trafficOf(view).entryPoints[0]!.hosts, ['shop.example.com'])
  })
  it('by all VirtualServices that lead to one of them', () => {
    const view = viewOf(shop, v3, atGateway('catalog-v2=50', 'catalog-v3=50'))
    assert.equal(versionsOf(view), 'v1 catalog-v1, v2 catalog-v2, v3 catalog-v3')
    assert.equal(trafficOf(view).entryPoints.length, 2)
  })
  it('of tcp routes, too', () => {
    const tcp = routes('shop/catalog', `{hosts: [catalog], tcp: [{${to('catalog-v1=90', 'catalog-v2=10')}}]}`)
    assert.equal(versionsOf(viewOf(apex + v1 + v2, tcp)), 'v1 catalog-v1, v2 catalog-v2')
  })
})

describe('a version that is a Service is called', () => {
  const split = inMesh('catalog-a=50', 'catalog-b=50')
  const both = (a: string, b: string): string => versionsOf(viewOf(apex, a, b, split))
  it('by the version that its selector says', () => {
    const [a, b] = [version('catalog-a', 'app: a, version: v7'), version('catalog-b', 'app: b, version: v8')]
    assert.equal(both(a, b), 'v7 catalog-a, v8 catalog-b')
  })
  it('by the version of all its pods', () => {
    const [a, b] = [service('catalog-a', `selector: {app: a}, ${http}`), version('catalog-b', 'app: b')]
    assert.equal(both(a + deployment('a', 'app: a, version: v7'), b), 'catalog-b catalog-b, v7 catalog-a')
    const more = deployment('a', 'app: a, version: v7') + deployment('a8', 'app: a, version: v8')
    assert.equal(both(a + more, b), 'catalog-a catalog-a, catalog-b catalog-b')
  })
  it('by its own version label', () => {
    const labelled = (name: string, said: string): string =>
      version(name, `app: ${name}`).replace(
        `{ name: ${name}, namespace: shop }`,
        `{ name: ${name}, namespace: shop, labels: {version: ${said}} }`,
      )
    assert.equal(both(labelled('catalog-a', 'v7'), labelled('catalog-b', 'v8')), 'v7 catalog-a, v8 catalog-b')
    assert.equal(
      both(labelled('catalog-a', 'v7'), labelled('catalog-b', 'v7')),
      'catalog-a catalog-a, catalog-b catalog-b',
    )
  })
})

describe('a Service that a route leads to alone is a version', () => {
  it('of the Service before it that selects its pods, or whose host the route is for', () => {
    assert.equal(versionsOf(viewOf(apex, v1, inMesh('catalog-v1'))), 'v1 catalog-v1')
    assert.equal(versionsOf(viewOf(v1, inMesh('catalog-v1'))), 'v1 catalog-v1')
  })
  it('beside those that differ from it in the version only', () => {
    assert.equal(versionsOf(viewOf(v1, v2, atGateway('catalog-v1'))), 'v1 catalog-v1, v2 catalog-v2')
    const tracks = ['stable', 'canary'].map(track =>
      version(`shop-${track}`, `app: shop, track: ${track}, version: ${track}`),
    )
    assert.equal(
      versionsOf(viewOf(...tracks, atGateway('shop-stable')), 'shop'),
      'canary shop-canary, stable shop-stable',
    )
  })
  it('and not beside others of the application, or of another one', () => {
    const parts = ['api', 'worker'].map(part => version(`orders-${part}`, `app: orders, component: ${part}`))
    assert.equal(services(viewOf(...parts, atGateway('orders-api'))), 'orders-api orders-worker')
    const other = version('catalog-v2', 'app: other, version: v2')
    assert.equal(services(viewOf(v1, other, atGateway('catalog-v1'))), 'catalog-v1 catalog-v2')
    const apart = version('web-v1', 'app: web-v1') + version('web-v2', 'app: web-v2')
    assert.equal(services(viewOf(apart, atGateway('web-v1'))), 'web-v1 web-v2')
  })
  it('and not where the application is routed by subsets, or as a whole', () => {
    const rule = istio(
      'DestinationRule',
      'shop/catalog',
      '{host: catalog, subsets: [{name: v1, labels: {version: v1}}]}',
    )
    const preview = routes(
      'shop/preview',
      `{hosts: [v2.example.com], gateways: [istio-system/public], http: [{${to('catalog-v2')}}]}`,
    )
    const subsets = viewOf(
      apex,
      v1,
      v2,
      rule,
      preview,
      inMesh('catalog').replace('host: catalog}', 'host: catalog, subset: v1}'),
    )
    assert.equal(services(subsets), 'catalog catalog-v1 catalog-v2')
    assert.equal(services(viewOf(apex, v1, v2, preview, inMesh('catalog'))), 'catalog catalog-v1 catalog-v2')
  })
})

describe('the Service that a route is for', () => {
  const canary = version('catalog-canary', 'app: catalog-canary')
  it('is a version where it has pods of its own', () => {
    const view = viewOf(version('catalog', 'app: catalog'), canary, inMesh('catalog=90', 'catalog-canary=10'))
    assert.equal(versionsOf(view), 'catalog catalog, catalog-canary catalog-canary')
    assert.deepEqual(routesIn(view), ['catalog=90 catalog-canary=10'])
    const promoted = viewOf(version('catalog', 'app: catalog'), canary, inMesh('catalog-canary'))
    assert.equal(versionsOf(promoted), 'catalog catalog, catalog-canary catalog-canary')
  })
  it('is none where its pods are those of a version', () => {
    const primary = version('catalog-primary', 'app: catalog-primary')
    const front = service('catalog', `selector: {app: catalog-primary}, ${http}`)
    assert.equal(
      versionsOf(viewOf(front, primary, canary, inMesh('catalog-primary=90', 'catalog-canary=10'))),
      'catalog-canary catalog-canary, catalog-primary catalog-primary',
    )
  })
})

describe('the Services of an Argo Rollout', () => {
  const rollout = (more = ''): string =>
    `---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: catalog, namespace: shop}\n`
    + `spec: {selector: {matchLabels: {app: catalog}}, template: {metadata: {labels: {app: catalog}}}, strategy: {canary: {stableService: catalog-stable, canaryService: catalog-canary${more}}}}\n`
  const services = ['stable', 'canary']
    .map(part => service(`catalog-${part}`, `selector: {app: catalog}, ${http}`))
    .join('')
  it('are the versions, also before the canary is in the route', () => {
    for (const shares of [['catalog-stable'], ['catalog-stable=100', 'catalog-canary=0']])
      assert.equal(
        versionsOf(viewOf(services, rollout(), atGateway(...shares))),
        'catalog-canary catalog-canary, catalog-stable catalog-stable',
      )
  })
})

describe('mirrors to the Service of a version', () => {
  it('are shown by the version', () => {
    const copies = routes(
      'shop/catalog',
      `{hosts: [catalog], http: [{mirror: {host: catalog-v2}, mirrorPercentage: {value: 25}, ${to('catalog-v1')}}]}`,
    )
    assert.deepEqual(trafficOf(viewOf(apex, v1, v2, copies)).entryPoints[0]!.mirrors, [
      { version: 'v2', percent: 25, byHand: true },
    ])
  })
})

describe('a route of one version for its own callers', () => {
  it('is no route of the service', () => {
    const own = routes('shop/own', `{hosts: [catalog-v1], http: [{timeout: 3s, ${to('catalog-v1')}}]}`)
    assert.equal(trafficOf(viewOf(shop, own)).entryPoints.length, 1)
    assert.equal(services(viewOf(v1, v2, own)), 'catalog-v1 catalog-v2')
  })
})

describe('a Service that is divided into subsets', () => {
  const rule = istio(
    'DestinationRule',
    'shop/catalog',
    '{host: catalog, subsets: [{name: one, labels: {version: v1}}]}',
  )
  const mixed = (other: string): string =>
    inMesh('catalog=90', `${other}=10`).replace('host: catalog}', 'host: catalog, subset: one}')
  it('has versions beside it that are named for it', () => {
    const view = viewOf(apex, v2, deployment('c1', 'app: catalog, version: v1'), rule, mixed('catalog-v2'))
    assert.equal(versionsOf(view), 'v1 one, v2 catalog-v2')
  })
  it('has no others', () => {
    const view = viewOf(apex, orders, deployment('c1', 'app: catalog, version: v1'), rule, mixed('orders'))
    assert.equal(services(view), 'catalog orders')
  })
})
