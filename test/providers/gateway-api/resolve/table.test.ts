import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import {
  gatewayTable,
  serviceTable,
  shadowedIn,
  type MatchTable,
} from '../../../../shared/providers/gateway-api/resolve/table.ts'
import type { RouteGateway } from '../../../../shared/objects/gateway-api.ts'
import { gateway, route, rule, service, toService, viewOf, type Written } from '../written-objects.ts'

/** The matches of a table, each as `route rule match`. */
const shown = ({ kind, matches }: MatchTable): string =>
  kind === 'routes'
    ? matches
        .map(({ route: { metadata }, rule: i, index = '-' }) => `${metadata.name} ${i} ${index}`)
        .join(', ')
    : kind

interface Entering {
  readonly host?: string
  readonly port?: number
  readonly tls?: boolean
}

function entering(
  objects: readonly KubeObject[],
  { host = 'a.example.com', port = 80, tls = false }: Entering = {},
  gw: RouteGateway = gateway('infra/gw'),
): MatchTable {
  return gatewayTable(viewOf([gw, ...objects]), { gateway: gw, port, tls, complete: true }, host)
}

const path = (type: string, value: string) => ({ path: { type, value } })
const headers = (...names: readonly string[]) => ({ headers: names.map(name => ({ name, value: '1' })) })
const query = (...names: readonly string[]) => ({ queryParams: names.map(name => ({ name, value: '1' })) })

/** The criteria of the specification in their order: the match that goes first, and the one that comes after it. */
const precedence: readonly (readonly [why: string, first: object, second: object])[] = [
  ['an exact path before a prefix', path('Exact', '/a'), path('PathPrefix', '/a/b/c/d')],
  [
    'an exact path before more headers',
    path('Exact', '/a'),
    { ...path('PathPrefix', '/a'), ...headers('a', 'b') },
  ],
  ['the longest prefix', path('PathPrefix', '/a/b'), path('PathPrefix', '/a')],
  ['a prefix before that of every path', path('PathPrefix', '/a'), {}],
  [
    'a longer prefix before a method',
    path('PathPrefix', '/ab'),
    { ...path('PathPrefix', '/a'), method: 'GET' },
  ],
  ['a method before headers', { method: 'GET' }, headers('a', 'b')],
  ['the most headers', headers('a', 'b'), headers('a')],
  ['headers before query parameters', headers('a'), query('a', 'b')],
  ['the most query parameters', query('a', 'b'), query('a')],
  ['some query parameter before none', query('a'), {}],
]

describe('the order of the matches of HTTPRoutes', () => {
  it('is that of the specification within a route and across routes', () => {
    for (const [why, first, second] of precedence) {
      assert.equal(
        shown(entering([route('shop/r', { rules: [rule(second), rule(first)] })])),
        'r 1 0, r 0 0',
        why,
      )
      const older = route('shop/older', { rules: [rule(second)], created: '2020-01-01T00:00:00Z' })
      const newer = route('shop/newer', { rules: [rule(first)], created: '2021-01-01T00:00:00Z' })
      assert.equal(shown(entering([older, newer])), 'newer 0 0, older 0 0', why)
    }
  })

  it('ignores the slash at the end of a prefix', () => {
    const rules = [rule(path('PathPrefix', '/a')), rule(path('PathPrefix', '/a/'))]
    assert.equal(shown(entering([route('shop/r', { rules })])), 'r 0 0, r 1 0')
  })
})

