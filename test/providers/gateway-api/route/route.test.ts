import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refOf } from '../../../../shared/objects/kinds.ts'
import {
  gatewayNamed,
  gatewaysFor,
  meantBy,
} from '../../../../shared/providers/gateway-api/route/entrances.ts'
import { ruleKeys } from '../../../../shared/providers/gateway-api/read/rules/rule-keys.ts'
import { routeRequests } from '../../../../shared/providers/gateway-api/route/route.ts'
import { fc } from '../../../properties.ts'
import { re2, requestTo, workload } from '../../../routing/requests.ts'
import { gateway, grant, route, rule, service, toService, viewOf } from '../written-objects.ts'
import { decide, goesTo, proxy, shop } from './worlds.ts'

const to = (...names: readonly string[]) => ({ backendRefs: names.map(name => ({ name, port: 80 })) })
const byHeader = (value: string) => ({ headers: [{ name: 'x-cohort', value }] })

describe('a request by a Gateway', () => {
  const canary = route('shop/r', {
    rules: [rule(undefined, to('catalog-v1')), { name: 'beta', ...rule(byHeader('beta'), to('catalog-v2')) }],
  })

  it('follows the first match that it meets', () => {
    assert.equal(goesTo([...shop, canary]), 'catalog-v1')
    assert.equal(goesTo([...shop, canary], { headers: { 'X-Cohort': 'beta' } }), 'catalog-v2')
  })

  it('tells which rule decided, and why those before it did not', () => {
    const { route: decided, considered } = decide([...shop, canary])
    const ref = refOf(canary)
    const keys = ruleKeys(canary)
    const written = { owner: ref, object: ref }
    assert.deepEqual(decided, { ...written, place: ['spec', 'rules', 0], name: undefined, key: keys[0] })
    assert.deepEqual(considered, [
      {
        route: { ...written, place: ['spec', 'rules', 1], name: 'beta', key: keys[1] },
        unmet: { on: 'header', name: 'x-cohort', expected: 'beta', actual: undefined },
      },
    ])
  })

  it('is answered with 404 where no rule takes it or no route is for its host', () => {
    const some = [...shop, route('shop/r', { hostnames: ['a.example.com'], rules: [rule(byHeader('beta'))] })]
    assert.equal(goesTo(some), 'no-route')
    assert.equal(goesTo(some, { host: 'b.example.com' }), 'no-host')
    assert.equal(goesTo(some, { port: 81 }), 'no-listener')
    assert.equal(goesTo(some, { caller: { ...proxy, namespace: 'other' } }), 'no-listener')
  })

  it('ignores the case and the port of the host', () => {
    const some = [...shop, route('shop/r', { hostnames: ['a.example.com'] })]
    assert.equal(goesTo(some, { host: 'A.Example.com:80' }), 'catalog')
  })

  it('is matched by its normalized path', () => {
    const rules = [rule({ path: { value: '/a' } }, to('catalog-v1')), rule(undefined, to('catalog-v2'))]
    assert.equal(goesTo([...shop, route('shop/r', { rules })], { path: '/b/../a/x' }), 'catalog-v1')
  })
})

const of = (name: string, backend: string) =>
  route(name, {
    parents: [toService('catalog', { namespace: 'shop' })],
    rules: [{ backendRefs: [{ name: backend, namespace: 'shop', port: 80 }] }],
  })
const from = (caller: string, host: string, ...routes: Parameters<typeof goesTo>[0]) =>
  goesTo([...shop, ...routes], { caller: workload(caller), host })

describe('a request in the mesh', () => {
  it('follows the routes of the Service that it names', () => {
    for (const host of [
      'catalog.shop',
      'catalog.shop.svc',
      'catalog.shop.svc.cluster.local',
      'Catalog.shop:80',
    ])
      assert.equal(from('web', host, of('shop/r', 'catalog-v1')), 'catalog-v1', host)
    assert.equal(from('shop', 'catalog', of('shop/r', 'catalog-v1')), 'catalog-v1')
    const withIp = service('shop/ip', { clusterIP: '10.0.0.7' })
    assert.equal(from('web', '10.0.0.7', withIp), 'ip')
  })

  it('goes to the Service itself where it has no routes, and past what is no Service', () => {
    assert.equal(from('web', 'catalog.shop'), 'catalog')
    assert.equal(from('web', 'catalog'), 'passed through')
    assert.equal(from('web', 'example.com'), 'passed through')
    assert.equal(goesTo(shop, { caller: workload('web'), host: 'catalog.shop', port: 81 }), 'passed through')
  })

  it('follows the routes of the caller’s namespace before those of the Service’s', () => {
    const routes = [of('shop/producer', 'catalog-v1'), of('web/consumer', 'catalog-v2')]
    assert.equal(from('web', 'catalog.shop', ...routes), 'catalog-v2')
    assert.equal(from('ops', 'catalog.shop', ...routes), 'catalog-v1')
  })
})

