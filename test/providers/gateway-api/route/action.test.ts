import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { fc } from '../../../properties.ts'
import { gateway, route, type Written } from '../written-objects.ts'
import { decide, goesTo, shop } from './worlds.ts'

const world = (
  rule: object,
  written: Written = {},
  more: readonly KubeObject[] = [],
): readonly KubeObject[] => [...shop, ...more, route('shop/r', { rules: [rule], ...written })]
const to = (name: string, rest: object = {}): object => ({ name, port: 80, ...rest })
const v1 = to('catalog-v1')
const v2 = to('catalog-v2')

/** The EndpointSlice of a Service, with one endpoint that is ready or not. */
const slice = (name: string, ready?: boolean): KubeObject =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    endpoints: ready === undefined ? [] : [{ addresses: ['10.1.1.1'], conditions: { ready } }],
  }) as KubeObject

describe('the backends of a rule', () => {
  const among = (...backendRefs: readonly object[]) => goesTo(world({ backendRefs }))

  it('share the requests by their weights, 1 where there is none', () => {
    assert.equal(among(v1), 'catalog-v1')
    assert.equal(among(to('catalog-v1', { weight: 3 }), v2), 'catalog-v1 75, catalog-v2 25')
    assert.equal(among(to('catalog-v1', { weight: 7 })), 'catalog-v1')
    assert.equal(among(to('catalog-v1', { weight: 1 }), to('catalog-v2', { weight: 0 })), 'catalog-v1')
  })

  it('that are none, or all without weight, leave an answer of 500', () => {
    assert.equal(among(), '500')
    assert.equal(among(to('catalog-v1', { weight: 0 }), to('catalog-v2', { weight: 0 })), '500')
    assert.equal(goesTo(world({})), '500')
  })

  it('that are not valid fail for their part', () => {
    assert.equal(among(v1, to('gone')), 'catalog-v1 50, gone 50 500 host')
    assert.equal(among(to('catalog', { port: 81 })), 'catalog :81 500 port')
    assert.equal(among(to('catalog', { namespace: 'web' })), 'catalog.web 500 permission')
    assert.equal(goesTo(world({ backendRefs: [v1, to('gone')] }), {}, false), 'catalog-v1 50, gone 50')
  })
})

describe('backends that cannot answer', () => {
  it('answer a gRPC call with what it reads as unavailable', () => {
    const grpc = (rule: object) => goesTo(world(rule, { kind: 'GRPCRoute' }))
    assert.equal(grpc({ backendRefs: [to('gone')] }), 'gone 503 host')
    assert.equal(grpc({}), '503')
  })

  it('without a ready endpoint answer with 503', () => {
    const by = (...slices: readonly KubeObject[]) => goesTo(world({ backendRefs: [v1] }, {}, slices))
    assert.equal(by(), 'catalog-v1')
    assert.equal(by(slice('catalog-v1', true)), 'catalog-v1')
    assert.equal(by(slice('catalog-v1', false)), 'catalog-v1 503 pods')
    assert.equal(by(slice('catalog-v1')), 'catalog-v1 503 pods')
    assert.equal(goesTo(world({ backendRefs: [v1] }, {}, [slice('catalog-v1')]), {}, false), 'catalog-v1')
  })

  it('get parts that add up to all, whatever their weights', () => {
    const weight = fc.option(fc.nat(1_000_000), { nil: undefined })
    fc.assert(
      fc.property(fc.array(weight, { maxLength: 6 }), weights => {
        const { kind, destinations } = decide(
          world({ backendRefs: weights.map(each => to('catalog', { weight: each })) }),
        )
        const isNone = weights.every(each => each === 0)
        assert.equal(kind, isNone ? 'direct' : 'route')
        const sum = destinations.reduce((total, { percent }) => total + percent, 0)
        assert.ok(isNone || Math.abs(sum - 100) < 1e-9)
      }),
    )
  })
})