describe('the order of the matches of HTTPRoutes that ask for as much', () => {
  it('goes by the age of the routes where the matches are alike, then by their names', () => {
    const at = (name: string, created?: string) => route(name, created === undefined ? {} : { created })
    const [old, young] = ['2020-09-08T01:02:03Z', '2020-09-08T01:02:04Z']
    assert.equal(shown(entering([at('a/a', young), at('b/b', old)])), 'b 0 -, a 0 -')
    assert.equal(shown(entering([at('b/a', old), at('a/b', old)])), 'b 0 -, a 0 -')
    assert.equal(shown(entering([at('a/new'), at('z/old', young)])), 'old 0 -, new 0 -')
    assert.equal(shown(entering([at('a-b/x'), at('a/y')])), 'x 0 -, y 0 -')
  })

  it('goes by the place of the rule, then of the match, within one route', () => {
    const rules = [{ matches: [headers('a'), headers('b')] }, { matches: [headers('c')] }]
    assert.equal(shown(entering([route('shop/r', { rules })])), 'r 0 0, r 0 1, r 1 0')
  })

  it('has regexes where the implementation of the Gateway has them', () => {
    const rules = [path('PathPrefix', '/'), path('RegularExpression', '/a.*'), path('Exact', '/ab')].map(
      each => rule(each),
    )
    const by = (className: string, status?: object) =>
      shown(
        entering(
          [route('shop/r', { rules, ...(status !== undefined && { status }) })],
          {},
          gateway('infra/gw', [{}], { gatewayClassName: className }),
        ),
      )
    assert.equal(by('istio'), 'r 2 0, r 0 0, r 1 0')
    assert.equal(by('contour'), 'r 2 0, r 1 0, r 0 0')
    const parentRef = { namespace: 'infra', name: 'gw' }
    const said = (controllerName: string) => ({ parents: [{ parentRef, controllerName }] })
    assert.equal(by('public', said('istio.io/gateway-controller')), 'r 2 0, r 0 0, r 1 0')
    assert.equal(by('istio', said('projectcontour.io/gateway-controller')), 'r 2 0, r 1 0, r 0 0')
  })
})

describe('the order of the matches of GRPCRoutes', () => {
  it('is that of the specification', () => {
    const call = (serviceName?: string, method?: string, ...names: readonly string[]) => ({
      method: { service: serviceName, method },
      ...headers(...names),
    })
    const ordered = [
      call('a.LongService', undefined),
      call('a.Short', 'LongMethod'),
      call('a.Short', 'Short', 'a', 'b'),
      call('a.Short', 'Short', 'a'),
      call('a.Short', undefined, 'a', 'b', 'c'),
      call(undefined, 'LongMethod'),
      headers('a'),
    ]
    const rules = ordered.toReversed().map(each => rule(each))
    assert.equal(
      shown(entering([route('shop/r', { kind: 'GRPCRoute', rules })])),
      ordered.map((_, i) => `r ${ordered.length - 1 - i} 0`).join(', '),
    )
  })
})

describe('the routes of a Gateway for a host', () => {
  const named = (name: string, ...hostnames: readonly string[]) => route(`shop/${name}`, { hostnames })
  const routes = [
    named('all'),
    named('wild', '*.example.com'),
    named('deep', '*.a.example.com'),
    named('exact', 'a.example.com'),
  ]
  const at = (host: string) => shown(entering(routes, { host }))

  it('are those of the most specific hostname', () => {
    assert.equal(at('a.example.com'), 'exact 0 -')
    assert.equal(at('b.example.com'), 'wild 0 -')
    assert.equal(at('b.c.example.com'), 'wild 0 -')
    assert.equal(at('x.a.example.com'), 'deep 0 -')
    assert.equal(at('example.com'), 'all 0 -')
  })

  it('are those of the most specific listener of the port', () => {
    const gw = gateway('infra/gw', [
      { hostname: '*.example.com' },
      { hostname: 'a.example.com' },
      { port: 8080 },
    ])
    const parent = (sectionName: string) => ({ parents: [{ namespace: 'infra', name: 'gw', sectionName }] })
    const some = [route('shop/wild', parent('listener-0')), route('shop/exact', parent('listener-1'))]
    const by = (asked: Entering) => shown(entering(some, asked, gw))
    assert.equal(by({ host: 'a.example.com' }), 'exact 0 -')
    assert.equal(by({ host: 'b.example.com' }), 'wild 0 -')
    assert.equal(by({ host: 'example.net' }), 'no-host')
    assert.equal(by({ host: 'a.example.com', port: 8080 }), 'no-host')
    assert.equal(by({ host: 'a.example.com', port: 81 }), 'no-listener')
    assert.equal(by({ host: 'a.example.com', tls: true }), 'no-listener')
  })
})

