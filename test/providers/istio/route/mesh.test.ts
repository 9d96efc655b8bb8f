import assert from 'node:assert/strict'
import { it } from 'node:test'
import { route } from '../../../../shared/providers/istio/route/route.ts'
import { re2, requestTo, workload } from '../../../routing/requests.ts'
import { istio, service } from '../resolve/written-objects.ts'
import { goesTo, shop, subsets, to, viewOf, virtualService } from './worlds.ts'

const ours = virtualService('shop/catalog', `{ hosts: [catalog], http: [${to('ours', 'orders')}] }`)
const full = 'catalog.shop.svc.cluster.local'

it('a sidecar knows a Service by every shorter name, whatever its case and with a port', () => {
  const view = viewOf(shop + ours)
  const spelled = [
    'catalog.shop',
    'catalog.shop.svc',
    full,
    `${full}.`,
    `${full}:80`,
    'Catalog.Shop',
    '10.0.0.1',
  ]
  for (const host of spelled) assert.equal(goesTo(view, requestTo(host)), 'ours → orders.shop', host)
  assert.equal(goesTo(view, requestTo('catalog')), 'passed through', 'a bare name is of the own namespace')
  assert.equal(goesTo(view, requestTo('catalog', { caller: workload('shop') })), 'ours → orders.shop')
})

it('a sidecar goes to the Service where no VirtualService is for it', () => {
  const view = viewOf(shop)
  assert.equal(goesTo(view, requestTo('catalog.shop')), 'default → catalog.shop')
})

it('a sidecar has the routes of the oldest VirtualService alone', () => {
  const younger = virtualService(
    'shop/younger',
    `{ hosts: [${full}], http: [${to('younger', 'orders')}] }`,
    2,
  )
  const older = virtualService(
    'shop/older',
    `{ hosts: [catalog], http: [${to('older', 'orders', 'match: [{ uri: { exact: /pay } }]')}] }`,
  )
  const view = viewOf(shop + younger + older)
  assert.equal(goesTo(view, requestTo('catalog.shop', { path: '/pay' })), 'older → orders.shop')
  assert.equal(goesTo(view, requestTo('catalog.shop')), 'no-route')
})

it('a sidecar takes the next VirtualService where the oldest has no route for it', () => {
  const older = virtualService(
    'shop/older',
    `{ hosts: [catalog], http: [${to('older', 'orders', 'match: [{ sourceLabels: { app: x } }]')}] }`,
  )
  const view = viewOf(
    shop + older + virtualService('shop/next', `{ hosts: [catalog], http: [${to('next', 'orders')}] }`, 2),
  )
  assert.equal(goesTo(view, requestTo(full)), 'next → orders.shop')
  assert.equal(
    goesTo(view, requestTo(full, { caller: workload('web', { app: 'x' }) })),
    'older → orders.shop',
  )
})

it('a sidecar prefers a host to a wildcard over it, even where the host has no route here', () => {
  const wild = virtualService(
    'shop/wild',
    `{ hosts: ['*.shop.svc.cluster.local'], http: [${to('wild', 'orders')}] }`,
  )
  const exact = virtualService(
    'shop/exact',
    `{ hosts: [catalog], http: [${to('exact', 'orders', 'match: [{ port: 8080 }]')}] }`,
    2,
  )
  const view = viewOf(shop + wild + exact)
  assert.equal(goesTo(view, requestTo(full)), 'default → catalog.shop')
  assert.equal(goesTo(view, requestTo('orders.shop')), 'wild → orders.shop')
})

it('a sidecar does not see what is not exported to it', () => {
  const hidden = virtualService(
    'shop/catalog',
    `{ hosts: [catalog], exportTo: [.], http: [${to('ours', 'orders')}] }`,
  )
  const view = viewOf(shop + hidden)
  assert.equal(goesTo(view, requestTo(full)), 'default → catalog.shop')
  assert.equal(goesTo(view, requestTo(full, { caller: workload('shop') })), 'ours → orders.shop')
})

