/** Specs that an API server with the CRDs of the Gateway API takes or refuses. */
import type { KubeObject } from '../../../shared/objects/kube-object.ts'

export type CaseKind = 'HTTPRoute' | 'GRPCRoute' | 'ReferenceGrant'

export interface Case {
  readonly title: string
  readonly kind: CaseKind
  readonly spec: object
}

export const routeOf = (kind: CaseKind, spec: object): KubeObject =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name: 'x', namespace: 'shop' },
    spec,
  }) as KubeObject

const backend = { name: 'a', port: 80 }
const http = (title: string, rule: object): Case => ({ title, kind: 'HTTPRoute', spec: { rules: [rule] } })
const grpc = (title: string, rule: object): Case => ({ title, kind: 'GRPCRoute', spec: { rules: [rule] } })
const filtered = (title: string, ...filters: readonly object[]): Case => http(title, { filters })
const path = (title: string, type: string, value: string): Case =>
  http(title, { matches: [{ path: { type, value } }], backendRefs: [backend] })
const parents = (title: string, ...parentRefs: readonly object[]): Case => ({
  title,
  kind: 'HTTPRoute',
  spec: { parentRefs, rules: [{ backendRefs: [backend] }] },
})
const rewrite = (type: string, more: object): object => ({
  type: 'URLRewrite',
  urlRewrite: { path: { type, ...more } },
})
const mirror = (more: object): object => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: backend, ...more },
})
const many = <T>(count: number, of: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => of(i))
const matches = (count: number): object => ({
  matches: many(count, i => ({ path: { type: 'Exact', value: `/${i}` } })),
})

export const accepted: readonly Case[] = [
  http('a rule without matches', { backendRefs: [backend] }),
  http('weights of any sum', {
    backendRefs: [
      { ...backend, weight: 0 },
      { ...backend, name: 'b', weight: 1_000_000 },
    ],
  }),
  http('all kinds of matches', {
    matches: [
      {
        path: { type: 'PathPrefix', value: '/a' },
        method: 'GET',
        headers: [
          { name: 'x', value: '1' },
          { type: 'RegularExpression', name: 'X', value: 'a.*' },
        ],
        queryParams: [{ name: 'q', value: '1' }],
      },
      { path: { type: 'RegularExpression', value: 'a//b' } },
    ],
    backendRefs: [backend],
  }),
  http('timeouts, and a name', {
    name: 'r',
    timeouts: { request: '10s', backendRequest: '2s' },
    backendRefs: [backend],
  }),
  http('a backend of another kind without a port', {
    backendRefs: [{ group: 'x.io', kind: 'Pool', name: 'a' }],
  }),
  http('two rules of a name', { name: 'a' }),
  filtered('a redirect', { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }),
  filtered('two mirrors', mirror({ percent: 10 }), mirror({ fraction: { numerator: 1, denominator: 1000 } })),
  http('a prefix that is replaced', {
    matches: [{ path: { type: 'PathPrefix', value: '/a' } }],
    filters: [rewrite('ReplacePrefixMatch', { replacePrefixMatch: '/' })],
    backendRefs: [backend],
  }),
  http('a prefix that is replaced without a match', {
    filters: [rewrite('ReplacePrefixMatch', { replacePrefixMatch: '/' })],
  }),
  filtered('headers that are set', {
    type: 'RequestHeaderModifier',
    requestHeaderModifier: { set: [{ name: 'x', value: '1' }], remove: ['y'] },
  }),
  filtered('CORS', { type: 'CORS', cors: { allowOrigins: ['https://a.com'], allowMethods: ['*'] } }),
  parents('two sections of a Gateway', { name: 'g', sectionName: 'a' }, { name: 'g', sectionName: 'b' }),
  parents('a Service', { group: '', kind: 'Service', name: 'a', port: 80 }),
  {
    title: 'hostnames',
    kind: 'HTTPRoute',
    spec: { hostnames: ['a.com', '*.b.com'], rules: [{ backendRefs: [backend] }] },
  },
  { title: 'no rules at all', kind: 'HTTPRoute', spec: { parentRefs: [{ name: 'g' }] } },
  { title: '128 matches', kind: 'HTTPRoute', spec: { rules: [matches(64), matches(64)] } },
  grpc('a call', {
    matches: [{ method: { service: 'a.B', method: 'C' }, headers: [{ name: 'x', value: '1' }] }],
    backendRefs: [backend],
  }),
  grpc('a call by a regular expression', {
    matches: [{ method: { type: 'RegularExpression', service: '.*' } }],
    backendRefs: [backend],
  }),
  {
    title: 'a grant',
    kind: 'ReferenceGrant',
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'a' }],
      to: [{ group: '', kind: 'Service', name: 'a' }],
    },
  },
]

