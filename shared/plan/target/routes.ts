import { CanaryError } from '../../objects/canary-error.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import { controllerOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { hostOf, leadsTo, listOf, type RoutedService } from '../../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  destinationsOf,
  virtualServicesByDelegate,
  virtualServicesByDestination,
  virtualServicesByHost,
} from '../../providers/istio/resolve/indexes/routing.ts'
import { compareNaturally } from './natural-order.ts'

/** The VirtualServices that lead to the Service, wherever they stand: for gateways, for the mesh, in other namespaces, delegates. */
export function routesTo(view: ClusterView, service: RoutedService): readonly VirtualService[] {
  return view
    .find(virtualServicesByDestination, hostOf(service))
    .filter(
      virtualService =>
        destinationsOf(virtualService).some(leadsTo(virtualService, service))
        && virtualService.metadata.deletionTimestamp === undefined,
    )
    .toSorted((a, b) => compareNaturally(nameOf(a), nameOf(b)))
}

/** The VirtualServices that are for the Service's own host, even if they lead to others (a rollout controller's primary and canary). */
export const routesFor = (view: ClusterView, service: RoutedService): readonly VirtualService[] =>
  view.find(virtualServicesByHost, hostOf(service))

/** The VirtualServices by which requests enter that one: itself, or where it is a delegate (it has no hosts) those that hand over to it. */
export const entriesOf = (view: ClusterView, route: VirtualService): readonly VirtualService[] =>
  listOf(route.spec.hosts).length > 0
    ? [route]
    : view.find(virtualServicesByDelegate, nameOf(route)).filter(({ spec }) => listOf(spec.hosts).length > 0)

/** Whether a VirtualService is for callers inside the mesh, too. */
export const isForMesh = ({ spec }: VirtualService): boolean =>
  listOf(spec.gateways).length === 0 || listOf(spec.gateways).includes('mesh')

/** The VirtualServices to edit. Throws a CanaryError: `not-found` when nothing routes to the Service, `refused` when a controller owns what does. */
export function editableRoutes(
  view: ClusterView,
  service: RoutedService,
  init: string,
): readonly VirtualService[] {
  const routes = routesTo(view, service)
  refuseOwnedRoutes(view, service)
  if (routes.length > 0) return routes
  const taken = routesFor(view, service).find(isForMesh)
  if (taken !== undefined) throw leadsElsewhere(taken, service)
  const misspelled = view.list('VirtualService').flatMap(route =>
    destinationsOf(route)
      .filter(({ host }) => isMisspelled(host, service))
      .map(({ host }) => ({ route, host })),
  )
  const hints = misspelled.map(
    ({ route, host }) =>
      `VirtualService ${nameOf(route)} names the host ${host}, which Istio takes literally; write ${service.name} or ${hostOf(service)}.`,
  )
  throw new CanaryError(
    'not-found',
    `no VirtualService routes to ${service.name} in namespace ${service.namespace}`,
    { hints: hints.length > 0 ? hints : [`Make one, all on the version that is stable: ${init}`] },
  )
}

/** Versions that are Services of their own are what a CanaryError `refused` is thrown for: only the subsets of one Service can take turns. */
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

/** Throws a CanaryError `refused` where a controller owns a route of the Service. Asked first: what versions there are is then the controller's affair, too. */
export function refuseOwnedRoutes(view: ClusterView, service: RoutedService): void {
  for (const route of [...routesTo(view, service), ...routesFor(view, service)]) refuseOwned(view, route)
}

/** Throws a CanaryError `refused` for an object that a controller would set back at once. */
export function refuseOwned(view: ClusterView, object: KubeObject): void {
  const owner = ownerOf(view, object)
  if (owner === undefined) return
  throw new CanaryError(
    'refused',
    `${object.kind} ${nameOf(object)} belongs to ${owner}, which would set any edit back`,
    {
      hints: [
        `Change ${owner} instead, or take the ownership away first if the rollout is to be done by hand.`,
      ],
    },
  )
}

/** `Canary shop/catalog-release`: the controller that rewrites an object, by owner reference or because an Argo Rollout names it. */
export function ownerOf(view: ClusterView, object: KubeObject): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  const rollout = view
    .list('Rollout', namespaceOf(object))
    .find(candidate => namesOf(candidate).includes(object.metadata.name))
  return object.kind === 'VirtualService' && rollout !== undefined ? `Rollout ${nameOf(rollout)}` : undefined
}

/** The VirtualServices that an Argo Rollout shifts: `spec.strategy.canary.trafficRouting.istio.virtualService(s)`. */
function namesOf(rollout: KubeObject): readonly string[] {
  const istio = ['spec', 'strategy', 'canary', 'trafficRouting', 'istio'].reduce<unknown>(
    (value, key) => (isObject(value) ? Reflect.get(value, key) : undefined),
    rollout,
  )
  if (!isObject(istio)) return []
  const one = Reflect.get(istio, 'virtualService') as { readonly name?: unknown } | undefined
  const many = Reflect.get(istio, 'virtualServices') as readonly { readonly name?: unknown }[] | undefined
  return [one, ...(Array.isArray(many) ? many : [])].flatMap(reference =>
    typeof reference?.name === 'string' ? [reference.name] : [],
  )
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
export const nameOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/** The Service that a host names, where it is one of the cluster's. */
export function serviceAt(view: ClusterView, host: string): RoutedService | undefined {
  const found = serviceOfHost(host, view.mesh.clusterDomain)
  return found === undefined ? undefined : { ...found, clusterDomain: view.mesh.clusterDomain }
}
