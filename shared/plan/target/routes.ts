import { CanaryError } from '../../objects/canary-error.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { nameOf, routesFor, routesTo } from '../../providers/istio/read/routes/carriers.ts'
import { idleOf } from '../../providers/istio/read/routes/idle.ts'
import { ownerOf } from '../../providers/istio/read/owners.ts'
import type { ServiceReading } from '../../providers/istio/read/reading.ts'
import { cohortsIn, createdFor } from '../../providers/istio/read/record/record.ts'
import { hostOf, listOf, type RoutedService } from '../../providers/istio/read/routed-service.ts'
import { stableOf } from '../../providers/istio/read/record/stable.ts'
import { destinationsOf } from '../../providers/istio/resolve/indexes/routing.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** Whether a VirtualService is for callers inside the mesh, too. */
export const isForMesh = ({ spec }: VirtualService): boolean =>
  listOf(spec.gateways).length === 0 || listOf(spec.gateways).includes('mesh')

/**
 * The VirtualServices to edit: those that lead to the Service, save those that the mesh ignores because an
 * older one has their host, unless something
 * of this canary is written down on them. Throws a CanaryError: `not-found` when nothing routes to the
 * Service, `refused` when a controller owns what does.
 */
export function editableRoutes(reading: ServiceReading, init: string): readonly VirtualService[] {
  const { view, service, carriers } = reading
  refuseOwnedRoutes(view, service)
  const leading = carriers.filter(
    ({ leadsElsewhere, object }) => !leadsElsewhere && createdFor(object) === undefined,
  )
  const inForce = leading.filter(
    carrier =>
      idleOf(view, carrier, reading)?.rule !== 'conflicting-virtual-services'
      || isMarked(carrier.object, service),
  )
  if (inForce.length > 0) return inForce.map(({ object }) => object)
  const taken = carriers.find(({ leadsElsewhere, object }) => leadsElsewhere && isForMesh(object))
  if (taken !== undefined) throw leadsElsewhere(taken.object, service)
  throw nothingRoutes(view, service, init)
}

/** The VirtualServices of ours that carry routes of the Service's cohorts and nothing else. */
export const createdRoutes = ({ carriers }: ServiceReading): readonly VirtualService[] =>
  carriers.map(({ object }) => object).filter(object => createdFor(object) !== undefined)

/** Whether the stable version or a cohort of the Service is written down on a VirtualService. */
export const isMarked = (object: VirtualService, service: RoutedService): boolean =>
  stableOf(object, service) !== undefined || cohortsIn(object, service).length > 0

function nothingRoutes(view: ClusterView, service: RoutedService, init: string): CanaryError {
  const misspelled = view.list('VirtualService').flatMap(route =>
    destinationsOf(route)
      .filter(({ host }) => isMisspelled(host, service))
      .map(({ host }) => ({ route, host })),
  )
  const hints = misspelled.map(
    ({ route, host }) =>
      `VirtualService ${nameOf(route)} names the host ${host}, which Istio takes literally; write ${service.name} or ${hostOf(service)}.`,
  )
  return new CanaryError(
    'not-found',
    `no VirtualService routes to ${service.name} in namespace ${service.namespace}`,
    { hints: hints.length > 0 ? hints : [`Make one, all on the version that is stable: ${init}`] },
  )
}

/**
 * Versions that are Services of their own are what a CanaryError `refused` is thrown for: only the subsets of
 * one Service can take turns.
 */
export function leadsElsewhere(route: VirtualService, { name, namespace }: RoutedService): CanaryError {
  const others = [...new Set(destinationsOf(route).map(({ host }) => host))]
  return new CanaryError(
    'refused',
    `VirtualService ${nameOf(route)} takes the requests of ${name} and sends them to ${others.join(', ') || 'no Service'} instead`,
    {
      hints: [
        `kubectl canary shifts requests between the versions of one Service: let that route lead to ${name} itself (destination.host: ${name}), then give it subsets: kubectl canary init --service ${name} --stable VERSION -n ${namespace}`,
      ],
    },
  )
}

const isMisspelled = (host: string, { name, namespace }: RoutedService): boolean =>
  host.toLowerCase() === `${name}.${namespace}` || host.toLowerCase() === `${name}.${namespace}.svc`

/**
 * Throws a CanaryError `refused` where a controller owns a route of the Service. Asked first: what versions
 * there are is then the controller's affair, too.
 */
export function refuseOwnedRoutes(view: ClusterView, service: RoutedService): void {
  for (const route of [...routesTo(view, service), ...routesFor(view, service)]) refuseOwned(view, route)
}

/** Throws a CanaryError `refused` for an object that a controller would set back at once. */
export function refuseOwned(view: ClusterView, object: KubeObject): void {
  const owner = ownerOf(view, object)
  if (owner === undefined) return
  throw new CanaryError(
    'refused',
    `${object.kind} ${namespaceOf(object)}/${object.metadata.name} belongs to ${owner}, which would set any edit back`,
    {
      hints: [
        `Change ${owner} instead, or take the ownership away first if the rollout is to be done by hand.`,
      ],
    },
  )
}

/** The Service that a host names, where it is one of the cluster's. */
export function serviceAt(view: ClusterView, host: string): RoutedService | undefined {
  const found = serviceOfHost(host, view.mesh.clusterDomain)
  return found === undefined ? undefined : { ...found, clusterDomain: view.mesh.clusterDomain }
}
