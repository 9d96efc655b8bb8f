import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { ingress, requestTo, workload } from '../../../routing/requests.ts'
import { istio, service } from '../resolve/written-objects.ts'
import { decide, goesTo, shop, to, viewOf, virtualService } from './worlds.ts'

const at = (host: string, rest: Partial<Request> = {}): Request =>
  requestTo(host, { caller: ingress, ...rest })

const server = (hosts: string, rest = ''): string =>
  `{ port: { number: 80, name: http, protocol: HTTP }, hosts: ${hosts}${rest} }`
const secure = (hosts: string, rest: string): string =>
  `{ port: { number: 443, name: https${hosts.length}, protocol: HTTPS }, hosts: ${hosts}, tls: { ${rest} } }`
const gateway = (name: string, servers: string): string =>
  istio('Gateway', name, `{ selector: { istio: ingressgateway }, servers: [${servers}] }`)
const bound = (name: string, hosts: string, routes: string): string =>
  `{ hosts: ${hosts}, gateways: [${name}], http: [${routes}] }`

const gw = gateway('shop/gw', server("['*.example.com']"))
const front = virtualService('shop/front', bound('gw', '[shop.example.com]', to('front', 'catalog')))

it('a gateway has the routes of all VirtualServices for a host, those that take everything last', () => {
  const first = virtualService(
    'shop/first',
    bound('gw', '[shop.example.com]', to('pay', 'orders', 'match: [{ uri: { prefix: /pay } }, {}]')),
  )
  const second = virtualService(
    'shop/second',
    bound('gw', '[shop.example.com]', to('items', 'orders', 'match: [{ uri: { prefix: /items } }]')),
    2,
  )
  const view = viewOf(shop + gw + front.replace('01T', '03T') + first + second)
  assert.equal(goesTo(view, at('shop.example.com', { path: '/items/1' })), 'items → orders.shop')
  assert.equal(goesTo(view, at('shop.example.com', { path: '/other' })), 'pay → orders.shop')
})

it('a gateway takes the most specific host that has routes for it', () => {
  const wild = virtualService('shop/wild', bound('gw', "['*.example.com']", to('wild', 'orders')))
  const byHeader = virtualService(
    'shop/front',
    bound('gw', '[shop.example.com]', to('front', 'catalog', 'match: [{ headers: { x-user: {} } }]')),
  )
  const elsewhere = virtualService(
    'shop/api',
    bound('gw', '[api.example.com]', to('api', 'catalog', 'match: [{ gateways: [mesh] }]')),
  )
  const view = viewOf(shop + gw + wild + byHeader + elsewhere)
  assert.equal(goesTo(view, at('shop.example.com')), 'no-route')
  assert.equal(goesTo(view, at('api.example.com')), 'wild → orders.shop')
  assert.equal(goesTo(view, at('X.Example.com:8443')), 'wild → orders.shop')
  assert.equal(goesTo(view, at('example.com')), 'no-host')
})

it('a gateway takes routes of the namespaces that its server names', () => {
  const view = viewOf(
    shop
      + gateway('istio-system/gw', server('[web/shop.example.com, ./api.example.com]'))
      + ['shop', 'web', 'istio-system']
        .map(namespace =>
          virtualService(
            `${namespace}/front`,
            bound(
              'istio-system/gw',
              '[shop.example.com, api.example.com]',
              to(namespace, 'catalog.shop.svc.cluster.local'),
            ),
          ),
        )
        .join(''),
  )
  assert.equal(goesTo(view, at('shop.example.com')), 'web → catalog.shop')
  assert.equal(goesTo(view, at('api.example.com')), 'istio-system → catalog.shop')
})

it('a gateway checks the labels of its proxy only if a block names no gateway', () => {
  const labels = (app: string): string => `sourceLabels: { istio: ${app} }`
  const routes = [
    to('others', 'orders', `match: [{ ${labels('other')} }]`),
    to('named', 'orders', `match: [{ gateways: [gw], ${labels('other')}, uri: { prefix: /named } }]`),
    to('own', 'orders', `match: [{ ${labels('ingressgateway')}, port: 80 }]`),
  ]
  const view = viewOf(
    shop + gw + virtualService('shop/front', bound('gw', '[shop.example.com]', routes.join(', '))),
  )
  assert.equal(goesTo(view, at('shop.example.com', { path: '/named' })), 'named → orders.shop')
  assert.equal(goesTo(view, at('shop.example.com')), 'own → orders.shop')
  const { considered } = decide(view, at('shop.example.com'))
  assert.deepEqual(
    considered.map(({ route: { name }, unmet: { on, actual } }) => [name, on, actual]),
    [
      ['others', 'caller-label', 'ingressgateway'],
      ['named', 'path', '/'],
    ],
  )
})

