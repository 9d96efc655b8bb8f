import { fc } from '../../properties.ts'
import type { HttpMatch, HttpRoute, WeightedDestination } from '../../../shared/objects/virtual-service.ts'

/** Any route, or one as a delegate has it: Istio merges it only where it fits into its root. */
export type RouteShape = 'any' | 'leaf'

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** A record without the keys that hold nothing. */
const partial = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  arbitrary.map(value => JSON.parse(JSON.stringify(value)) as T)

const uri = {
  any: fc.constantFrom(
    { prefix: '/' },
    { prefix: '/' },
    { prefix: '/items' },
    { prefix: '/items' },
    { exact: '/items/1' },
    { prefix: '/admin' },
    { regex: '/items/.*' },
  ),
  root: fc.constantFrom({ prefix: '/items' }, { prefix: '/' }, { exact: '/items/1' }),
  leaf: fc.constantFrom({ prefix: '/items' }, { prefix: '/items/1' }, { exact: '/items/1' }),
}

/** One block of a match. */
export const blockOf = (shape: RouteShape | 'root'): fc.Arbitrary<HttpMatch> =>
  partial(
    fc.record({
      uri: fc.oneof({ weight: 4, arbitrary: uri[shape] }, { weight: 1, arbitrary: fc.constant(undefined) }),
      ignoreUriCase: rarely(fc.constant(true)),
      headers: rarely(
        fc.constantFrom<Record<string, { exact?: string }>>(
          { 'x-debug': { exact: '1' } },
          { 'x-debug': {} },
          { 'x-istio-cohort': { exact: 'beta' } },
        ),
      ),
      withoutHeaders: rarely(fc.constant({ 'x-debug': {} })),
      queryParams: rarely(fc.constant({ beta: { exact: '1' } })),
      method: rarely(fc.constant({ exact: 'POST' })),
      port: rarely(fc.constantFrom(80, 8080)),
      sourceLabels: rarely(fc.constant({ app: 'webapp' })),
      sourceNamespace: rarely(fc.constantFrom('web', 'shop')),
      gateways: rarely(fc.constantFrom(['mesh'], ['istio-system/public'], ['mesh', 'istio-system/public'])),
    }),
  ) as fc.Arbitrary<HttpMatch>

const matchOf = (shape: RouteShape): fc.Arbitrary<readonly HttpMatch[] | undefined> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: fc.tuple(blockOf(shape)) },
    { weight: 1, arbitrary: fc.tuple(blockOf(shape), blockOf(shape)) },
  )

const hosts = { catalog: 'catalog.shop.svc.cluster.local', orders: 'orders.shop.svc.cluster.local' }
const port = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ number: 80 }) },
  { weight: 2, arbitrary: fc.constant(undefined) },
)
const destinationHeaders = rarely(fc.constant({ request: { set: { 'x-to': 'one' } } }))

const lone = (name: keyof typeof hosts): fc.Arbitrary<readonly WeightedDestination[]> =>
  fc
    .record({
      subset:
        name === 'catalog' ? fc.constantFrom('v1', 'v1', 'v2', undefined, undefined) : fc.constant(undefined),
      port,
      headers: destinationHeaders,
      weight: rarely(fc.constant(100)),
    })
    .map(({ subset, port: to, headers, weight }) => [
      { destination: { host: hosts[name], subset, port: to }, headers, weight } as WeightedDestination,
    ])

const split: fc.Arbitrary<readonly WeightedDestination[]> = fc
  .record({ port, share: fc.constantFrom(10, 50, 100), headers: destinationHeaders })
  .map(({ port: to, share, headers }) => [
    {
      destination: { host: hosts.catalog, subset: 'v1', port: to } as WeightedDestination['destination'],
      weight: share,
    },
    {
      destination: { host: hosts.catalog, subset: 'v2', port: to } as WeightedDestination['destination'],
      weight: 100 - share,
      headers: share === 100 ? undefined : headers,
    } as WeightedDestination,
  ])
const mixed = fc.tuple(lone('catalog'), lone('orders')).map(([[one], [other]]) => [
  { ...one!, weight: 60 },
  { ...other!, weight: 40 },
])

const around = fc.record({
  timeout: rarely(fc.constant('3s')),
  rewrite: rarely(fc.constant({ uri: '/rewritten' })),
  retries: rarely(fc.constant({ attempts: 2 })),
  headers: rarely(fc.constant({ response: { add: { 'x-route': '1' } } })),
  fault: rarely(fc.constant({ delay: { percentage: { value: 50 }, fixedDelay: '2s' } })),
})
const mirror = rarely(
  fc.constantFrom(
    { mirror: { host: hosts.catalog, subset: 'v2' }, mirrorPercentage: { value: 10 } },
    { mirrors: [{ destination: { host: hosts.orders }, percentage: { value: 5 } }] },
  ),
)

/** What a route does that leads to one host, by whatever shares. */
export const actionTo = (name: keyof typeof hosts): fc.Arbitrary<HttpRoute> =>
  partial(
    fc
      .tuple(
        name === 'catalog'
          ? fc.oneof({ weight: 4, arbitrary: lone('catalog') }, { weight: 2, arbitrary: split })
          : lone('orders'),
        around,
        mirror,
      )
      .map(([route, more, copies]): HttpRoute => ({ route, ...more, ...copies })),
  )

const action: fc.Arbitrary<HttpRoute> = fc.oneof(
  { weight: 24, arbitrary: actionTo('catalog') },
  { weight: 12, arbitrary: actionTo('orders') },
  { weight: 3, arbitrary: fc.constant({ redirect: { uri: '/elsewhere' } }) },
  { weight: 3, arbitrary: fc.constant({ directResponse: { status: 418 } }) },
  { weight: 1, arbitrary: partial(mixed.map((route): HttpRoute => ({ route }))) },
)

/** The http routes of a VirtualService. */
export const routesOf = (shape: RouteShape): fc.Arbitrary<readonly HttpRoute[]> =>
  fc.array(
    fc
      .tuple(rarely(fc.constantFrom('one', 'two')), matchOf(shape), action)
      .map(([name, match, does]): HttpRoute => ({
        ...(name === undefined ? {} : { name }),
        ...(match === undefined ? {} : { match }),
        ...does,
      })),
    { minLength: 1, maxLength: 3 },
  )
