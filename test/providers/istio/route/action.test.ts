import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Decision } from '../../../../shared/routing/request/decision.ts'
import { routeTable } from '../../../../shared/providers/istio/route/table.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { requestTo, workload } from '../../../routing/requests.ts'
import { objectsOf } from '../resolve/corpus.ts'
import { istio } from '../resolve/written-objects.ts'
import { decide, goesTo, shop, subsets, to, viewOf, virtualService } from './worlds.ts'

const host = 'catalog.shop.svc.cluster.local'

/** The decision on `GET /` by one route, given in flow style without its braces. */
const acts = (route: string): Decision =>
  decide(
    viewOf(shop + subsets + virtualService('shop/catalog', `{ hosts: [catalog], http: [{ ${route} }] }`)),
    requestTo(host),
  )
const onward = 'route: [{ destination: { host: catalog } }]'

it('a route splits by weight, leaves out what has none, and gives a lone destination all', () => {
  const split = (...weights: readonly string[]): readonly number[] =>
    acts(
      `route: [${weights.map(weight => `{ destination: { host: catalog }${weight === '' ? '' : `, weight: ${weight}`} }`).join(', ')}]`,
    ).destinations.map(({ percent }) => percent)
  assert.deepEqual(split('90', '10'), [90, 10])
  assert.deepEqual(split('1', '1', '2'), [25, 25, 50])
  assert.deepEqual(split('100', '0'), [100])
  assert.deepEqual(split('5', ''), [100])
  assert.deepEqual(split('0'), [100])
})

it('a route mirrors by three ages of the API', () => {
  const mirrors = (rest: string): readonly (readonly [string, number])[] =>
    acts(`${onward}, ${rest}`).mirrors.map(mirror => [mirror.host.split('.')[0]!, mirror.percent])
  const one = 'mirror: { host: orders }'
  assert.deepEqual(mirrors(one), [['orders', 100]])
  assert.deepEqual(mirrors(`${one}, mirrorPercent: 30`), [['orders', 30]])
  assert.deepEqual(mirrors(`${one}, mirrorPercentage: { value: 0.5 }, mirrorPercent: 30`), [['orders', 0.5]])
  assert.deepEqual(mirrors(`${one}, mirrorPercentage: { value: 0 }`), [])
  assert.deepEqual(
    mirrors(
      'mirrors: [{ destination: { host: orders }, percentage: { value: 7 } }, { destination: { host: catalog } }]',
    ),
    [
      ['orders', 7],
      ['catalog', 100],
    ],
  )
})

it('a route tells that a mirror leads nowhere', () => {
  assert.deepEqual(acts(`${onward}, mirror: { host: gone }`).mirrors[0]?.failure, {
    flag: 'NC',
    missing: 'host',
  })
})

it('a route redirects, by the port of its listener where it says so', () => {
  const redirect = (said: string) => acts(`redirect: { ${said} }`).redirect
  assert.deepEqual(redirect('uri: /moved, authority: new.io'), {
    code: 301,
    host: 'new.io',
    path: '/moved',
  })
  assert.deepEqual(redirect('scheme: https, redirectCode: 308'), { code: 308, scheme: 'https' })
  assert.deepEqual(redirect('scheme: https, derivePort: FROM_REQUEST_PORT'), {
    code: 301,
    scheme: 'https',
    port: 80,
  })
  assert.deepEqual(redirect('port: 8443, derivePort: FROM_PROTOCOL_DEFAULT'), { code: 301, port: 8443 })
  assert.deepEqual(redirect('scheme: https, port: 443'), { code: 301, scheme: 'https' })
  assert.deepEqual(redirect('prefixRewrite: /new'), { code: 301, prefixRewrite: '/new' })
})

it('a route answers by itself', () => {
  const { kind, status, destinations } = acts('directResponse: { status: 418 }')
  assert.deepEqual([kind, status, destinations], ['direct', 418, []])
})

