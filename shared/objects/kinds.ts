import { namespaceOf, type Kind, type KubeObject, type Ref } from './kube-object.ts'
import type { DestinationRule } from './destination-rule.ts'
import type { ConfigMap, EndpointSlice, Namespace, Pod, Service, Workload } from './core.ts'
import type { Gateway, ServiceEntry, Sidecar, WorkloadEntry, WorkloadGroup } from './istio.ts'
import type { VirtualService } from './virtual-service.ts'

/** The objects we read, by the one name that each kind has in this code. */
export interface KindMap {
  VirtualService: VirtualService
  DestinationRule: DestinationRule
  Gateway: Gateway
  ServiceEntry: ServiceEntry
  Sidecar: Sidecar
  WorkloadEntry: WorkloadEntry
  WorkloadGroup: WorkloadGroup
  Service: Service
  Namespace: Namespace
  ConfigMap: ConfigMap
  Pod: Pod
  EndpointSlice: EndpointSlice
  Deployment: Workload
  StatefulSet: Workload
  DaemonSet: Workload
  ReplicaSet: Workload
  Rollout: Workload
}
export type { Kind }
export type ObjectOf<K extends Kind> = KindMap[K]

/**
 * Where the API serves a kind. `versions` are those that Istio and Kubernetes serve, the preferred one first.
 */
export interface Resource {
  readonly group: string
  readonly plural: string
  readonly versions: readonly string[]
  readonly namespaced: boolean
}

const istio = (plural: string): Resource => ({
  group: 'networking.istio.io',
  plural,
  versions: ['v1', 'v1beta1', 'v1alpha3'],
  namespaced: true,
})
const core = (plural: string, namespaced = true): Resource => ({
  group: '',
  plural,
  versions: ['v1'],
  namespaced,
})
const apps = (plural: string): Resource => ({ group: 'apps', plural, versions: ['v1'], namespaced: true })

export const resources: Readonly<Record<Kind, Resource>> = {
  VirtualService: istio('virtualservices'),
  DestinationRule: istio('destinationrules'),
  Gateway: istio('gateways'),
  ServiceEntry: istio('serviceentries'),
  Sidecar: istio('sidecars'),
  WorkloadEntry: istio('workloadentries'),
  WorkloadGroup: istio('workloadgroups'),
  Service: core('services'),
  Namespace: core('namespaces', false),
  ConfigMap: core('configmaps'),
  Pod: core('pods'),
  EndpointSlice: { group: 'discovery.k8s.io', plural: 'endpointslices', versions: ['v1'], namespaced: true },
  Deployment: apps('deployments'),
  StatefulSet: apps('statefulsets'),
  DaemonSet: apps('daemonsets'),
  ReplicaSet: apps('replicasets'),
  Rollout: { group: 'argoproj.io', plural: 'rollouts', versions: ['v1alpha1'], namespaced: true },
}

export const kinds = Object.keys(resources) as readonly Kind[]

/** The kinds that make pods from a template. */
export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Rollout',
] as const satisfies readonly Kind[]

const byGroupKind = new Map(kinds.map(kind => [`${resources[kind].group}/${kind}`, kind]))

/**
 * The kind that an object has for us; undefined for one of another API (a Knative `Service`, a Gateway API
 * `Gateway`).
 */
export function kindOf({
  apiVersion,
  kind,
}: {
  readonly apiVersion?: unknown
  readonly kind?: unknown
}): Kind | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const slash = apiVersion.indexOf('/')
  return byGroupKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`)
}

/**
 * The ref of an object of a kind that we know; throws a TypeError for another one, which a store must not
 * have let in.
 */
export function refOf(object: KubeObject): Ref {
  const kind = kindOf(object)
  if (kind === undefined) throw new TypeError(`not a kind we read: ${object.apiVersion} ${object.kind}`)
  return {
    kind,
    namespace: resources[kind].namespaced ? namespaceOf(object) : '',
    name: object.metadata.name,
  }
}

/** Narrows an object to one kind. */
export const isKind = <K extends Kind>(kind: K, object: KubeObject): object is ObjectOf<K> =>
  kindOf(object) === kind
