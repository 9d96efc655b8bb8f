import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRoute, ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { inSession } from '../../../shared/view/session.ts'
import { apisixRoute, around, to } from '../../plan/apisix/shop.ts'
import { re2, workload } from '../../routing/requests.ts'

const asked = (path: string, rest: Partial<Request> = {}): Request => ({
  caller: { kind: 'gateway', namespace: '', labels: { 'apisix.apache.org/ingress-class': 'apisix' } },
  host: 'shop.example.com',
  port: 80,
  method: 'GET',
  path,
  headers: {},
  ...rest,
})

/** The rule that takes a request: its name, the reason where there is none, or what nobody can tell. */
function takes(http: readonly ApisixRule[], request: Request, ...more: readonly KubeObject[]): string {
  const routes: readonly ApisixRoute[] = [
    apisixRoute(
      'catalog',
      http.map(rule => ({ backends: [to('catalog-v1')], ...rule })),
    ),
  ]
  const view = inSession(snapshot([...around, ...routes, ...more]))
  try {
    const { route, reason, status } = apisix.route(view, request, { regex: re2, complete: true })
    return route?.name ?? reason ?? `${status}`
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error.message
  }
}

/** A rule by its path; what else it matches, and its other fields. */
const rule = (name: string, path: string, ...[more = {}, fields = {}]: readonly object[]): ApisixRule => ({
  name,
  match: { paths: [path], ...more },
  ...fields,
})

describe('a query parameter', () => {
  it('is compared decoded, and by its first value', () => {
    const exprs = (value: string) => [{ subject: { scope: 'Query', name: 'q r' }, op: 'Equal', value }]
    const http = [rule('blank', '/*', { exprs: exprs('a b') }, { priority: 1 }), rule('all', '/*')]
    for (const [query, by] of [
      ['q%20r=a%20b', 'blank'],
      ['q+r=a+b', 'blank'],
      ['x=1&q+r=a b&q+r=c', 'blank'],
      ['q+r=c&q+r=a+b', 'all'],
      ['q+r=a%2520b', 'all'],
    ] as const)
      assert.equal(takes(http, asked('/items', { query })), by, query)
    const euro = [rule('euro', '/*', { exprs: exprs('€%') }, { priority: 1 }), rule('all', '/*')]
    assert.equal(takes(euro, asked('/items', { query: 'q+r=%e2%82%AC%' })), 'euro')
  })
})

describe('the order in which APISIX tries rules', () => {
  it('has exact paths before prefixes, and of these the longest first, whatever their priority', () => {
    const http = [
      rule('all', '/*', {}, { priority: 9 }),
      rule('items', '/items*'),
      rule('exact', '/items', {}, { priority: -1 }),
    ]
    assert.equal(takes(http, asked('/items')), 'exact')
    assert.equal(takes(http, asked('/items/1')), 'items')
    assert.equal(takes(http, asked('/other')), 'all')
  })

  it('has the highest priority first among rules of one path', () => {
    const http = [
      rule('low', '/*'),
      rule(
        'high',
        '/*',
        { exprs: [{ subject: { scope: 'Header', name: 'X-A' }, op: 'Equal', value: '1' }] },
        { priority: 1 },
      ),
    ]
    assert.equal(takes(http, asked('/', { headers: { 'x-a': '1' } })), 'high')
    assert.equal(takes(http, asked('/', { headers: { 'x-a': '2' } })), 'low')
    assert.equal(takes(http, asked('/')), 'low')
  })
})

describe('a path with a star inside', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['/api/*/items', '/api/a/b/items', 'one'],
    ['/api/*/items', '/api/a/items/1', 'no-route'],
    ['/api/*/items', '/v2/a/items', 'no-route'],
    ['/api/*/:id/items', '/api/a/1/items', 'one'],
    // The text after the first star is a pattern.
    ['/api/*/items*', '/api/a/items/1', 'no-route'],
    ['/api/*/items*', '/api/a/itemsss', 'one'],
    // Only elements that begin with a star stand for any text: without one the prefix counts.
    ['/items*end', '/items/other', 'one'],
  ]
  for (const [path, request, expected] of cases)
    it(`${path} has ${expected} for ${request}`, () => {
      assert.equal(takes([rule('one', path)], asked(request)), expected)
    })

  it('or with an element such as :id is for one kind of router, and after an exact path', () => {
    const http = [rule('any', '/users/:id'), rule('me', '/users/me')]
    assert.match(takes(http, asked('/users/1')), /cannot tell .*radixtree_uri_with_parameter/)
    assert.equal(takes(http, asked('/users/me')), 'me')
    assert.equal(takes(http, asked('/users/1/a')), 'no-route')
  })

  it('goes before the prefix of one priority that it begins with, and after one of a higher priority', () => {
    for (const [priority, expected] of [
      [0, 'inside'],
      [1, 'prefix'],
    ] as const)
      assert.equal(
        takes(
          [rule('prefix', '/api/*', {}, { priority }), rule('inside', '/api/*/items')],
          asked('/api/a/items'),
        ),
        expected,
      )
  })
})

