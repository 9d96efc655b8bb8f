import { namespaceOf, type Kind, type KubeObject, type Ref } from './kube-object.ts'
import type { ApisixPluginConfig } from './apisix/apisix-plugin-config.ts'
import type { ApisixRoute } from './apisix/apisix-route.ts'
import type { ApisixUpstream } from './apisix/apisix-upstream.ts'
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from './autoscaling.ts'
import type { DestinationRule } from './destination-rule.ts'
import type {
  ConfigMap,
  Endpoints,
  EndpointSlice,
  Namespace,
  Pod,
  Service,
  TemplateRevision,
  Workload,
} from './core.ts'
import type { ReferenceGrant, RouteGateway, ServiceRoute } from './gateway-api.ts'
import type {
  Gateway,
  RequestAuthentication,
  PeerAuthentication,
  ServiceEntry,
  Sidecar,
  WorkloadEntry,
  WorkloadGroup,
} from './istio.ts'
import type { VirtualService } from './virtual-service.ts'
import type { FlaggerCanary } from './owners/flagger-canary.ts'
import { makesPods } from './pod-templates.ts'

/** The objects that we read, by the keys of their kinds. */
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
  ControllerRevision: TemplateRevision
  Rollout: Workload
  ReplicationController: Workload
  DeploymentConfig: Workload
  CloneSet: Workload
  'StatefulSet.apps.kruise.io': Workload
  'DaemonSet.apps.kruise.io': Workload
  OtherWorkload: Workload
  Endpoints: Endpoints
  HorizontalPodAutoscaler: HorizontalPodAutoscaler
  RequestAuthentication: RequestAuthentication
  PodDisruptionBudget: PodDisruptionBudget
  PeerAuthentication: PeerAuthentication
  HTTPRoute: ServiceRoute
  GRPCRoute: ServiceRoute
  'Gateway.gateway.networking.k8s.io': RouteGateway
  ReferenceGrant: ReferenceGrant
  TLSRoute: ServiceRoute
  TCPRoute: ServiceRoute
  ApisixRoute: ApisixRoute
  ApisixPluginConfig: ApisixPluginConfig
  ApisixUpstream: ApisixUpstream
  Canary: FlaggerCanary
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

const served = (group: string, plural: string, versions: readonly string[] = ['v1']): Resource => ({
  group,
  plural,
  versions,
  namespaced: true,
})
const istio = (plural: string): Resource =>
  served('networking.istio.io', plural, ['v1', 'v1beta1', 'v1alpha3'])
const security = (plural: string): Resource => served('security.istio.io', plural, ['v1', 'v1beta1'])
const core = (plural: string): Resource => served('', plural)
const apps = (plural: string): Resource => served('apps', plural)
const kruise = (plural: string, versions: readonly string[]): Resource =>
  served('apps.kruise.io', plural, versions)

/** Asked for in the version of all releases since 1.0: a cluster without it costs no further request. */
const gatewayApi = (plural: string, versions?: readonly string[]): Resource =>
  served('gateway.networking.k8s.io', plural, versions)

export const resources: Readonly<Record<Kind, Resource>> = {
  VirtualService: istio('virtualservices'),
  DestinationRule: istio('destinationrules'),
  Gateway: istio('gateways'),
  ServiceEntry: istio('serviceentries'),
  Sidecar: istio('sidecars'),
  WorkloadEntry: istio('workloadentries'),
  WorkloadGroup: istio('workloadgroups'),
  Service: core('services'),
  Namespace: { ...core('namespaces'), namespaced: false },
  ConfigMap: core('configmaps'),
  Pod: core('pods'),
  EndpointSlice: served('discovery.k8s.io', 'endpointslices'),
  Deployment: apps('deployments'),
  StatefulSet: apps('statefulsets'),
  DaemonSet: apps('daemonsets'),
  ReplicaSet: apps('replicasets'),
  ControllerRevision: apps('controllerrevisions'),
  Rollout: served('argoproj.io', 'rollouts', ['v1alpha1']),
  ReplicationController: core('replicationcontrollers'),
  DeploymentConfig: served('apps.openshift.io', 'deploymentconfigs'),
  CloneSet: kruise('clonesets', ['v1alpha1']),
  'StatefulSet.apps.kruise.io': kruise('statefulsets', ['v1beta1', 'v1alpha1']),
  'DaemonSet.apps.kruise.io': kruise('daemonsets', ['v1alpha1', 'v1beta1']),
  // No API has this group: it stands for all kinds of files that make pods.
  OtherWorkload: served('*', 'workloads'),
  Endpoints: core('endpoints'),
  HorizontalPodAutoscaler: served('autoscaling', 'horizontalpodautoscalers', ['v2']),
  RequestAuthentication: security('requestauthentications'),
  PodDisruptionBudget: served('policy', 'poddisruptionbudgets'),
  PeerAuthentication: security('peerauthentications'),
  HTTPRoute: gatewayApi('httproutes'),
  GRPCRoute: gatewayApi('grpcroutes'),
  'Gateway.gateway.networking.k8s.io': gatewayApi('gateways'),
  ReferenceGrant: gatewayApi('referencegrants', ['v1beta1', 'v1']),
  TLSRoute: gatewayApi('tlsroutes', ['v1alpha2', 'v1alpha3', 'v1']),
  TCPRoute: gatewayApi('tcproutes', ['v1alpha2', 'v1']),
  ApisixRoute: served('apisix.apache.org', 'apisixroutes', ['v2']),
  ApisixPluginConfig: served('apisix.apache.org', 'apisixpluginconfigs', ['v2']),
  ApisixUpstream: served('apisix.apache.org', 'apisixupstreams', ['v2']),
  Canary: served('flagger.app', 'canaries', ['v1beta1']),
}

