/** Random HTTPRoutes whose matches often overlap, and requests that they may take. */
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fc } from '../../properties.ts'
import { grant, route, service } from '../../providers/gateway-api/written-objects.ts'
import type { RawRequest } from '../connection.ts'

const { constantFrom: oneOf } = fc

/** The Services that there are, and one grant: routes of web may lead to catalog of shop, and to nothing else there. */
export const services = ['shop/catalog', 'shop/catalog-v1', 'shop/catalog-v2', 'shop/orders', 'web/webapp']
export const fixed: readonly KubeObject[] = [
  ...services.map(said => service(said)),
  grant('web', 'shop', { name: 'catalog' }),
]

/** What differs between those who carry the routes out. */
export interface WorldKind {
  readonly parents: readonly object[]
  readonly paths: readonly string[]
  readonly mostMatches: number
  /** Whether some of several backends may not be valid. */
  readonly mixesFaults: boolean
  /** Whether a redirect may ask for query parameters. */
  readonly redirectsByQuery: boolean
}

const valueMatches = (...names: readonly string[]) =>
  fc.uniqueArray(
    fc.record({
      type: oneOf('Exact', 'RegularExpression'),
      name: oneOf(...names),
      value: oneOf('1', '2', '[12]+'),
    }),
    { maxLength: 2, selector: ({ name }) => name },
  )

const matchAmong = (paths: readonly string[]) =>
  fc.record(
    {
      path: fc.oneof(
        { weight: 3, arbitrary: fc.record({ type: oneOf('Exact', 'PathPrefix'), value: oneOf(...paths) }) },
        {
          weight: 1,
          // No two of one length: whose goes first is not said anywhere.
          arbitrary: fc.record({
            type: fc.constant('RegularExpression'),
            value: oneOf('/a.*', '/[ab]/.*', '/(b|a/b)'),
          }),
        },
      ),
      method: oneOf('GET', 'POST'),
      headers: valueMatches('x-a', 'X-B'),
      queryParams: valueMatches('p', 'q'),
    },
    { requiredKeys: [] },
  )

const valid: Readonly<Record<string, readonly object[]>> = {
  shop: ['catalog', 'catalog-v1', 'catalog-v2', 'orders'].map(name => ({ name, port: 80 })),
  web: [
    { name: 'webapp', port: 80 },
    { name: 'catalog', namespace: 'shop', port: 80 },
  ],
}
const invalid: Readonly<Record<string, readonly object[]>> = {
  shop: [
    { name: 'gone', port: 80 },
    { name: 'catalog', port: 81 },
  ],
  web: [
    { name: 'gone', port: 80 },
    { name: 'orders', namespace: 'shop', port: 80 },
  ],
}
const weighted = (backends: readonly object[]) =>
  fc
    .uniqueArray(fc.tuple(oneOf(...backends), fc.option(oneOf(0, 1, 3, 10), { nil: undefined })), {
      minLength: 1,
      maxLength: 3,
      selector: ([backend]) => backend,
    })
    .map(pairs => pairs.map(([backend, weight]) => ({ ...backend, ...(weight !== undefined && { weight }) })))

const filter = oneOf<object>(
  { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } } },
  { type: 'URLRewrite', urlRewrite: { hostname: 'inner.example.com' } },
  { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-set', value: '1' }] } },
  { type: 'RequestMirror', requestMirror: { backendRef: { name: 'orders', port: 80 } } },
)
const redirect = oneOf<object>(
  { hostname: 'other.example.com' },
  { hostname: 'other.example.com', statusCode: 301, port: 8080 },
  {
    hostname: 'other.example.com',
    scheme: 'https',
    path: { type: 'ReplaceFullPath', replaceFullPath: '/new' },
  },
).map(requestRedirect => ({ filters: [{ type: 'RequestRedirect', requestRedirect }] }))

function ruleOf(
  namespace: string,
  { paths, mostMatches, mixesFaults, redirectsByQuery }: WorldKind,
): fc.Arbitrary<object> {
  const [good, bad] = [valid[namespace]!, invalid[namespace]!]
  const backends = mixesFaults
    ? weighted([...good, ...bad])
    : fc.oneof({ weight: 5, arbitrary: weighted(good) }, { weight: 1, arbitrary: weighted(bad) })
  const leading = fc.record({ backendRefs: backends, filters: fc.array(filter, { maxLength: 1 }) })
  const matches = fc.array(matchAmong(paths), { maxLength: mostMatches })
  return fc
    .tuple(matches, fc.oneof({ weight: 6, arbitrary: leading }, { weight: 1, arbitrary: redirect }))
    .map(([some, action]) => {
      const asked = 'backendRefs' in action || redirectsByQuery ? some : some.map(withoutQuery)
      return { ...(asked.length > 0 && { matches: asked }), ...action }
    })
}

const withoutQuery = ({ queryParams: _, ...match }: { readonly queryParams?: unknown }): object => match

/** HTTPRoutes of different names, of shop and web. */
export const routesOf = (kind: WorldKind): fc.Arbitrary<readonly ServiceRoute[]> =>
  fc.uniqueArray(
    oneOf('shop', 'web').chain(namespace =>
      fc
        .record({
          name: oneOf('r1', 'r2', 'r3', 'r4'),
          hostnames: fc.array(oneOf('a.example.com', '*.example.com', 'b.example.com'), { maxLength: 1 }),
          rules: fc.array(ruleOf(namespace, kind), { minLength: 1, maxLength: 3 }),
        })
        .map(({ name, ...rest }) => route(`${namespace}/${name}`, { parents: kind.parents, ...rest })),
    ),
    { minLength: 2, maxLength: 5, selector: ({ metadata: { namespace, name } }) => `${namespace}/${name}` },
  )

/** A request to one of the hosts, as its bytes are. */
export const requestTo = (...hosts: readonly string[]): fc.Arbitrary<RawRequest> =>
  fc
    .record({
      host: oneOf(...hosts),
      method: oneOf('GET', 'POST'),
      path: oneOf('/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/b', '/b/x', '/A', '/a/../b', '/%61/b'),
      query: oneOf('', '', '?p=1', '?q=2', '?p=1&q=2', '?p=3&p=1'),
      headers: fc.uniqueArray(fc.tuple(oneOf('x-a', 'x-b', 'X-A'), oneOf('1', '2', '3', '12')), {
        maxLength: 2,
        selector: ([name]) => name.toLowerCase(),
      }),
    })
    .map(({ host, method, path, query, headers }) => ({
      method,
      target: `${path}${query}`,
      headers: [['host', host], ['content-length', '0'], ...headers],
    }))
