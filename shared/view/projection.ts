import { kindOf, type Kind } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'

/** What to keep: everything below, or only these fields, of each item where there is a list. */
type Shape = true | { readonly [field: string]: Shape }

const destination: Shape = { host: true, subset: true, port: true }
const route: Shape = { destination, weight: true }
const l4: Shape = { match: true, route }
const http: Shape = {
  name: true, match: true, route, redirect: {}, directResponse: {}, delegate: true, mirror: destination, mirrorPercentage: true,
  mirrorPercent: true, mirror_percent: true, mirrors: { destination, percentage: true },
}
const workload: Shape = {
  spec: {
    replicas: true, selector: true, workloadRef: true,
    template: { metadata: { labels: true }, spec: { containers: { name: true, ports: { name: true, containerPort: true } } } },
  },
  status: { replicas: true, readyReplicas: true, numberReady: true, desiredNumberScheduled: true },
}

const shapes: Readonly<Record<Kind, Shape>> = {
  VirtualService: { spec: { hosts: true, gateways: true, exportTo: true, http, tcp: l4, tls: l4 } },
  DestinationRule: { spec: { host: true, exportTo: true, workloadSelector: true, subsets: { name: true, labels: true } } },
  Gateway: { spec: { selector: true, servers: { name: true, port: true, hosts: true, tls: { mode: true } } } },
  ServiceEntry: {
    spec: {
      hosts: true, addresses: true, ports: true, location: true, resolution: true, workloadSelector: true, exportTo: true,
      endpoints: { address: true, labels: true, ports: true },
    },
  },
  Sidecar: { spec: { workloadSelector: true, egress: { hosts: true } } },
  WorkloadEntry: { spec: { address: true, labels: true, ports: true } },
  WorkloadGroup: { spec: { metadata: { labels: true }, template: { labels: true, ports: true } } },
  Service: { spec: { type: true, clusterIP: true, externalName: true, selector: true, ports: true } },
  Namespace: { status: { phase: true } },
  ConfigMap: { data: true },
  Pod: { status: { phase: true, podIP: true, conditions: { type: true, status: true } } },
  EndpointSlice: { endpoints: { addresses: true, conditions: { ready: true }, targetRef: { kind: true, namespace: true, name: true } } },
  Deployment: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  ReplicaSet: workload,
  Rollout: workload,
}

const metadata: Shape = {
  name: true, namespace: true, uid: true, resourceVersion: true, creationTimestamp: true, deletionTimestamp: true, labels: true,
  ownerReferences: { apiVersion: true, kind: true, name: true, controller: true },
}

/** Annotations of a length that people write; what tools store in them is read by no rule. */
const longestAnnotation = 512

const isKept = ([name, value]: readonly [string, unknown]): boolean =>
  name.startsWith('kubectl-canary/') || (name !== 'kubectl.kubernetes.io/last-applied-configuration' && String(value).length <= longestAnnotation)

/**
 * The object with only those fields that rules read: a tenth of the memory, the same findings. Values of an unexpected form are kept as they
 * are, so that a rule sees the same fault. An object of another kind is returned as it is.
 */
export function projectionOf(object: KubeObject): KubeObject {
  const kind = kindOf(object)
  if (kind === undefined) return object
  const { annotations } = object.metadata
  const kept = Object.entries(annotations ?? {}).filter(isKept)
  return {
    ...pick(object, shapes[kind]) as object,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...pick(object.metadata, metadata) as KubeObject['metadata'], ...kept.length > 0 && { annotations: Object.fromEntries(kept) } },
  }
}

function pick(value: unknown, shape: Shape): unknown {
  if (shape === true || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => pick(item, shape))
  return Object.fromEntries(Object.entries(shape).flatMap(([field, below]) => {
    const found = (value as Readonly<Record<string, unknown>>)[field]
    return found === undefined ? [] : [[field, pick(found, below)]]
  }))
}
