import { fc } from '../properties.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import type { Change } from '../../shared/view/change.ts'
import { apisixObjects } from './apisix/worlds.ts'
import { gatewayApiObjects } from './gateway-api/worlds.ts'
import { deepFreeze } from '../providers/istio/resolve/corpus.ts'

/** Few names, so that objects meet. */
const namespace = fc.constantFrom('a', 'b', 'istio-system')
const name = fc.constantFrom('x', 'y')
const subset = fc.constantFrom('v1', 'v2')
const host = fc.constantFrom(
  'x',
  'y',
  'x.a.svc.cluster.local',
  'x.b.svc.cluster.local',
  'x.a',
  'X',
  'ext.com',
)
const wildcard = fc.constantFrom('*', '*.a.svc.cluster.local', '*x.a.svc.cluster.local', '*.com')
const anyHost = fc.oneof({ weight: 4, arbitrary: host }, { weight: 1, arbitrary: wildcard })
const exportTo = fc.option(fc.subarray(['*', '.', 'a', 'b', '~'], { minLength: 1, maxLength: 2 }), {
  nil: undefined,
  freq: 3,
})
const labels = fc.constantFrom<Readonly<Record<string, string>>>(
  { app: 'x' },
  { app: 'x', version: 'v1' },
  { app: 'x', version: 'v2' },
  { app: 'y' },
  { istio: 'gw' },
)
const selector = fc.constantFrom({ app: 'x' }, { app: 'y' }, { app: 'x', version: 'v1' })
const gateway = fc.constantFrom('mesh', 'x', 'a/x', 'b/y')
const port = fc.constantFrom(80, 9080)

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const list = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 2): fc.Arbitrary<readonly T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength })
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const destination = fc.record({ host, subset: some(subset), port: rarely(port.map(number => ({ number }))) })
const match = fc.record({
  uri: some(fc.constantFrom({ prefix: '/' }, { prefix: '/a' })),
  port: rarely(port),
  sourceNamespace: rarely(namespace),
  sourceLabels: rarely(labels),
  gateways: rarely(list(gateway)),
})
const route = fc.record({
  match: some(list(match)),
  route: list(fc.record({ destination, weight: some(fc.constantFrom(0, 10, 50, 100)) })),
  mirror: rarely(destination),
  delegate: rarely(fc.record({ name, namespace: some(namespace) })),
})
const l4 = fc.record({
  match: some(list(fc.record({ port: rarely(port) }))),
  route: list(fc.record({ destination })),
})

// oxlint-disable-next-line max-params -- what every object has, in the order in which it is written
const object = (
  apiVersion: string,
  kind: string,
  rest: fc.Arbitrary<object>,
  metadata: fc.Arbitrary<object> = fc.constant({}),
): fc.Arbitrary<KubeObject> =>
  fc
    .tuple(name, namespace, fc.constantFrom('2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'), rest, metadata)
    .map(
      ([called, within, creationTimestamp, fields, more]) =>
        clean({
          apiVersion,
          kind,
          metadata: { name: called, namespace: within, creationTimestamp, ...more },
          ...fields,
        }) as KubeObject,
    )

