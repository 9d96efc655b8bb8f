import { fc } from '../../properties.ts'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { deepFreeze } from '../worlds.ts'
import { blockOf, routesOf, type RouteShape } from './routes.ts'

/** The Service that is edited, and the host that it provides. */
export const catalogHost = 'catalog.shop.svc.cluster.local'
export const publicGateway = 'istio-system/public'

const some = <T>(arbitrary: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq })
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** An object without the keys that hold nothing. */
const clean = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const object = (apiVersion: string, kind: string, rest: object): KubeObject =>
  clean({ apiVersion, kind, ...rest }) as KubeObject
/** An object of Istio, without the keys that hold nothing. */
export const istio = (kind: string, metadata: object, spec: object): KubeObject =>
  object('networking.istio.io/v1', kind, { metadata, spec })

const stamp = some(fc.constantFrom(1, 2, 3).map(day => `2024-01-0${day}T00:00:00Z`))
const exportTo = rarely(fc.constantFrom(['*'], ['.'], ['web'], ['shop', 'istio-system'], ['.', 'web']))

const ports = fc.constantFrom(
  [{ name: 'http', port: 80 }],
  [{ name: 'http', port: 80 }],
  [
    { name: 'http', port: 80 },
    { name: 'http-admin', port: 8080 },
  ],
  [
    { name: 'http', port: 80 },
    { name: 'tcp', port: 9000 },
  ],
)

const deployment = (name: string, labels: Labels): KubeObject =>
  object('apps/v1', 'Deployment', {
    metadata: { name, namespace: 'shop' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels } } },
    status: { readyReplicas: 1 },
  })

const servicesWith = (offered: readonly object[], versions: readonly string[]): readonly KubeObject[] => [
  ...['catalog', 'orders'].map(name =>
    object('v1', 'Service', {
      metadata: { name, namespace: 'shop' },
      spec: { selector: { app: name }, ports: name === 'catalog' ? offered : [{ name: 'http', port: 80 }] },
    }),
  ),
  ...versions.map(version => deployment(`catalog-${version}`, { app: 'catalog', version })),
  deployment('orders-v1', { app: 'orders', version: 'v1' }),
  // Cohorts may be of those with a claim in their token.
  object('security.istio.io/v1', 'RequestAuthentication', {
    metadata: { name: 'tokens', namespace: 'istio-system' },
    spec: { jwtRules: [{ issuer: 'https://issuer.example.com' }] },
  }),
]
const services = fc
  .tuple(ports, fc.constantFrom(['v1', 'v2'], ['v1', 'v2'], ['v1', 'v2', 'v3']))
  .map(([offered, versions]) => servicesWith(offered, versions))

const subsets = (...names: readonly string[]) => names.map(name => ({ name, labels: { version: name } }))

const destinationRule = (name: string, namespace: string, spec: object): KubeObject =>
  istio('DestinationRule', { name, namespace }, spec)

/** The Services with one port, two versions and a subset for each. */
export const plainServices: readonly KubeObject[] = [
  ...servicesWith([{ name: 'http', port: 80 }], ['v1', 'v2']),
  destinationRule('catalog', 'shop', { host: 'catalog', subsets: subsets('v1', 'v2') }),
]