it('a route rewrites the path and the authority, which header operations set as well', () => {
  const rewrite = (rest: string) => acts(`${onward}, ${rest}`).rewrite
  assert.deepEqual(rewrite('rewrite: { uri: /v2, authority: a.io }'), { prefix: '/v2', authority: 'a.io' })
  assert.deepEqual(rewrite("rewrite: { uriRegexRewrite: { match: '/(.*)', rewrite: '/\\1' } }"), {
    regex: { match: '/(.*)', substitution: '/\\1' },
  })
  assert.deepEqual(rewrite('headers: { request: { add: { host: b.io }, set: { Host: c.io } } }'), {
    authority: 'c.io',
  })
  assert.deepEqual(rewrite('rewrite: { authority: a.io }, headers: { request: { set: { host: c.io } } }'), {
    authority: 'a.io',
  })
  assert.equal(rewrite('timeout: 1s'), undefined)
})

it('a route changes headers, also for one destination', () => {
  const { headers, destinations } = acts(
    'headers: { request: { set: { x-a: "1", ":path": /x }, remove: [x-b, host] } }, route: [{ destination: { host: catalog }, headers: { response: { add: { x-c: "2" } } } }]',
  )
  const none = { set: {}, add: {}, remove: [] }
  assert.deepEqual(headers, { request: { set: { 'x-a': '1' }, add: {}, remove: ['x-b'] }, response: none })
  assert.deepEqual(destinations[0]?.headers, { request: none, response: { ...none, add: { 'x-c': '2' } } })
})

it('a route has timeouts, retries and faults', () => {
  const { timeout, retries, fault } = acts(
    `${onward}, timeout: 1m2.5s, retries: { attempts: 3, perTryTimeout: 250ms, retryOn: 5xx }, fault: { delay: { fixedDelay: 2s, percentage: { value: 5 } }, abort: { httpStatus: 503 } }`,
  )
  assert.equal(timeout, 62_500)
  assert.deepEqual(retries, { attempts: 3, perTryTimeout: 250, on: '5xx' })
  assert.deepEqual(fault, {
    delay: { milliseconds: 2000, percent: 5 },
    abort: { httpStatus: 503, percent: 0 },
  })
  assert.equal('timeout' in acts(`${onward}, timeout: 0s`), false)
})

it('a route matches the path as the proxy normalises it, and the query apart from it', () => {
  const routes = [
    to('pay', 'orders', 'match: [{ uri: { exact: /pay }, queryParams: { v: { exact: "1" } } }]'),
    to('rest', 'catalog'),
  ]
  const view = viewOf(
    shop + virtualService('shop/catalog', `{ hosts: [catalog], http: [${routes.join(', ')}] }`),
  )
  for (const path of ['/pay', '/x/../pay', '/x\\..\\p%61y', '/./pay'])
    assert.equal(goesTo(view, requestTo(host, { path, query: 'v=1' })), 'pay → orders.shop', path)
  assert.equal(goesTo(view, requestTo(host, { path: '/pay?v=1' })), 'pay → orders.shop')
  assert.equal(goesTo(view, requestTo(host, { path: '//pay', query: 'v=1' })), 'rest → catalog.shop')
})

it('what was considered is every route before, in order, with those that the proxy does not have', () => {
  const routes = [
    to('ports', 'orders', 'match: [{ port: 8080 }, { name: m, uri: { prefix: /a } }]'),
    to('labels', 'orders', 'match: [{ sourceLabels: { app: x } }]'),
    to('tenant', 'orders', 'match: [{ headers: { x-tenant: { exact: gold } } }]'),
    to('spaces', 'orders', 'match: [{ sourceNamespace: shop }]'),
    to('rest', 'catalog'),
    to('never', 'orders'),
  ]
  const view = viewOf(
    shop + virtualService('shop/catalog', `{ hosts: [catalog], http: [${routes.join(', ')}] }`),
  )
  const { route, considered } = decide(view, requestTo(host, { headers: { 'x-tenant': 'tin' } }))
  assert.deepEqual(route, {
    owner: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
    object: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
    place: ['spec', 'http', 4],
    name: 'rest',
  })
  assert.deepEqual(
    considered.map(({ route: { name, place }, unmet: { on, expected, actual } }) => [
      name,
      place.at(-1),
      on,
      expected,
      actual,
    ]),
    [
      ['ports', 0, 'port', '8080', '80'],
      ['ports.m', 0, 'path', '/a*', '/'],
      ['labels', 1, 'caller-label', 'x', undefined],
      ['tenant', 2, 'header', 'gold', 'tin'],
      ['spaces', 3, 'caller-namespace', 'shop', 'web'],
    ],
  )
})