describe('the mirrors of a rule', () => {
  const mirror = (name: string, rest: object = {}) => ({
    type: 'RequestMirror',
    requestMirror: { backendRef: to(name), ...rest },
  })
  const copied = (...filters: readonly object[]) => goesTo(world({ filters, backendRefs: [v1] }))

  it('copy all requests, a percentage or a fraction of them', () => {
    assert.equal(copied(mirror('orders')), 'catalog-v1, copy orders')
    assert.equal(copied(mirror('orders', { percent: 5 })), 'catalog-v1, copy orders 5')
    assert.equal(
      copied(mirror('orders', { fraction: { numerator: 1, denominator: 1000 } })),
      'catalog-v1, copy orders 0.1',
    )
    assert.equal(copied(mirror('orders', { fraction: { numerator: 5 } })), 'catalog-v1, copy orders 5')
    assert.equal(copied(mirror('orders', { percent: 0 })), 'catalog-v1')
  })

  it('are left out where they are not valid', () => {
    assert.equal(copied(mirror('gone'), mirror('orders')), 'catalog-v1, copy orders')
  })

  it('of a backend copy its part', () => {
    const backendRefs = [to('catalog-v1', { filters: [mirror('orders', { percent: 50 })] }), v2]
    assert.equal(goesTo(world({ backendRefs })), 'catalog-v1 50, catalog-v2 50, copy orders 25')
  })
})

const filteredBy = (filters: readonly object[], rest: object = {}) =>
  decide(world({ filters, backendRefs: [v1], ...rest }))
const set = ([type, field]: readonly [string, string], name: string, value: string) => ({
  type,
  [field]: { set: [{ name, value }] },
})
const ofRequest = ['RequestHeaderModifier', 'requestHeaderModifier'] as const

describe('the filters of a rule', () => {
  it('change the headers of requests and responses, and those of a backend its own', () => {
    const { headers } = filteredBy([
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          set: [
            { name: 'A', value: '1' },
            { name: 'a', value: '2' },
          ],
          add: [{ name: 'b', value: '3' }],
          remove: ['c'],
        },
      },
      set(['ResponseHeaderModifier', 'responseHeaderModifier'], 'd', '4'),
    ])
    assert.deepEqual(headers, {
      request: { set: { A: '1' }, add: { b: '3' }, remove: ['c'] },
      response: { set: { d: '4' }, add: {}, remove: [] },
    })
    const own = { ...v1, filters: [set(ofRequest, 'x', 'y')] }
    assert.deepEqual(decide(world({ backendRefs: [own] })).destinations[0]?.headers?.request.set, { x: 'y' })
  })
})

describe('the filters and times of a rule', () => {
  it('that nobody knows make an answer of 500', () => {
    assert.equal(
      filteredBy([{ type: 'ExtensionRef', extensionRef: { group: 'a', kind: 'B', name: 'c' } }]).status,
      500,
    )
    assert.equal(filteredBy([{ type: 'Other' }]).status, 500)
    const backendRefs = [to('catalog-v1', { filters: [{ type: 'ExtensionRef' }] }), v2]
    assert.equal(goesTo(world({ backendRefs })), 'catalog-v1 50 500 filter, catalog-v2 50')
  })

  it('that are extensions are taken for those of the implementation, where it is not Istio', () => {
    const extension = { type: 'ExtensionRef', extensionRef: { group: 'a', kind: 'B', name: 'c' } }
    const objects = world({ filters: [extension], backendRefs: [{ ...v1, filters: [extension] }] })
    const by = (gatewayClassName: string): readonly KubeObject[] => [
      gateway('infra/gw', [{}], { gatewayClassName }),
      ...objects.slice(1),
    ]
    assert.equal(goesTo(by('eg')), 'catalog-v1')
    assert.equal(goesTo(by('istio')), '500')
    const alone = [...by('eg').slice(0, -1), route('shop/r', { rules: [{ filters: [extension] }] })]
    assert.throws(() => goesTo(alone), /cannot tell what answers .* spec\.rules\[0\] .* filter B c decides/)
  })

  it('set the time to wait, and the retries', () => {
    const waits = (timeouts: object, retry?: object) => {
      const { timeout, retries } = filteredBy([], { timeouts, retry })
      return [timeout, retries?.attempts, retries?.perTryTimeout, retries?.on]
    }
    assert.deepEqual(waits({ request: '10s' }), [10_000, undefined, undefined, undefined])
    assert.deepEqual(waits({ request: '10s', backendRequest: '2s' }), [
      2_000,
      undefined,
      undefined,
      undefined,
    ])
    assert.deepEqual(waits({ request: '0s' }), [undefined, undefined, undefined, undefined])
    const retry = { attempts: 3, codes: [500, 503] }
    assert.deepEqual(waits({ request: '1m30s', backendRequest: '500ms' }, retry), [90_000, 3, 500, '500,503'])
  })
})

