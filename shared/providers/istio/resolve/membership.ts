import { namespaceOf, type KubeObject, type Labels, type Ref } from '../../../objects/kube-object.ts'
import { isKind, refOf, workloadKinds } from '../../../objects/kinds.ts'
import { fieldsOf, itemsOf, labelsOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { backingsOf, isDormant, isDerivable, templateOf } from '../../../workloads/backings.ts'
import {
  asksForSidecars,
  injectedInto,
  isInAmbient,
  refusesSidecars,
  waypointSaid,
  type PodLabelling,
  type Tristate,
} from './injection.ts'
import { providerOfService } from './objects/providers.ts'

/** How pods take part in the mesh, as far as labels in view tell. */
export interface Membership {
  readonly sidecar: Tristate
  /** Whether ztunnel carries their traffic; a sidecar goes first. */
  readonly ambient: boolean
  /** Whether the Services of their namespace have a waypoint unless they say otherwise. */
  readonly waypoint: Tristate
}

/**
 * Callers whose requests do not follow the http routes of a service. A namespace stands for all of its
 * workloads.
 */
export interface CallersOutside {
  /**
   * `no-sidecar`: no proxy at all. `no-waypoint`: only ztunnel, which reads no http, and the service has no
   * waypoint.
   */
  readonly kind: 'no-sidecar' | 'no-waypoint'
  readonly namespaces: readonly string[]
  readonly workloads: readonly Ref[]
}

/**
 * The service that is called. `callers` are the namespaces to look at, whose workloads were read: that of the
 * service when left out.
 */
export interface CalledService {
  readonly serviceNamespace: string
  readonly serviceName: string
  readonly callers?: readonly string[]
}

/**
 * How the pods of a namespace with these labels take part in the mesh. Nothing is concluded where the
 * Namespace is not in view. A Namespace that
 * says nothing about injection is `no` only where it was read from a cluster (it has a uid; in files labels
 * may be missing that somebody sets
 * elsewhere), and another namespace asks for sidecars, and none but Istio's own refuses them: with
 * `enableNamespacesByDefault`, which is not
 * read, namespaces without labels are injected and people label those that must not be.
 */
export const membershipOf = (view: ClusterView, namespace: string, podLabels: Labels = {}): Membership =>
  membershipBy(view, namespace, { labels: podLabels, annotations: {} })

function membershipBy(view: ClusterView, name: string, pod: PodLabelling): Membership {
  const object = view.get({ kind: 'Namespace', namespace: '', name })
  const labels = object === undefined ? undefined : labelsOf(object.metadata.labels)
  const sidecar = injectedInto(pod, {
    name,
    labels,
    isOptIn: object !== undefined && isLive(object) && isOptIn(view, name),
  })
  return {
    sidecar,
    ambient: sidecar !== 'yes' && isInAmbient(pod.labels, labels ?? {}),
    waypoint: waypointSaid(labels ?? {}) ?? (object !== undefined && isLive(object) ? 'no' : 'unknown'),
  }
}

const isLive = ({ metadata }: KubeObject): boolean => metadata.uid !== undefined

function isOptIn(view: ClusterView, own: string): boolean {
  const others = view
    .list('Namespace')
    .filter(({ metadata: { name } }) => name !== own)
    .map(({ metadata: { name, labels } }) => ({ name, labels: labelsOf(labels) }))
  return (
    others.some(({ labels }) => asksForSidecars(labels))
    && !others.some(({ name, labels }) => name !== view.mesh.rootNamespace && refusesSidecars(labels))
  )
}

/**
 * How the pods of a workload take part in the mesh. A proxy in the template (`istioctl kube-inject`) or in a
 * running pod counts whatever the
 * labels say; a running pod without one has no sidecar, as injection only happens when a pod is created.
 */
export function membershipOfWorkload(view: ClusterView, object: KubeObject): Membership {
  const namespace = namespaceOf(object)
  const pod = podOf(view, object)
  if (pod === undefined) return { ...membershipBy(view, namespace, noWords), sidecar: 'unknown' }
  const membership = membershipBy(view, namespace, pod)
  if (pod.hasProxy) return { ...membership, sidecar: 'yes', ambient: false }
  if (pod.isOnHostNetwork) return { ...membership, sidecar: 'no', ambient: false }
  if (!isKind('Pod', object) || !isLive(object)) return membership
  return { ...membership, sidecar: 'no', ambient: isInAmbient(pod.labels, namespaceLabels(view, namespace)) }
}

const noWords: PodLabelling = { labels: {}, annotations: {} }

const namespaceLabels = (view: ClusterView, name: string): Labels =>
  labelsOf(view.get({ kind: 'Namespace', namespace: '', name })?.metadata.labels)

interface PodSeen extends PodLabelling {
  readonly hasProxy: boolean
  readonly isOnHostNetwork: boolean
}

/**
 * The pod, or what a workload makes its pods of; undefined for a template that is borrowed from what is not
 * in view.
 */
function podOf(view: ClusterView, object: KubeObject): PodSeen | undefined {
  const maker = templateOf(view, object)
  if (maker === undefined) return undefined
  const spec = fieldsOf(Reflect.get(maker, 'spec'))
  const pod = isKind('Pod', maker) ? fieldsOf(maker) : fieldsOf(spec['template'])
  const { labels, annotations } = fieldsOf(pod['metadata'])
  const { containers, initContainers, hostNetwork } = fieldsOf(pod['spec'])
  const isProxy = (container: unknown): boolean => fieldsOf(container)['name'] === 'istio-proxy'
  return {
    labels: labelsOf(labels),
    annotations: labelsOf(annotations),
    // A native sidecar is an init container that continues.
    hasProxy: [...itemsOf(containers), ...itemsOf(initContainers)].some(isProxy),
    isOnHostNetwork: hostNetwork === true,
  }
}

/**
 * Whether a Service's traffic within an ambient mesh goes through a waypoint: its own label wins over its
 * namespace's. The waypoint itself is not read, its name is believed.
 */
export function waypointOf(view: ClusterView, namespace: string, name: string): Tristate {
  const service = view.get({ kind: 'Service', namespace, name })
  if (service === undefined) return 'unknown'
  return waypointSaid(labelsOf(service.metadata.labels)) ?? membershipOf(view, namespace).waypoint
}

const podKinds = [...workloadKinds, 'Pod'] as const

/**
 * The callers in some namespaces that do not follow a service's http routes in the mesh, one entry for each
 * reason; who really calls is not known.
 * Nothing where Namespaces or workloads could not be read, or where labels leave it open. What runs the
 * service itself is not named; a namespace is
 * named whole where nothing in it has a proxy.
 */
export function callersOutsideRoutes(view: ClusterView, called: CalledService): readonly CallersOutside[] {
  if (view.unread.has('Namespace') || podKinds.some(kind => view.unread.has(kind))) return []
  const { serviceNamespace, serviceName, callers = [serviceNamespace] } = called
  const waypoint = waypointOf(view, serviceNamespace, serviceName)
  const own = workloadsOf(view, called)
  const found = [...new Set(callers)].map(namespace => outsideIn(view, namespace, { waypoint, own }))
  return (['no-sidecar', 'no-waypoint'] as const).flatMap(kind => {
    const namespaces = found.flatMap(({ whole, namespace }) => (whole === kind ? [namespace] : []))
    const workloads = found.flatMap(({ single }) =>
      single.flatMap(({ reason, object }) => (reason === kind ? [refOf(object)] : [])),
    )
    return namespaces.length + workloads.length === 0 ? [] : [{ kind, namespaces, workloads }]
  })
}

/** What runs a service. */
function workloadsOf(
  view: ClusterView,
  { serviceNamespace, serviceName }: CalledService,
): ReadonlySet<KubeObject> {
  const service = view.get({ kind: 'Service', namespace: serviceNamespace, name: serviceName })
  const selector = service === undefined ? undefined : providerOfService(service).selector
  return new Set(
    selector === undefined
      ? []
      : backingsOf(view, selector, serviceNamespace).flatMap(({ object }) => object ?? []),
  )
}

type Reason = CallersOutside['kind'] | undefined

interface OutsideHere {
  readonly namespace: string
  readonly whole: Reason
  readonly single: readonly { readonly object: KubeObject; readonly reason: Reason }[]
}

function outsideIn(
  view: ClusterView,
  namespace: string,
  { waypoint, own }: { readonly waypoint: Tristate; readonly own: ReadonlySet<KubeObject> },
): OutsideHere {
  const all = allOutsideIn(view, namespace, waypoint)
  return { ...all, single: all.single.filter(({ object }) => !own.has(object)) }
}

/** The same for any service with or without a waypoint: a namespace is gone through once, however many it has. */
const allOutsideIn = (view: ClusterView, namespace: string, waypoint: Tristate): OutsideHere =>
  once(view, [allOutsideIn, `${waypoint} ${namespace}`], () => {
    const reasonOf = ({ sidecar, ambient }: Membership): Reason =>
      sidecar !== 'no' ? undefined : !ambient ? 'no-sidecar' : waypoint === 'no' ? 'no-waypoint' : undefined
    const whole = reasonOf(membershipOf(view, namespace))
    const each = podKinds
      .flatMap(kind => view.list(kind, namespace))
      .filter(object => !isDormant(object) && !isDerivable(view, object))
      .map(object => ({ object, reason: reasonOf(membershipOfWorkload(view, object)) }))
    return each.every(({ reason }) => reason === whole)
      ? { namespace, whole, single: [] }
      : { namespace, whole: undefined, single: each.filter(({ reason }) => reason !== undefined) }
  })
