import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { HttpMatch, HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { deepFreeze } from '../worlds.ts'
import { catalogHost, gateway, istio, plainServices, publicGateway } from './worlds.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight, arbitrary })

const blocks: readonly HttpMatch[] = [
  { uri: { prefix: '/' } },
  { uri: { prefix: '/' } },
  { uri: { prefix: '/items' } },
  { uri: { exact: '/items/1' } },
  { uri: { prefix: '/admin' } },
  { headers: { 'x-debug': { exact: '1' } } },
  { uri: { prefix: '/' }, headers: { 'x-istio-cohort': { exact: 'beta' } } },
  { uri: { prefix: '/' }, gateways: [publicGateway] },
  { uri: { prefix: '/items' }, gateways: ['mesh'] },
  { uri: { prefix: '/' }, sourceLabels: { app: 'webapp' } },
  { method: { exact: 'POST' } },
]
const match = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 5, arbitrary: fc.constantFrom(...blocks).map(block => [block]) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...blocks), fc.constantFrom(...blocks)),
  },
)
const ordersHost = 'orders.shop.svc.cluster.local'
const action = fc.constantFrom<HttpRoute>(
  { route: [{ destination: { host: catalogHost } }] },
  { route: [{ destination: { host: catalogHost, subset: 'v1' } }] },
  { route: [{ destination: { host: catalogHost, subset: 'v1' } }], timeout: '3s' } as HttpRoute,
  { route: [{ destination: { host: ordersHost } }] },
  { route: [{ destination: { host: ordersHost } }] },
  { directResponse: { status: 418 } },
)
const routes = fc.array(
  fc.tuple(match, action).map(([asked, does]): HttpRoute => ({
    ...(asked === undefined ? {} : { match: asked }),
    ...does,
  })),
  { minLength: 1, maxLength: 3 },
)

const virtualServiceOf = (name: string): fc.Arbitrary<readonly KubeObject[]> =>
  fc
    .record({
      namespace: fc.constantFrom('shop', 'shop', 'shop', 'web'),
      day: fc.constantFrom(1, 1, 2, 3),
      hosts: fc.constantFrom<readonly string[]>(
        ['shop.example.com'],
        ['shop.example.com'],
        ['shop.example.com', 'api.example.com'],
        ['*.example.com'],
        ['shop.example.com', catalogHost],
      ),
      exportTo: maybe(fc.constantFrom(['*'], ['shop', 'istio-system'])),
      http: routes,
      leaf: maybe(fc.tuple(match, routes), 2),
    })
    .map(({ namespace, day, hosts, exportTo, http, leaf }) => {
      const gateways = hosts.includes(catalogHost) ? [publicGateway, 'mesh'] : [publicGateway]
      const created = `2024-01-0${day}T00:00:00Z`
      const delegating = leaf && [
        { ...(leaf[0] && { match: leaf[0] }), delegate: { name: `${name}-leaf`, namespace: 'shop' } },
      ]
      return [
        istio(
          'VirtualService',
          { name, namespace, creationTimestamp: created },
          { hosts, gateways, exportTo, http: [...(delegating ?? []), ...http] },
        ),
        ...(leaf === undefined
          ? []
          : [
              istio(
                'VirtualService',
                { name: `${name}-leaf`, namespace: 'shop', creationTimestamp: created },
                { http: leaf[1] },
              ),
            ]),
      ]
    })

/** The objects of a cluster in which several VirtualServices share the hosts of a gateway, and most take everything. */
export const crowdedWorld: fc.Arbitrary<readonly KubeObject[]> = fc
  .shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 2, maxLength: 3 })
  .chain(names => fc.tuple(...names.map(virtualServiceOf)))
  .map(made => deepFreeze([...plainServices, gateway, ...made.flat()]))