/** The Service's own rule, one of a client's namespace, one for many hosts. */
const rules: fc.Arbitrary<readonly KubeObject[]> = fc
  .record({
    own: fc.oneof(
      { weight: 6, arbitrary: fc.constant(subsets('v1', 'v2')) },
      { weight: 1, arbitrary: fc.constant(subsets('v1')) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    exportTo,
    client: rarely(fc.constantFrom(subsets('v1', 'v2'), subsets('v1'), undefined)),
    wildcard: rarely(fc.constant(subsets('v1'))),
  })
  .map(({ own, exportTo: to, client, wildcard }) => [
    ...(own === undefined
      ? []
      : [destinationRule('catalog', 'shop', { host: 'catalog', exportTo: to, subsets: own })]),
    ...(client === undefined
      ? []
      : [destinationRule('of-web', 'web', { host: catalogHost, subsets: client })]),
    ...(wildcard === undefined
      ? []
      : [destinationRule('many', 'istio-system', { host: '*.svc.cluster.local', subsets: wildcard })]),
  ])

export const gateway = istio(
  'Gateway',
  { name: 'public', namespace: 'istio-system' },
  {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  },
)
const gateways = fc.oneof(
  { weight: 5, arbitrary: fc.constant([gateway]) },
  { weight: 1, arbitrary: fc.constant([]) },
)

const sidecars = rarely(
  fc.record({
    labels: some(fc.constant({ app: 'webapp' })),
    hosts: fc.constantFrom(['./*'], ['*/*'], ['shop/*'], ['./*', `*/${catalogHost}`]),
  }),
).map(made =>
  made === undefined
    ? []
    : [
        istio(
          'Sidecar',
          { name: 'default', namespace: 'web' },
          {
            workloadSelector: made.labels === undefined ? undefined : { labels: made.labels },
            egress: [{ hosts: made.hosts }],
          },
        ),
      ],
)

type Entrance = 'gateway' | 'mesh' | 'both'

const hostsFor = {
  gateway: fc.constantFrom(
    ['shop.example.com'],
    ['shop.example.com'],
    ['*.example.com'],
    ['shop.example.com', 'api.example.com'],
  ),
  mesh: fc.constantFrom(
    [catalogHost],
    [catalogHost],
    ['orders.shop.svc.cluster.local'],
    [catalogHost, 'orders.shop.svc.cluster.local'],
  ),
  both: fc.constantFrom([catalogHost, 'shop.example.com'], ['shop.example.com', catalogHost]),
}
const gatewaysFor = {
  gateway: [publicGateway],
  mesh: ['mesh'],
  both: ['mesh', publicGateway],
}

const tcp = rarely(
  fc.constant([
    {
      match: [{ port: 9000 }],
      route: [{ destination: { host: catalogHost, subset: 'v1', port: { number: 9000 } } }],
    },
  ]),
)

interface Named {
  readonly name: string
  readonly shape: RouteShape
}

const virtualService = (entrance: Entrance, { name, shape }: Named): fc.Arbitrary<KubeObject> =>
  fc
    .record({
      namespace: fc.constantFrom('shop', 'shop', 'shop', 'web'),
      creationTimestamp: stamp,
      hosts: hostsFor[entrance],
      exportTo,
      http: routesOf(shape),
      tcp: entrance === 'gateway' ? fc.constant(undefined) : tcp,
      isImplicit: fc.boolean(),
    })
    .map(({ namespace, creationTimestamp, isImplicit, ...spec }) =>
      istio(
        'VirtualService',
        { name, namespace, creationTimestamp },
        { ...spec, gateways: entrance === 'mesh' && isImplicit ? undefined : gatewaysFor[entrance] },
      ),
    )

/** A root that delegates to `leaf` among other routes, and the leaf. */
const delegation = (name: string): fc.Arbitrary<readonly KubeObject[]> =>
  fc
    .record({
      entrance: fc.constantFrom<Entrance>('gateway', 'mesh', 'both'),
      root: blockOf('root'),
      isBare: fc.boolean(),
      leaf: routesOf('leaf'),
      timeout: rarely(fc.constant('7s')),
    })
    .chain(({ entrance, root, isBare, leaf, timeout }) =>
      virtualService(entrance, { name, shape: 'any' }).map(object => {
        const { spec } = object as VirtualService
        const delegating = {
          ...(isBare ? {} : { match: [root] }),
          delegate: { name: `${name}-leaf`, namespace: 'shop' },
          ...(timeout === undefined ? {} : { timeout }),
        }
        return [
          { ...object, spec: { ...spec, http: [delegating, ...(spec.http ?? [])] } } as KubeObject,
          istio('VirtualService', { name: `${name}-leaf`, namespace: 'shop' }, { http: leaf }),
        ]
      }),
    )

const routing: fc.Arbitrary<readonly KubeObject[]> = fc
  .record({
    names: fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4, maxLength: 4 }),
    entrances: fc.array(
      fc.constantFrom<Entrance | 'delegating'>(
        'gateway',
        'gateway',
        'gateway',
        'mesh',
        'mesh',
        'both',
        'delegating',
      ),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .chain(({ names, entrances }) =>
    fc.tuple(
      ...entrances.map((entrance, i) =>
        entrance === 'delegating'
          ? delegation(names[i]!)
          : virtualService(entrance, { name: names[i]!, shape: 'any' }).map(made => [made]),
      ),
    ),
  )
  .map(made => made.flat())

/** The objects of a cluster in which several VirtualServices route a Service, meet on hosts, delegate, and lead elsewhere in between. */
export const world: fc.Arbitrary<readonly KubeObject[]> = fc
  .tuple(services, rules, gateways, sidecars, routing)
  .map(parts => deepFreeze(parts.flat()))
