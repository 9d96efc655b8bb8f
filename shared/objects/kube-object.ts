/** What every Kubernetes object has. Fields that we do not name travel along untouched. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

export interface Metadata {
  readonly name: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  /** RFC 3339; what orders VirtualServices and DestinationRules in Istio. */
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Labels
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid?: string
  readonly controller?: boolean
}

export type Labels = Readonly<Record<string, string>>

/**
 * The kinds that we read. The key of a kind is its name in its API, and `resources` in kinds.ts binds it to
 * its group; a kind whose name is already the key of another group's kind is keyed `Kind.group`, such as
 * `Gateway.gateway.networking.k8s.io`.
 */
export type Kind =
  | 'VirtualService'
  | 'DestinationRule'
  | 'Gateway'
  | 'ServiceEntry'
  | 'Sidecar'
  | 'WorkloadEntry'
  | 'WorkloadGroup'
  | 'Service'
  | 'Namespace'
  | 'ConfigMap'
  | 'Pod'
  | 'EndpointSlice'
  | 'Deployment'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'ReplicaSet'
  | 'ControllerRevision'
  | 'Rollout'
  | 'ReplicationController'
  | 'DeploymentConfig'
  | 'CloneSet'
  | 'StatefulSet.apps.kruise.io'
  | 'DaemonSet.apps.kruise.io'
  | 'OtherWorkload'
  | 'Endpoints'
  | 'HorizontalPodAutoscaler'
  | 'RequestAuthentication'
  | 'PodDisruptionBudget'
  | 'PeerAuthentication'
  | 'HTTPRoute'
  | 'GRPCRoute'
  | 'Gateway.gateway.networking.k8s.io'
  | 'ReferenceGrant'
  | 'TLSRoute'
  | 'TCPRoute'
  | 'ApisixRoute'
  | 'ApisixPluginConfig'
  | 'ApisixUpstream'
  | 'Canary'

/** The name by which one object is found again. Cluster-scoped objects have the namespace `''`. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K
  readonly namespace: string
  readonly name: string
}

/** A ref as a map key, and as people read it: `VirtualService istioinaction/catalog`. */
export const keyOf = ({ kind, namespace, name }: Ref): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`

/**
 * The namespace of a namespaced object; every store fills it in, so `default` is what is left for objects
 * made by hand.
 */
export const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? 'default'

/**
 * The controller that owns an object and rewrites it, if any (`ownerReferences` with `controller: true`).
 * Tolerates objects that no API server has checked.
 */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  const owners: unknown = metadata.ownerReferences
  return Array.isArray(owners)
    ? ((owners as readonly (OwnerReference | null)[]).find(owner => owner?.controller === true) ?? undefined)
    : undefined
}

/** The name that somebody gave an object: the API server adds random letters to a `generateName`. */
export const givenName = ({ name, generateName }: Metadata): string =>
  typeof generateName === 'string' && name.startsWith(generateName) ? generateName.replace(/-$/, '') : name