it('a sidecar knows only what its Sidecar imports', () => {
  const view = viewOf(
    shop
      + ours
      + istio('Sidecar', 'web/default', '{ egress: [{ hosts: [shop/orders.shop.svc.cluster.local] }] }'),
  )
  assert.equal(goesTo(view, requestTo(full)), 'passed through')
  assert.equal(goesTo(view, requestTo('orders.shop')), 'default → orders.shop')
})

it('a sidecar takes any host of a VirtualService on port 80 only', () => {
  const gone = virtualService(
    'shop/gone',
    `{ hosts: [gone.io, '*.far.io'], http: [${to('gone', 'orders')}] }`,
  )
  const view = viewOf(shop + gone + service('admin', 'ports: [{ name: http, port: 8080 }]'))
  assert.equal(goesTo(view, requestTo('gone.io')), 'gone → orders.shop')
  assert.equal(goesTo(view, requestTo('a.far.io')), 'gone → orders.shop')
  assert.equal(goesTo(view, requestTo('far.io')), 'passed through')
  assert.equal(goesTo(view, requestTo('gone.io', { port: 8080 })), 'passed through')
})

it('a sidecar takes it for somebody else’s Service where the input is not the whole world', () => {
  const view = viewOf(virtualService('shop/gone', `{ hosts: [catalog], http: [${to('gone', 'catalog')}] }`))
  const request = requestTo(full, { port: 8080 })
  assert.equal(goesTo(view, request), 'passed through')
  const { route: by, destinations } = route(view, request, { regex: re2, complete: false })
  assert.equal(by?.name, 'gone')
  assert.deepEqual(
    destinations.map(({ failure }) => failure),
    [undefined],
  )
})

it('a sidecar refuses unknown hosts under REGISTRY_ONLY', () => {
  const sidecar = istio(
    'Sidecar',
    'web/default',
    "{ egress: [{ hosts: ['*/*'] }], outboundTrafficPolicy: { mode: REGISTRY_ONLY } }",
  )
  for (const view of [viewOf(shop + sidecar), viewOf(shop, { isRegistryOnly: true })]) {
    assert.equal(goesTo(view, requestTo('gone.io')), 'default 502')
    assert.equal(goesTo(view, requestTo('gone.io', { port: 8080 })), 'no-listener')
    assert.equal(goesTo(view, requestTo(full)), 'default → catalog.shop')
  }
})

it('a sidecar has no http routes on a port for something else, but its tcp and tls routes', () => {
  const db = service(
    'db',
    'clusterIP: 10.0.0.9, ports: [{ name: tcp, port: 80 }, { name: https, port: 443 }]',
  )
  const routed = virtualService(
    'shop/db',
    `{ hosts: [db], http: [${to('http', 'orders')}], tcp: [{ match: [{ port: 80 }], route: [{ destination: { host: catalog } }] }], tls: [{ match: [{ sniHosts: [db.shop.svc.cluster.local] }], route: [{ destination: { host: orders, port: { number: 80 } } }] }] }`,
  )
  assert.equal(goesTo(viewOf(shop + db), requestTo('db.shop')), 'opaque default → db.shop UH')
  const view = viewOf(shop + db + routed)
  assert.equal(goesTo(view, requestTo('db.shop')), 'opaque unnamed → catalog.shop')
  const encrypted = { port: 443, tls: true }
  assert.equal(
    goesTo(view, requestTo('db.shop.svc.cluster.local', encrypted)),
    'opaque unnamed → orders.shop',
  )
  assert.equal(goesTo(view, requestTo('db.shop', encrypted)), 'opaque default → db.shop :443 UH')
  assert.equal(goesTo(view, requestTo('catalog.shop', { tls: true })), 'no-listener')
})