/** From the documentation of `replacePrefixMatch` in the specification. */
const replaced: readonly (readonly [path: string, prefix: string, replacement: string, becomes: string])[] = [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/bar', '/', '/xyz', '/xyz/bar'],
]

describe('a rewrite', () => {
  const rewritten = (urlRewrite: object, match: object, path: string) =>
    decide(world({ matches: [match], filters: [{ type: 'URLRewrite', urlRewrite }], backendRefs: [v1] }), {
      path,
    }).rewrite
  const prefix = (value: string) => ({ type: 'ReplacePrefixMatch', replacePrefixMatch: value })

  it('replaces the prefix of a path by whole elements', () => {
    for (const [path, value, replacement, becomes] of replaced)
      assert.deepEqual(
        rewritten({ path: prefix(replacement) }, { path: { value } }, path),
        { path: becomes },
        `${path} ${value} ${replacement}`,
      )
  })

  it('replaces the whole path, and the Host header', () => {
    const full = { type: 'ReplaceFullPath', replaceFullPath: '/new' }
    assert.deepEqual(rewritten({ path: full, hostname: 'b.example.com' }, {}, '/old/x'), {
      path: '/new',
      authority: 'b.example.com',
    })
  })

  it('replaces no prefix where none was asked for', () => {
    const exact = { path: { type: 'Exact', value: '/old' } }
    assert.equal(rewritten({ path: prefix('/new') }, exact, '/old'), undefined)
  })
})

describe('a redirect', () => {
  const gw = gateway('infra/gw', [
    {},
    { port: 8080 },
    { port: 443, protocol: 'HTTPS' },
    { port: 8443, protocol: 'HTTPS' },
  ])
  const redirected = (requestRedirect: object, asked: Partial<Request> = {}) => {
    const rule = {
      matches: [{ path: { value: '/a' } }],
      filters: [{ type: 'RequestRedirect', requestRedirect }],
    }
    return decide([gw, ...shop.slice(1), route('shop/r', { rules: [rule] })], { path: '/a/b', ...asked })
      .redirect
  }

  it('says the status, the host and the path', () => {
    assert.deepEqual(redirected({ hostname: 'b.example.com' }), { code: 302, host: 'b.example.com' })
    const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/c' }
    assert.deepEqual(redirected({ statusCode: 301, path }), { code: 301, path: '/c/b' })
  })

  it('says the port that its scheme does not imply', () => {
    const [plain, own, tls, ownTls] = [
      {},
      { port: 8080 },
      { port: 443, tls: true },
      { port: 8443, tls: true },
    ]
    assert.deepEqual(redirected({}, plain), { code: 302 })
    assert.deepEqual(redirected({}, own), { code: 302, port: 8080 })
    assert.deepEqual(redirected({}, tls), { code: 302 })
    assert.deepEqual(redirected({}, ownTls), { code: 302, port: 8443 })
    assert.deepEqual(redirected({ scheme: 'https' }, own), { code: 302, scheme: 'https' })
    assert.deepEqual(redirected({ scheme: 'https', port: 8443 }, own), {
      code: 302,
      scheme: 'https',
      port: 8443,
    })
    assert.deepEqual(redirected({ scheme: 'http', port: 80 }, tls), { code: 302, scheme: 'http' })
  })
})