describe('the routes of a Gateway with several listeners or kinds', () => {
  it('are read at a listener that ends TLS, and not at one that passes it on', () => {
    const gw = gateway('infra/gw', [
      { port: 443, protocol: 'HTTPS', hostname: '*.example.com' },
      { port: 443, protocol: 'TLS', hostname: 'raw.example.com' },
    ])
    const by = (host: string) => shown(entering([route('shop/r')], { host, port: 443, tls: true }, gw))
    assert.equal(by('a.example.com'), 'r 0 -')
    assert.equal(by('raw.example.com'), 'no-listener')
    assert.equal(by('example.net'), 'no-listener')
  })

  it('are of one kind where routes of both have a hostname in common: the older stays', () => {
    const grpc = (created: string, hostnames: readonly string[] = []) =>
      route('shop/grpc', { kind: 'GRPCRoute', created, hostnames })
    const http = route('shop/http', { created: '2021-01-01T00:00:00Z', hostnames: ['*.example.com'] })
    assert.equal(shown(entering([http, grpc('2020-01-01T00:00:00Z', ['a.example.com'])])), 'grpc 0 -')
    assert.equal(shown(entering([http, grpc('2022-01-01T00:00:00Z', ['a.example.com'])])), 'http 0 -')
    assert.equal(
      shown(entering([http, grpc('2022-01-01T00:00:00Z', ['a.example.net'])], { host: 'a.example.net' })),
      'grpc 0 -',
    )
  })
})

describe('the routes of a Service in the mesh', () => {
  const catalog = service('shop/catalog', { ports: [{ port: 80 }, { port: 9000 }] })
  const of = (
    name: string,
    { parent = {}, ...rest }: Written & { readonly parent?: object } = {},
  ): ServiceRoute =>
    route(name, { parents: [toService('catalog', { namespace: 'shop', ...parent })], ...rest })
  const from = (namespace: string, routes: readonly ServiceRoute[], port = 80) =>
    shown(
      serviceTable(viewOf([catalog, ...routes]), {
        service: { namespace: 'shop', name: 'catalog' },
        port,
        namespace,
        complete: true,
      }),
    )

  it('are the default where there is none', () => {
    assert.equal(from('web', []), 'default')
    assert.equal(from('web', [of('shop/r', { parent: { port: 9000 } })]), 'default')
    assert.equal(from('web', [of('shop/r', { parent: { port: 9000 } })], 9000), 'r 0 -')
  })

  it('are a consumer’s for callers of its namespace, and the producer’s for all others', () => {
    const routes = [of('shop/producer'), of('web/consumer'), of('jobs/other')]
    assert.equal(from('web', routes), 'consumer 0 -')
    assert.equal(from('shop', routes), 'producer 0 -')
    assert.equal(from('ops', routes), 'producer 0 -')
    assert.equal(from('ops', routes.slice(1)), 'default')
  })

  it('do not go by hostnames', () => {
    assert.equal(from('web', [of('shop/r', { hostnames: ['other.example.com'] })]), 'r 0 -')
  })

  it('are the GRPCRoutes where there are HTTPRoutes, too', () => {
    const old = '2020-01-01T00:00:00Z'
    assert.equal(
      from('web', [of('shop/http', { created: old }), of('shop/grpc', { kind: 'GRPCRoute' })]),
      'grpc 0 -',
    )
  })
})

describe('a match that no request reaches', () => {
  const unreached = (...matches: readonly object[]) => {
    const view = viewOf([gateway('infra/gw'), route('shop/r', { rules: matches.map(each => rule(each)) })])
    const gw = view.get({ kind: 'Gateway.gateway.networking.k8s.io', namespace: 'infra', name: 'gw' })!
    const table = gatewayTable(view, { gateway: gw, port: 80, tls: false, complete: true }, 'a.example.com')
    return [...shadowedIn(view, table)].map(([each, by]) => `${each.rule} by ${by.rule}`).join(', ')
  }

  it('comes after one that asks for no more', () => {
    assert.equal(unreached(headers('a'), headers('a')), '1 by 0')
    assert.equal(unreached({}, {}, {}), '1 by 0, 2 by 0')
    assert.equal(unreached(path('PathPrefix', '/a'), path('PathPrefix', '/a/')), '1 by 0')
    assert.equal(unreached(path('PathPrefix', '/a'), path('RegularExpression', '/a/b')), '')
    assert.equal(unreached({}, path('RegularExpression', '/a/b')), '1 by 0')
    assert.equal(unreached(path('Exact', '/a'), { ...path('Exact', '/a'), method: 'GET' }), '')
  })

  it('is not one that asks for something else', () => {
    for (const [why, first, second] of precedence) assert.equal(unreached(first, second), '', why)
  })
})
