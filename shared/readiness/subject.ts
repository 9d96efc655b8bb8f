import type { Service } from '../objects/core.ts'
import { serviceOfHost } from '../objects/hosts.ts'
import type { Kind, KubeObject, Labels, Ref } from '../objects/kube-object.ts'
import { backingsBehind } from '../providers/istio/resolve/endpoints.ts'
import { providersAt } from '../providers/istio/resolve/registry.ts'
import type { ControllerState } from '../routing/controller.ts'
import type { ServiceReading } from '../routing/provider.ts'
import type { RoutedService } from '../routing/service.ts'
import type { Finding } from '../rules/rule.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { workloadsBehind } from '../providers/istio/read/workloads.ts'
import { servedHosts } from '../providers/istio/read/routed-service.ts'
import { isGatewayProxy } from './facts/proxies.ts'

/** A workload behind a service, and the labels of its pods. */
export interface BehindService {
  readonly object: KubeObject
  readonly labels: Labels
  readonly isDormant: boolean
  /** How many pods it asks for. */
  readonly wanted: number
}

/** A rollout of a controller, as the checks need it. */
export interface OwningController {
  /** `Argo Rollouts`. */
  readonly title: string
  /** `Rollout shop/catalog`. */
  readonly owner: string
  readonly kind: Kind
  readonly state: Pick<ControllerState, 'services' | 'makes'>
  /** The workload for whose pods it makes Services. */
  readonly target?: Ref | undefined
}

/** Who owns what, where controllers own rollouts. */
export interface RolloutOwners {
  ofService(service: RoutedService): OwningController | undefined
  /** The rollouts of a namespace. */
  in(namespace: string): readonly OwningController[]
}

/** A service as the checks look at it. */
export interface ServiceSubject {
  /** A session: what is derived from it is derived once. */
  readonly view: ClusterView
  readonly reading: ServiceReading
  readonly service: RoutedService
  /** The running cluster is in view: readiness counts, and what is not in view does not exist. */
  readonly live: boolean
  /** Its Service, or those that are its versions; none where it is not in view or outside the cluster. */
  readonly services: readonly Service[]
  readonly workloads: readonly BehindService[]
  /** The controller that owns it: it divides its requests, and says what is a version. */
  readonly owner?: OwningController | undefined
  /** What the rules find about it. */
  readonly findings: readonly Finding[]
  /** It is judged with others: findings about their namespace are reported there. */
  readonly isOneOfMany: boolean
}

/** A namespace as the checks look at it. */
export interface NamespaceSubject {
  readonly view: ClusterView
  readonly namespace: string
  readonly live: boolean
  /** The rollouts of controllers in it. */
  readonly rollouts?: readonly OwningController[]
  /**
   * The workloads, as `Kind/name`, that are versions of a service outside a mesh: its selector may leave them out
   * until they are promoted.
   */
  readonly switchedTo?: ReadonlySet<string>
}

/** What the checks look at of a service that was read. */
export function subjectOf(
  reading: ServiceReading,
  { findings, live, isOneOfMany, owner }: Pick<ServiceSubject, 'findings' | 'live' | 'isOneOfMany' | 'owner'>,
): ServiceSubject {
  const { view, service } = reading
  return {
    view,
    reading,
    service,
    live,
    findings,
    isOneOfMany,
    owner,
    services: servicesOf(view, service),
    workloads: workloadsOf(view, service),
  }
}

/** The Services that a service consists of, those in view. */
const servicesOf = (view: ClusterView, service: RoutedService): readonly Service[] =>
  servedHosts(service).flatMap(host => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    return named === undefined ? [] : (view.get({ kind: 'Service', ...named }) ?? [])
  })

function workloadsOf(view: ClusterView, service: RoutedService): readonly BehindService[] {
  const backings = servedHosts(service)
    .flatMap(host => providersAt(view, host))
    .flatMap(provider => backingsBehind(view, provider) ?? [])
  const wanted = new Map(
    workloadsBehind(view, service).map(({ kind, name, wanted: pods }) => [`${kind} ${name}`, pods]),
  )
  const known = new Map<KubeObject, BehindService>()
  for (const { object, labels, isDormant } of backings) {
    if (object === undefined || known.has(object)) continue
    const pods = wanted.get(`${object.kind} ${object.metadata.name}`) ?? 1
    known.set(object, { object, labels, isDormant, wanted: pods })
  }
  return [...known.values()]
}

/** Whether a service is a gateway's or a waypoint's own: it routes, and is not routed. */
export const isOfGateway = (reading: ServiceReading): boolean => {
  const workloads = workloadsOf(reading.view, reading.service)
  return workloads.length > 0 && workloads.every(({ object }) => isGatewayProxy(object))
}

/** The workloads, as `Kind/name`, that are versions of a service where no mesh routes it. */
export const versionsOutsideMesh = ({ isOutsideMesh, versions }: ServiceReading): readonly string[] =>
  isOutsideMesh === true
    ? versions.flatMap(({ workloads }) => workloads.map(({ kind, name }) => `${kind}/${name}`))
    : []