it('a sidecar sniffs a port that does not say what it speaks, for its own Service only', () => {
  const plain = service('plain', 'clusterIP: 10.0.0.9, ports: [{ port: 8080 }]')
  const routed = virtualService('shop/plain', `{ hosts: [plain, gone.io], http: [${to('plain', 'plain')}] }`)
  const older = virtualService('shop/older', `{ hosts: [plain.shop], http: [${to('older', 'orders')}] }`, 1)
  const view = viewOf(shop + plain + routed.replace('01T', '02T') + older)
  assert.equal(goesTo(view, requestTo('plain.shop', { port: 8080 })), 'plain → plain.shop :8080 UH')
  assert.equal(goesTo(view, requestTo('gone.io', { port: 8080 })), 'passed through')
})

it('a sidecar routes an ExternalName to its target', () => {
  const alias = service(
    'alias',
    `type: ExternalName, externalName: ${full}, ports: [{ name: http, port: 80 }]`,
  )
  assert.equal(goesTo(viewOf(shop + alias), requestTo('alias.shop')), 'default → catalog.shop')
  const routed = virtualService('shop/alias', `{ hosts: [alias], http: [${to('alias', 'alias')}] }`)
  const view = viewOf(shop + alias + routed)
  assert.equal(goesTo(view, requestTo('alias.shop')), 'alias → catalog.shop')
  assert.equal(goesTo(view, requestTo(full)), 'default → catalog.shop')
})

it('a sidecar takes the names of its pods for a headless Service', () => {
  const db = service('db', 'clusterIP: None, ports: [{ name: http, port: 80 }]')
  const view = viewOf(shop + db + virtualService('shop/db', `{ hosts: [db], http: [${to('db', 'db')}] }`))
  for (const host of ['db.shop', 'db-0.db.shop', 'db-0.db.shop.svc.cluster.local'])
    assert.equal(goesTo(view, requestTo(host)), 'db → db.shop', host)
})

it('a sidecar has the routes of port 80 behind the port of a generic proxy', () => {
  const sidecar = istio(
    'Sidecar',
    'web/default',
    "{ egress: [{ port: { number: 3128, protocol: HTTP_PROXY, name: proxy }, hosts: ['*/*'] }, { hosts: ['*/*'] }] }",
  )
  const onPort = virtualService(
    'shop/orders',
    `{ hosts: [orders], http: [${to('on-80', 'catalog', 'match: [{ port: 80 }]')}, ${to('any', 'catalog')}] }`,
  )
  const view = viewOf(shop + ours + onPort + sidecar)
  assert.equal(goesTo(view, requestTo(full, { port: 3128 })), 'ours → orders.shop')
  assert.equal(goesTo(view, requestTo('orders.shop', { port: 3128 })), 'any → catalog.shop')
  assert.equal(goesTo(view, requestTo('orders.shop')), 'on-80 → catalog.shop')
})

const destination = (said: string): string =>
  virtualService(
    'shop/catalog',
    `{ hosts: [catalog], http: [{ name: r, route: [{ destination: ${said} }] }] }`,
  )
const outcome = (said: string): string => goesTo(viewOf(shop + subsets + destination(said)), requestTo(full))

it('a cluster is missing for want of a host, a subset or a port', () => {
  assert.equal(outcome('{ host: gone }'), 'r → gone.shop NC host')
  assert.equal(outcome('{ host: catalog.shop }'), 'r → catalog.shop NC host')
  assert.equal(outcome('{ host: catalog, subset: v3 }'), 'r → catalog.shop v3 NC subset')
  assert.equal(outcome('{ host: orders, subset: v1 }'), 'r → orders.shop v1 NC subset')
  assert.equal(outcome('{ host: catalog, port: { number: 81 } }'), 'r → catalog.shop :81 NC port')
})

it('a cluster may have no endpoints', () => {
  assert.equal(outcome('{ host: catalog, subset: v1 }'), 'r → catalog.shop v1')
  assert.equal(outcome('{ host: catalog, subset: v2 }'), 'r → catalog.shop v2 UH')
})