export const kinds = Object.keys(resources) as readonly Kind[]

/** The kinds that make pods from a template, and that are read from a cluster. */
export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Rollout',
  'ReplicationController',
  'DeploymentConfig',
  'CloneSet',
  'StatefulSet.apps.kruise.io',
  'DaemonSet.apps.kruise.io',
] as const satisfies readonly Kind[]

/**
 * The kinds that are read from files only. `OtherWorkload` is every other object with a pod template, whatever
 * its API: on a cluster its pods are read instead. The API server turns `Endpoints` into EndpointSlices.
 */
export const fileKinds: ReadonlySet<Kind> = new Set(['OtherWorkload', 'Endpoints'])

/** What an object says of its type, checked by nobody. */
export interface TypeMeta {
  readonly apiVersion?: unknown
  readonly kind?: unknown
}

/** The name of a kind in its API: what its objects have as `kind`. */
export function apiKindOf(key: string): string {
  const dot = key.indexOf('.')
  return dot < 0 ? key : key.slice(0, dot)
}

/** Finds the key of an object's kind by its group and kind, in a table of resources. */
export function kindFinder<K extends string>(
  table: Readonly<Record<K, { readonly group: string }>>,
): (type: TypeMeta) => K | undefined {
  const byGroup = new Map(
    [...Map.groupBy(Object.keys(table) as K[], key => table[key].group)].map(([group, keys]) => [
      group,
      new Map(keys.map(key => [apiKindOf(key), key])),
    ]),
  )
  // It is asked many times in each judgement; there are few versions, but anybody may write others.
  const byVersion = new Map<string, ReadonlyMap<string, K> | undefined>()
  return ({ apiVersion, kind }) => {
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
    let kinds = byVersion.get(apiVersion)
    if (kinds === undefined && !byVersion.has(apiVersion)) {
      kinds = byGroup.get(groupOf(apiVersion))
      if (byVersion.size < mostVersions) byVersion.set(apiVersion, kinds)
    }
    return kinds?.get(kind)
  }
}

const mostVersions = 200

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

const keyedKindOf: (type: TypeMeta) => Kind | undefined = kindFinder(resources)

/**
 * The key of an object's kind; undefined for a kind that we do not read (a Knative `Route`). A whole object
 * of another kind is an `OtherWorkload` if it has a pod template (a Knative `Service`).
 */
export const kindOf = (object: TypeMeta): Kind | undefined =>
  keyedKindOf(object) ?? (makesPods(object) ? 'OtherWorkload' : undefined)

/** A kind of any API as people read it: `Secret`, `Gateway.gateway.networking.k8s.io`. */
export function formatKind({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string
  readonly kind: string
}): string {
  const group = groupOf(apiVersion)
  return group === '' ? kind : `${kind}.${group}`
}

/**
 * The ref of an object of a kind that we know; throws a TypeError for another one, which a store must not
 * have let in.
 */
export function refOf(object: KubeObject): Ref {
  const kind = kindOf(object)
  if (kind === undefined) throw new TypeError(`${formatKind(object)} is not a kind that is read`)
  return {
    kind,
    namespace: resources[kind].namespaced ? namespaceOf(object) : '',
    name: kind === 'OtherWorkload' ? `${formatKind(object)}/${object.metadata.name}` : object.metadata.name,
  }
}

/** Narrows an object to one kind. */
export const isKind = <K extends Kind>(kind: K, object: KubeObject): object is ObjectOf<K> =>
  (kind === 'OtherWorkload' || object.kind === apiKindOf(kind)) && kindOf(object) === kind