describe('a request in the mesh that routes may not take', () => {
  it('needs no ReferenceGrant, and a Gateway’s does', () => {
    const parents = [{ namespace: 'infra', name: 'gw' }, toService('catalog', { namespace: 'shop' })]
    const rules = [{ backendRefs: [{ name: 'orders', namespace: 'shop', port: 80 }] }]
    const objects = [...shop, route('web/r', { parents, rules })]
    assert.equal(goesTo(objects, { caller: workload('web'), host: 'catalog.shop' }), 'orders')
    assert.equal(goesTo(objects), 'orders 500 permission')
    assert.equal(goesTo([...objects, grant('web', 'shop')]), 'orders')
    assert.equal(goesTo([...objects, grant('web', 'shop', { name: 'catalog' })]), 'orders 500 permission')
    assert.equal(goesTo(objects, {}, false), 'orders')
  })

  it('is rejected where no rule of a Service with routes takes it', () => {
    const some = route('shop/r', { parents: [toService('catalog')], rules: [rule(byHeader('beta'))] })
    assert.equal(from('web', 'catalog.shop', some), 'no-route')
  })

  it('follows routes to a Service that may be elsewhere', () => {
    const lone = route('shop/r', { parents: [toService('gone')], rules: [to('gone-v1')] })
    const asked = { caller: workload('web'), host: 'gone.shop' }
    assert.equal(goesTo([lone], asked), 'passed through')
    assert.equal(goesTo([lone], asked, false), 'gone-v1')
  })

  it('goes to the Service by connection where it is encrypted before', () => {
    const asked = { caller: workload('web'), host: 'catalog.shop', tls: true }
    assert.equal(decide([...shop, of('shop/r', 'catalog-v1')], asked).isOpaque, true)
    assert.equal(goesTo([...shop, of('shop/r', 'catalog-v1')], asked), 'catalog')
  })
})

describe('a request in the mesh on a port that is not for HTTP', () => {
  it('goes to the Service by connection where Istio takes it for TCP, and by routes elsewhere', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'tcp-db', port: 5432 },
      { name: 'db', port: 5433, appProtocol: 'tcp' },
      { name: 'web', port: 8080 },
      { name: 'udp', port: 80, protocol: 'UDP' },
    ]
    const catalog = service('shop/catalog', { ports })
    const status = (controllerName: string, parent = toService('catalog')) => ({
      parents: [{ controllerName, parentRef: parent }],
    })
    const at = (port: number, said?: object) => {
      const taking = route('shop/r', {
        parents: [toService('catalog')],
        rules: [to('catalog-v1')],
        ...(said !== undefined && { status: said }),
      })
      const { isOpaque, destinations } = decide([...shop, catalog, taking], {
        caller: workload('web'),
        host: 'catalog.shop',
        port,
      })
      return `${isOpaque} ${destinations[0]?.host.split('.')[0]}:${destinations[0]?.port}`
    }
    assert.deepEqual(
      [80, 5432, 5433, 8080].map(port => at(port)),
      ['false catalog-v1:80', 'true catalog:5432', 'true catalog:5433', 'false catalog-v1:80'],
    )
    assert.equal(at(5432, status('istio.io/gateway-controller')), 'true catalog:5432')
    assert.equal(at(5432, status('linkerd.io/policy-controller')), 'false catalog-v1:80')
    assert.equal(at(5432, status('linkerd.io/policy-controller', toService('orders'))), 'true catalog:5432')
  })
})

const gw = gateway('infra/gw', [
  { hostname: '*.example.com' },
  { hostname: '*.example.com', port: 443, protocol: 'HTTPS' },
  { port: 9000, protocol: 'TCP' },
])
const view = viewOf([
  gw,
  gateway('infra/other'),
  route('shop/r', { hostnames: ['a.example.com'] }),
  ...shop.slice(1),
])

describe('the entrances of the Gateway API', () => {
  it('are the Gateways that have routes for a host', () => {
    const names = (host: string) => gatewaysFor(view, host).map(({ name }) => name)
    assert.deepEqual(names('A.example.com:443'), ['infra/gw'])
    assert.deepEqual(names('b.example.com'), [])
  })

  it('have the ports on which requests are read, and one proxy', () => {
    assert.deepEqual(gatewayNamed(view, 'infra/gw'), {
      name: 'infra/gw',
      proxies: [proxy],
      ports: [
        { number: 80, tls: false },
        { number: 443, tls: true },
      ],
    })
    assert.equal(gatewayNamed(view, 'infra/gone'), undefined)
    assert.equal(gatewayNamed(view, 'gw'), undefined)
  })

  it('are the Services that callers mean by a host', () => {
    assert.deepEqual(meantBy(view, 'catalog', 'shop'), {
      host: 'catalog.shop.svc.cluster.local',
      ports: [80],
    })
    assert.equal(meantBy(view, 'catalog', 'web'), undefined)
    assert.equal(meantBy(view, 'a.example.com', 'web'), undefined)
  })
})

describe('the routing of requests', () => {
  it('are completed by what the reader knows', () => {
    const requests = routeRequests({
      named: () => ({ service: 'catalog', namespace: 'shop', version: 'v1' }),
      follows: () => 'yes',
      hasEndpoints: () => false,
    })
    const decided = requests.route(view, requestTo('a.example.com', { caller: proxy }), { regex: re2 })
    assert.deepEqual(decided.destinations[0]?.failure, { flag: 'UH' })
    assert.equal(requests.named(view, { host: 'x', subset: undefined }, { complete: true }).version, 'v1')
  })
})

describe('a decision', () => {
  it('is made of whatever is written', () => {
    const names = `matches filters backendRefs path headers queryParams method name value type weight port timeouts
      request retry requestMirror requestRedirect urlRewrite backendRef percent fraction set add remove hostname`
    const values = fc.constantFrom(
      'catalog',
      '/',
      'Exact',
      'RequestMirror',
      'RequestRedirect',
      'URLRewrite',
      -1,
      null,
      '1s',
    )
    const anything = fc.anything({
      key: fc.constantFrom(...names.split(/\s+/)),
      maxDepth: 6,
      values: [values],
    })
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 3 }),
        fc.constantFrom('HTTPRoute', 'GRPCRoute'),
        (rules, kind) => {
          const parents = [{ namespace: 'infra', name: 'gw' }, toService('catalog')]
          const objects = [...shop, route('shop/r', { kind, parents, rules: rules as never })]
          decide(objects)
          decide(objects, { caller: workload('web'), host: 'catalog.shop' })
        },
      ),
      { numRuns: 500 },
    )
  })
})