describe('the order in which APISIX tries rules, where something does not tell', () => {
  it('is not known where two rules of one path and priority take a request', () => {
    const http = [rule('one', '/*'), rule('two', '/*')]
    assert.match(
      takes(http, asked('/')),
      /cannot tell which rule takes the request: .*spec\.http\[0\] and .*spec\.http\[1\] both take/,
    )
  })

  it('is not known where it depends on whether hosts are looked at first', () => {
    const http = [rule('host', '/*', { hosts: ['shop.example.com'] }), rule('path', '/a*')]
    assert.match(takes(http, asked('/a')), /radixtree_host_uri.*radixtree_uri/)
    assert.equal(takes(http, asked('/b')), 'host')
    assert.equal(takes(http, asked('/a', { host: 'else.example.com' })), 'path')
  })

  it('has no rule for another host, method or ingress class', () => {
    const http = [rule('one', '/*', { hosts: ['*.example.com'], methods: ['POST'] })]
    assert.equal(takes(http, asked('/')), 'no-route')
    assert.equal(takes(http, asked('/', { method: 'POST' })), 'one')
    assert.equal(takes(http, asked('/', { host: 'example.org' })), 'no-host')
    const other = { kind: 'gateway', namespace: 'infra', labels: {} } as const
    assert.equal(takes(http, asked('/', { caller: other })), 'no-listener')
  })
})

describe('what APISIX asks of a request', () => {
  const cases: readonly (readonly [object, Partial<Request>, boolean])[] = [
    [{ op: 'RegexMatch', value: 'b+' }, { headers: { 'x-a': 'abc' } }, true],
    [{ op: 'RegexMatch', value: '^b' }, { headers: { 'x-a': 'abc' } }, false],
    [{ op: 'RegexMatch', value: '^(?:a|b)$' }, { headers: { 'x-a': 'b' } }, true],
    [{ op: 'RegexMatchCaseInsensitive', value: 'ABC' }, { headers: { 'x-a': 'abc' } }, true],
    [{ op: 'In', set: ['1', '2'] }, { headers: { 'x-a': '2' } }, true],
    [{ op: 'In', set: ['1', '2'] }, { headers: { 'x-a': '12' } }, false],
    [{ op: 'NotEqual', value: '1' }, {}, true],
    [{ op: 'NotEqual', value: '1' }, { headers: { 'x-a': '1' } }, false],
    [{ op: 'NotIn', set: ['1'] }, { headers: { 'x-a': '2' } }, true],
    [{ op: 'Equal', value: '1' }, {}, false],
  ]
  for (const [expr, request, expected] of cases)
    it(`${JSON.stringify(expr)} ${expected ? 'takes' : 'does not take'} ${JSON.stringify(request)}`, () => {
      const exprs = [{ subject: { scope: 'Header', name: 'x-a' }, ...expr }]
      assert.equal(takes([rule('one', '/*', { exprs })], asked('/', request)), expected ? 'one' : 'no-route')
    })

  it('is known of variables that hold a header, a query parameter or a cookie', () => {
    const holds = (name: string, request: Partial<Request>): string => {
      const exprs = [{ subject: { scope: 'Variable', name }, op: 'Equal', value: '1' }]
      return takes([rule('one', '/*', { exprs })], asked('/', request))
    }
    assert.equal(holds('http_x_a', { headers: { 'x-a': '1' } }), 'one')
    assert.equal(holds('http_x_a', { headers: { 'x-a': '2' } }), 'no-route')
    assert.equal(holds('arg_a', { query: 'a=1' }), 'one')
    assert.equal(holds('cookie_a', { headers: { cookie: 'b=2; a=1' } }), 'one')
    assert.equal(holds('cookie_a', {}), 'no-route')
  })

  it('is not known of functions, addresses, variables, numbers and look-arounds', () => {
    const on = (subject: object, rest: object) => ({ exprs: [{ subject, ...rest }] })
    const header = { scope: 'Header', name: 'x-a' }
    for (const match of [
      { filter_func: 'function(vars) return true end' },
      { remoteAddrs: ['10.0.0.0/8'] },
      on({ scope: 'Variable', name: 'server_port' }, { op: 'Equal', value: '80' }),
      on(header, { op: 'GreaterThan', value: '3' }),
      on(header, { op: 'RegexMatch', value: '(?=a)' }),
    ])
      assert.match(
        takes([rule('one', '/*', match)], asked('/')),
        /cannot tell which rule takes/,
        JSON.stringify(match),
      )
  })
})

describe('where APISIX sends a request', () => {
  it('is not known where a plugin of the rule, or of its plugin config, decides', () => {
    const plugins = [{ name: 'traffic-split', enable: true }]
    assert.match(
      takes([rule('one', '/*', {}, { plugins })], asked('/')),
      /plugin traffic-split \(its plugins\) decides/,
    )
    const config = { plugin_config_name: 'common' }
    assert.match(
      takes([rule('one', '/*', {}, config)], asked('/')),
      /ApisixPluginConfig shop\/common is not in view/,
    )
    const common = {
      apiVersion: 'apisix.apache.org/v2',
      kind: 'ApisixPluginConfig',
      metadata: { name: 'common', namespace: 'shop' },
      spec: {
        plugins: [
          { name: 'traffic-split', enable: false },
          { name: 'cors', enable: true },
        ],
      },
    } as KubeObject
    assert.equal(takes([rule('one', '/*', {}, config)], asked('/'), common), 'one')
  })

  it('is nowhere where its Services are missing', () => {
    const view = inSession(
      snapshot([...around, apisixRoute('catalog', [{ ...rule('one', '/*'), backends: [to('absent')] }])]),
    )
    const { kind, status } = apisix.route(view, asked('/'), { regex: re2, complete: true })
    assert.deepEqual([kind, status], ['direct', 503])
  })

  it('is the Service itself for callers in the cluster', () => {
    const view = inSession(snapshot(around))
    const request = asked('/', { host: 'catalog', caller: workload('shop') })
    const { route, destinations } = apisix.route(view, request, { regex: re2, complete: true })
    assert.equal(route, undefined)
    assert.deepEqual(
      destinations.map(({ host, percent }) => [host, percent]),
      [['catalog.shop.svc.cluster.local', 100]],
    )
  })
})