it('a gateway reads only what its selector, its port and its encryption let in', () => {
  const view = viewOf(shop + gw + front)
  assert.equal(goesTo(view, at('shop.example.com')), 'front → catalog.shop')
  assert.equal(goesTo(view, at('shop.example.com', { port: 8080 })), 'no-listener')
  assert.equal(goesTo(view, at('shop.example.com', { tls: true })), 'no-listener')
  const other = { ...ingress, labels: { istio: 'other' } }
  assert.equal(goesTo(view, at('shop.example.com', { caller: other })), 'no-listener')
  assert.equal(goesTo(view, at('shop.example.com', { caller: workload('shop') })), 'passed through')
})

it('a gateway reads encrypted requests by the server whose name they ask for', () => {
  const servers = [
    secure("['*.example.com']", 'mode: SIMPLE, credentialName: a'),
    secure('[shop.example.com]', 'mode: MUTUAL, credentialName: b'),
    secure('[raw.example.com]', 'mode: PASSTHROUGH'),
  ]
  const wild = virtualService('shop/wild', bound('gw', "['*.example.com']", to('wild', 'orders')))
  const view = viewOf(shop + gateway('shop/gw', servers.join(', ')) + front + wild)
  const over = (host: string): string => goesTo(view, at(host, { port: 443, tls: true }))
  assert.equal(over('shop.example.com'), 'front → catalog.shop')
  assert.equal(over('x.example.com'), 'wild → orders.shop')
  assert.equal(over('raw.example.com'), 'no-listener')
  assert.equal(over('example.com'), 'no-listener')
  assert.equal(goesTo(view, at('shop.example.com', { port: 443 })), 'no-listener')
})

it('a gateway sends plain requests to https where a server says so', () => {
  const redirecting = server("['*.example.com']", ', tls: { httpsRedirect: true }')
  const view = viewOf(shop + gateway('shop/gw', redirecting) + front)
  for (const host of ['shop.example.com', 'x.example.com'])
    assert.equal(goesTo(view, at(host)), 'default to {"code":301,"scheme":"https"}')
})

it('a gateway leaves out servers that do not go with the first on their port', () => {
  const encrypted = secure('[shop.example.com]', 'mode: SIMPLE, credentialName: a').replace('443', '80')
  const older = gateway('shop/gw', server("['*.example.com']"))
  const younger = gateway('web/gw', encrypted)
  const view = viewOf(
    shop
      + older.replace('metadata: {', "metadata: { creationTimestamp: '2026-01-01T00:00:00Z',")
      + younger
      + front,
  )
  assert.equal(goesTo(view, at('shop.example.com')), 'front → catalog.shop')
  assert.equal(goesTo(view, at('shop.example.com', { tls: true })), 'no-listener')
})

it('a gateway finds the port of a Service by itself where it has but one', () => {
  const admin = service('admin', 'ports: [{ name: http, port: 8080 }]')
  const two = service('two', 'ports: [{ name: http, port: 8080 }, { name: http-b, port: 8081 }]')
  const routes = [to('one', 'admin', 'match: [{ uri: { prefix: /one } }]'), to('two', 'two')]
  const view = viewOf(
    shop
      + admin
      + two
      + gw
      + virtualService('shop/front', bound('gw', '[shop.example.com]', routes.join(', '))),
  )
  assert.equal(goesTo(view, at('shop.example.com', { path: '/one' })), 'one → admin.shop :8080 UH')
  assert.equal(goesTo(view, at('shop.example.com')), 'two → two.shop NC port')
})

it('a host for all namespaces of a server is as one without', () => {
  const redirecting = server('["*/shop.example.com"]', ', tls: { httpsRedirect: true }')
  const alone = viewOf(shop + gateway('shop/gw', redirecting))
  assert.equal(goesTo(alone, at('shop.example.com')), 'default to {"code":301,"scheme":"https"}')
})

it('a server for all hosts of all namespaces has no other hosts', () => {
  const older = virtualService('shop/older', bound('gw', "['*']", to('older', 'catalog')))
  const wild = virtualService('shop/wild', bound('gw', "['*.example.com']", to('wild', 'orders')), 2)
  const closer = virtualService('shop/closer', bound('gw', '[a.example.com]', to('closer', 'orders')), 3)
  const view = viewOf(shop + gateway('shop/gw', server('["a.example.com", "*/*"]')) + older + wild + closer)
  assert.equal(goesTo(view, at('a.example.com')), 'closer → orders.shop')
  assert.equal(
    goesTo(
      viewOf(shop + gateway('shop/gw', server('["a.example.com", "*/*"]')) + older + wild),
      at('a.example.com'),
    ),
    'wild → orders.shop',
  )
})

it('a host of one namespace is another than that of all', () => {
  const tls = ', tls: { httpsRedirect: true }'
  const servers = `${server('[web/shop.example.com]', tls)}, ${server('[shop.example.com]', tls)}`
  const view = viewOf(shop + gateway('shop/gw', servers))
  assert.equal(goesTo(view, at('shop.example.com')), 'default to {"code":301,"scheme":"https"}')
})
