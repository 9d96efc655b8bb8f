import type { Kind } from '../../shared/objects/kinds.ts'

/** Selects fields of a value: the whole value, some keys, or a selection of every item. */
export type FieldSelection = true | { readonly [key: string]: FieldSelection } | readonly [FieldSelection]

const labelSelector = { matchLabels: true } as const
const destination = { host: true, subset: true, port: { number: true } } as const
// Whole: rules compare its headers, and a key that is none of its own is a misspelled weight.
const weighted = true
const percentage = { value: true } as const

/** What rules read of an http route, besides Istio's validation. */
export const keptOfHttpRoute = {
  name: true,
  match: true,
  route: weighted,
  redirect: true,
  directResponse: true,
  delegate: true,
  mirror: destination,
  mirrorPercentage: percentage,
  mirrorPercent: true,
  mirror_percent: true,
  mirrors: [{ destination, percentage }],
} as const
const l4Route: FieldSelection = { match: true, route: weighted }

/** Services lead to ports of containers by name. */
export const keptContainers: FieldSelection = [
  { ports: [{ name: true, containerPort: true, protocol: true }] },
]
const workload = {
  spec: {
    replicas: true,
    workloadRef: { apiVersion: true, kind: true, name: true },
    template: {
      metadata: { labels: true },
      spec: { containers: keptContainers, initContainers: keptContainers },
    },
  },
} as const
/** Which pods an update leaves as they are. */
const keepingPods: FieldSelection = { type: true, rollingUpdate: { partition: true, paused: true } }
const statefulSet = {
  spec: {
    ...workload.spec,
    serviceName: true,
    updateStrategy: keepingPods,
    ordinals: { start: true },
  },
} as const
const addedLabels = { labels: true } as const
const named: FieldSelection = { name: true }
const rolloutStrategy = {
  canary: {
    canaryMetadata: addedLabels,
    stableMetadata: addedLabels,
    stableService: true,
    // Which routes it writes the weights of.
    trafficRouting: {
      istio: { virtualService: named, virtualServices: [named] },
      plugins: {
        'argoproj-labs/gatewayAPI': {
          namespace: true,
          httpRoute: true,
          httpRoutes: [named],
          grpcRoute: true,
          grpcRoutes: [named],
        },
      },
    },
  },
  blueGreen: { activeMetadata: addedLabels, previewMetadata: addedLabels },
} as const
const server: FieldSelection = { name: true, port: true, hosts: true, tls: { mode: true } }
const workloadEntry = { address: true, labels: true, network: true, ports: true } as const

/** The fields of each kind that rules read and the cache keeps, besides metadata. */
export const keptFields: Readonly<Record<Kind, FieldSelection>> = {
  VirtualService: {
    spec: {
      hosts: true,
      gateways: true,
      exportTo: true,
      http: [keptOfHttpRoute],
      tcp: [l4Route],
      tls: [l4Route],
    },
  },
  DestinationRule: {
    spec: {
      host: true,
      exportTo: true,
      // A rule of a Service's own, which a fix makes beside one for many hosts, has the same settings.
      trafficPolicy: true,
      workloadSelector: labelSelector,
      subsets: [{ name: true, labels: true }],
    },
  },
  Gateway: { spec: { selector: true, servers: [server] } },
  ServiceEntry: {
    spec: {
      hosts: true,
      addresses: true,
      ports: true,
      location: true,
      resolution: true,
      workloadSelector: true,
      exportTo: true,
      endpoints: [workloadEntry],
    },
  },
  Sidecar: {
    spec: { workloadSelector: true, egress: [{ hosts: true, port: { number: true, protocol: true } }] },
  },
  WorkloadEntry: { spec: workloadEntry },
  WorkloadGroup: { spec: { metadata: { labels: true }, template: workloadEntry } },
  Service: {
    spec: {
      type: true,
      clusterIP: true,
      externalName: true,
      selector: true,
      ports: [{ name: true, port: true, targetPort: true, protocol: true, appProtocol: true }],
    },
  },
  Namespace: { status: { phase: true } },
  ConfigMap: { data: true },
  Pod: { status: { phase: true } },
  EndpointSlice: {
    endpoints: [
      {
        addresses: true,
        conditions: { ready: true },
        targetRef: { kind: true, name: true, namespace: true },
      },
    ],
  },
  Deployment: { spec: { ...workload.spec, paused: true } },
  StatefulSet: statefulSet,
  DaemonSet: { spec: { ...workload.spec, updateStrategy: { type: true } } },
  ReplicaSet: workload,
  // Its labels are those of the pod template that it keeps.
  ControllerRevision: {},
  Rollout: { spec: { ...workload.spec, strategy: rolloutStrategy } },
  ReplicationController: workload,
  DeploymentConfig: workload,
  CloneSet: { spec: { ...workload.spec, updateStrategy: { partition: true, paused: true } } },
  'StatefulSet.apps.kruise.io': statefulSet,
  'DaemonSet.apps.kruise.io': { spec: { ...workload.spec, updateStrategy: keepingPods } },
  OtherWorkload: true,
  Endpoints: true,
  // Whole: a route has at most 16 rules, and rules read most of them.
  HTTPRoute: { spec: true },
  GRPCRoute: { spec: true },
  'Gateway.gateway.networking.k8s.io': {
    spec: {
      gatewayClassName: true,
      listeners: [{ name: true, hostname: true, port: true, protocol: true, allowedRoutes: true }],
    },
  },
  ReferenceGrant: { spec: true },
  // No rule of the guard reads these, and the cache does not watch them.
  HorizontalPodAutoscaler: {},
  PodDisruptionBudget: {},
  PeerAuthentication: {},
  RequestAuthentication: {},
  TLSRoute: {},
  TCPRoute: {},
  ApisixRoute: {},
  ApisixPluginConfig: {},
  ApisixUpstream: {},
  Canary: {},
}