const root = (rest: string): string =>
  virtualService(
    'shop/root',
    `{ hosts: [catalog], http: [{ name: root, match: [{ name: m, uri: { prefix: /pay } }], ${rest} }, ${to('rest', 'catalog')}] }`,
  )
const leaf = (routes: string): string => istio('VirtualService', 'other/leaf', `{ http: [${routes}] }`)
const there = 'catalog.shop.svc.cluster.local'
const at = (view: ReturnType<typeof viewOf>, path: string) => decide(view, requestTo(host, { path }))

it('a delegate has its routes under those of the root, with what it does not say itself', () => {
  const inherits =
    'delegate: { name: leaf, namespace: other }, timeout: 3s, rewrite: { uri: / }, mirror: { host: orders }, headers: { request: { set: { x-a: "1" } } }'
  const view = viewOf(
    shop
      + root(inherits)
      + leaf(
        `${to('big', there, 'match: [{ name: n, uri: { prefix: /pay/big } }], timeout: 1s')}, ${to('small', there)}`,
      ),
  )
  const big = at(view, '/pay/big/1')
  assert.equal(big.route?.name, 'root-big.m-n')
  assert.deepEqual(big.route?.owner.name, 'root')
  assert.deepEqual(big.route?.object, { kind: 'VirtualService', namespace: 'other', name: 'leaf' })
  assert.deepEqual(big.route?.place, ['spec', 'http', 0])
  assert.deepEqual([big.timeout, big.rewrite], [1000, { prefix: '/' }])
  assert.deepEqual(
    big.mirrors.map(mirror => mirror.host),
    ['orders.shop.svc.cluster.local'],
  )
  assert.deepEqual(big.headers?.request.set, { 'x-a': '1' })
  const small = at(view, '/pay')
  assert.deepEqual(
    [small.route?.name, small.route?.place, small.timeout],
    ['root-small.m', ['spec', 'http', 1], 3000],
  )
})

it('a delegate loses a route that is not within the root’s', () => {
  const view = viewOf(
    shop
      + root('delegate: { name: leaf, namespace: other }')
      + leaf(
        `${to('apart', there, 'match: [{ uri: { prefix: /other } }]')}, ${to('cased', there, 'match: [{ ignoreUriCase: true }]')}`,
      ),
  )
  assert.equal(at(view, '/pay').route?.name, 'rest')
  assert.equal(at(view, '/other').route?.name, 'rest')
})

it('a delegate takes over the answer of the root', () => {
  const view = viewOf(
    shop
      + root('delegate: { name: leaf, namespace: other }, directResponse: { status: 404 }')
      + leaf(to('own', there)),
  )
  assert.deepEqual([at(view, '/pay').kind, at(view, '/pay').status], ['direct', 404])
})

const routes = [
  to('pay', 'orders', 'match: [{ uri: { exact: /pay }, port: 80, sourceLabels: { app: web } }]'),
  to('rest', 'catalog'),
]
const yaml = shop + virtualService('shop/catalog', `{ hosts: [catalog], http: [${routes.join(', ')}] }`)
const caller = workload('web', { app: 'web' })

it('a route table holds what is left to ask of a request', () => {
  const table = routeTable(viewOf(yaml), { caller, host: 'catalog.shop', port: 80 })
  assert.equal(table.kind, 'routes')
  assert.deepEqual(
    table.routes.map(({ ref, match }) => [ref.name, match.path, match.port, match.callerLabels]),
    [
      ['pay', { is: 'exact', text: '/pay' }, undefined, {}],
      ['rest', undefined, undefined, {}],
    ],
  )
})

it('a route table is derived once: another request costs a session next to nothing', () => {
  let spent = 0
  const view = sessionOf(snapshot(objectsOf(yaml)), cost => {
    spent += cost
  })
  const cost = (): number => {
    const before = spent
    decide(view, requestTo(host, { caller: { ...caller, labels: { ...caller.labels } } }))
    return spent - before
  }
  assert.ok(cost() > 20)
  assert.equal(cost(), 2)
})