const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const istio = (kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<KubeObject> =>
  object('networking.istio.io/v1', kind, fc.record({ spec }))
const added = some(fc.constantFrom('v1', 'v2').map(version => ({ labels: { version } })))
const workload = (
  kind: string,
  apiVersion = kind === 'Rollout' ? 'argoproj.io/v1alpha1' : 'apps/v1',
): fc.Arbitrary<KubeObject> =>
  object(
    apiVersion,
    kind,
    fc.record({
      spec: fc.record({
        replicas: some(fc.constantFrom(0, 1)),
        template: labels.map(given => ({ metadata: { labels: given } })),
        workloadRef:
          kind === 'Rollout'
            ? some(name.map(called => ({ kind: 'Deployment', name: called })))
            : fc.constant(undefined),
        strategy:
          kind === 'Rollout'
            ? some(fc.record({ canary: fc.record({ canaryMetadata: added, stableMetadata: added }) }))
            : fc.constant(undefined),
      }),
    }),
  )

export const virtualService = istio(
  'VirtualService',
  fc.record({
    hosts: rarely(fc.constant([])).chain(empty =>
      empty === undefined ? list(anyHost) : fc.constant(undefined),
    ),
    gateways: some(list(gateway)),
    exportTo,
    http: some(list(route, 3)),
    tcp: rarely(list(l4)),
  }),
)
export const destinationRule = istio(
  'DestinationRule',
  fc.record({
    host: anyHost,
    exportTo,
    workloadSelector: rarely(labels.map(matchLabels => ({ matchLabels }))),
    subsets: some(list(fc.record({ name: subset, labels: some(subset.map(version => ({ version }))) }))),
  }),
)
export const service = object(
  'v1',
  'Service',
  fc.record({
    spec: fc.record({
      selector: some(selector),
      type: rarely(fc.constant('ExternalName')),
      externalName: fc.constantFrom('x.b.svc.cluster.local', 'ext.com'),
      clusterIP: rarely(fc.constant('None')),
      ports: list(
        fc.record({
          port,
          name: some(fc.constantFrom('http', 'tcp', 'foo')),
          protocol: rarely(fc.constant('UDP')),
        }),
      ),
    }),
  }),
  fc.record({
    annotations: rarely(fc.constantFrom('.', '~', 'b').map(to => ({ 'networking.istio.io/exportTo': to }))),
  }),
)

const egress = fc.record({
  port: rarely(fc.record({ number: port, protocol: fc.constantFrom('HTTP', 'TCP', 'HTTP_PROXY') })),
  hosts: list(
    fc.constantFrom(
      '*/*',
      './*',
      '*/x.a.svc.cluster.local',
      'b/*',
      'a/x.a.svc.cluster.local',
      '~*/y.a.svc.cluster.local',
    ),
  ),
})
const others = [
  istio(
    'ServiceEntry',
    fc.record({
      hosts: list(fc.constantFrom('ext.com', '*.com', 'x.a', 'x.b.svc.cluster.local')),
      exportTo,
      resolution: fc.constantFrom('STATIC', 'DNS', 'NONE'),
      ports: list(fc.record({ number: port, protocol: fc.constantFrom('HTTP', 'TCP') })),
      endpoints: some(list(fc.record({ address: fc.constant('1.1.1.1'), labels: some(labels) }))),
      workloadSelector: rarely(selector.map(given => ({ labels: given }))),
    }),
  ),
  istio(
    'Gateway',
    fc.record({
      selector: fc.oneof(
        { weight: 4, arbitrary: fc.constant({ istio: 'gw' }) },
        { weight: 1, arbitrary: fc.constant({}) },
      ),
      servers: list(
        fc.record({
          port: fc.record({ number: port, protocol: fc.constantFrom('HTTP', 'TCP') }),
          hosts: list(fc.constantFrom('*', 'ext.com', 'a/*', 'x.a.svc.cluster.local')),
        }),
      ),
    }),
  ),
  istio(
    'Sidecar',
    fc.record({
      workloadSelector: rarely(labels.map(given => ({ labels: given }))),
      egress: some(list(egress)),
    }),
  ),
  istio('WorkloadEntry', fc.record({ address: fc.constant('1.1.1.1'), labels })),
  workload('Deployment'),
  workload('Deployment'),
  workload('StatefulSet'),
  workload('Rollout'),
  workload('CloneSet', 'apps.kruise.io/v1alpha1'),
  workload('StatefulSet', 'apps.kruise.io/v1beta1'),
  workload('ReplicationController', 'v1'),
  workload('DeploymentConfig', 'apps.openshift.io/v1'),
  object(
    'v1',
    'Pod',
    fc.constant({}),
    fc.record({
      labels,
      ownerReferences: rarely(
        fc.constant([{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', controller: true }]),
      ),
    }),
  ),
  object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    fc.record({
      endpoints: list(
        fc.record({
          addresses: fc.constant(['1.1.1.1']),
          targetRef: some(name.map(called => ({ kind: 'Pod', name: called }))),
        }),
      ),
    }),
    name.map(called => ({ labels: { 'kubernetes.io/service-name': called } })),
  ),
]

/** Any object of a kind that we read. */
export const anyObject = fc.oneof(
  { weight: 6, arbitrary: virtualService },
  { weight: 4, arbitrary: destinationRule },
  { weight: 4, arbitrary: service },
  ...others.map(arbitrary => ({ weight: 1, arbitrary })),
  ...gatewayApiObjects.map(arbitrary => ({ weight: 1, arbitrary })),
  ...apisixObjects.map(arbitrary => ({ weight: 1, arbitrary })),
)

/** A small world, each object in it once. */
export const world = fc
  .array(anyObject, { minLength: 1, maxLength: 14 })
  .map(objects => [...new Map(objects.map(each => [keyOf(refOf(each)), deepFreeze(each)])).values()])

/** A world, and changes to it that create, update and delete. */
export const worldAndChanges: fc.Arbitrary<{
  readonly objects: readonly KubeObject[]
  readonly changes: readonly Change[]
}> = world.chain(objects =>
  fc.record({
    objects: fc.constant(objects),
    changes: fc.array(
      fc.oneof(
        fc.constantFrom(...objects).map(before => ({ before })),
        anyObject.map(after => ({
          before: objects.find(each => keyOf(refOf(each)) === keyOf(refOf(after))),
          after: deepFreeze(after),
        })),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
)