export const refused: readonly Case[] = [
  http('a negative weight', { backendRefs: [{ ...backend, weight: -1 }] }),
  http('a weight that is no integer', { backendRefs: [{ ...backend, weight: 0.5 }] }),
  http('a weight in quotes', { backendRefs: [{ ...backend, weight: '10' }] }),
  http('a weight above a million', { backendRefs: [{ ...backend, weight: 1_000_001 }] }),
  http('a Service without a port', { backendRefs: [{ name: 'a' }] }),
  http('a misspelled field', { backendRefs: [{ ...backend, wieght: 1 }] }),
  http('the same header twice', {
    matches: [
      {
        headers: [
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      },
    ],
  }),
  http('a redirect with backends', {
    filters: [{ type: 'RequestRedirect', requestRedirect: {} }],
    backendRefs: [backend],
  }),
  http('a prefix that is replaced beside another match', {
    matches: [{ path: { type: 'PathPrefix', value: '/a' } }, { path: { type: 'PathPrefix', value: '/b' } }],
    filters: [rewrite('ReplacePrefixMatch', { replacePrefixMatch: '/' })],
  }),
  http('a prefix that is replaced at an exact path', {
    matches: [{ path: { type: 'Exact', value: '/a' } }],
    backendRefs: [{ ...backend, filters: [rewrite('ReplacePrefixMatch', { replacePrefixMatch: '/' })] }],
  }),
  http('a longer timeout of the backend', { timeouts: { request: '1s', backendRequest: '2s' } }),
  filtered('a filter without its settings', { type: 'RequestMirror' }),
  filtered('a filter with the settings of another', {
    type: 'RequestMirror',
    requestMirror: { backendRef: backend },
    requestRedirect: {},
  }),
  filtered(
    'a redirect and a rewrite',
    { type: 'RequestRedirect', requestRedirect: {} },
    rewrite('ReplaceFullPath', { replaceFullPath: '/' }),
  ),
  filtered(
    'a filter twice',
    rewrite('ReplaceFullPath', { replaceFullPath: '/' }),
    rewrite('ReplaceFullPath', { replaceFullPath: '/' }),
  ),
  filtered('another status of a redirect', {
    type: 'RequestRedirect',
    requestRedirect: { statusCode: 200 },
  }),
  filtered('a percentage and a fraction', mirror({ percent: 10, fraction: { numerator: 1 } })),
  filtered('more than the whole', mirror({ fraction: { numerator: 101 } })),
  filtered('a full path without its text', rewrite('ReplaceFullPath', {})),
  filtered(
    'a full path of another type',
    rewrite('ReplacePrefixMatch', { replaceFullPath: '/', replacePrefixMatch: '/' }),
  ),
  filtered('CORS for all and one more', { type: 'CORS', cors: { allowMethods: ['*', 'GET'] } }),
  path('a path without a slash', 'PathPrefix', 'a'),
  path('a path with two slashes', 'Exact', '/a//b'),
  path('a path that goes up', 'Exact', '/a/..'),
  path('a path with a fragment', 'Exact', '/a#b'),
  path('an encoded slash', 'Exact', '/a%2Fb'),
  path('a path with a space', 'Exact', '/a b'),
  path('an unknown type of path', 'Prefix', '/a'),
  parents('a Gateway twice', { name: 'g' }, { name: 'g' }),
  parents('a Gateway with and without a section', { name: 'g' }, { name: 'g', sectionName: 'a' }),
  parents(
    'two ports of a Service',
    { group: '', kind: 'Service', name: 'a', port: 80 },
    { group: '', kind: 'Service', name: 'a', port: 81 },
  ),
  { title: 'a hostname that is an address', kind: 'HTTPRoute', spec: { hostnames: ['a_b'] } },
  { title: '17 rules', kind: 'HTTPRoute', spec: { rules: many(17, () => ({ backendRefs: [backend] })) } },
  { title: '65 matches of a rule', kind: 'HTTPRoute', spec: { rules: [matches(65)] } },
  {
    title: '129 matches',
    kind: 'HTTPRoute',
    spec: { rules: [matches(64), matches(64), { backendRefs: [backend] }] },
  },
  grpc('a call of nothing', { matches: [{ method: { type: 'Exact' } }] }),
  grpc('a service with a slash', { matches: [{ method: { service: 'a/b' } }] }),
  grpc('a method with a dot', { matches: [{ method: { method: 'a.b' } }] }),
  grpc('a Service without a port for gRPC', { backendRefs: [{ name: 'a' }] }),
  grpc('query parameters', { matches: [{ queryParams: [{ name: 'a', value: 'b' }] }] }),
  {
    title: 'a grant from nobody',
    kind: 'ReferenceGrant',
    spec: { from: [], to: [{ group: '', kind: 'Service' }] },
  },
]
