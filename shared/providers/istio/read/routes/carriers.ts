import { fieldsOf, textsOf } from '../../../../objects/unchecked.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { compareNaturally } from '../../../../objects/text/natural-order.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { expandHost } from '../../../../objects/hosts.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { rootsOf } from '../../resolve/delegates.ts'
import { evaluate, type Evaluation, type Reference } from '../../resolve/evaluate.ts'
import { takenRoutes, type Taker } from '../../resolve/gateways/taken.ts'
import { virtualServicesByDestination, virtualServicesByHost } from '../../resolve/indexes/routing.ts'
import { wildcardOwners } from '../../resolve/mesh/wildcard-owners.ts'
import { shadowedIn } from '../../resolve/objects/shadowed.ts'
import { takesEverything } from '../../resolve/takes-everything.ts'
import { routingOf, type Route, type RouteSection, type RouteTarget } from '../../resolve/objects/routes.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { hostOf, keyOfService, listOf, servedHosts, type RoutedService } from '../routed-service.ts'

/** A VirtualService by which requests enter, and how the mesh reads it. */
export interface EntryVirtualService {
  readonly root: VirtualService
  readonly evaluation: Evaluation
}

/** A VirtualService that carries routes of a Service. */
export interface Carrier {
  readonly object: VirtualService
  /**
   * Itself, or for a delegate the VirtualServices that delegate to it; a delegate without any is its own
   * entry.
   */
  readonly entries: readonly EntryVirtualService[]
  /**
   * It is for the Service's host and sends to other hosts only: a rollout controller's primary and canary.
   */
  readonly leadsElsewhere: boolean
}

/** `namespace/name` of an object. */
export const nameOf = (object: VirtualService): string => `${namespaceOf(object)}/${object.metadata.name}`

/** Whether a destination or mirror, as it is read, leads to the Service. */
export const isTo = (service: RoutedService) => {
  const hosts = new Set(servedHosts(service))
  return (target: Pick<RouteTarget, 'host' | 'namespace'>): boolean =>
    hosts.has(expandHost(target.host, target.namespace, service.clusterDomain))
}

/**
 * The VirtualServices that send requests to the Service, in any namespace: for gateways, for the mesh,
 * delegates. A mirror sends no requests.
 */
export function routesTo(view: ClusterView, service: RoutedService): readonly VirtualService[] {
  const leads = isTo(service)
  const found = servedHosts(service).flatMap(host => view.find(virtualServicesByDestination, host))
  return [...new Set(found)]
    .filter(
      object =>
        object.metadata.deletionTimestamp === undefined
        && !isOfOneVersion(object, service)
        && routingOf(object).routes.some(({ targets }) =>
          targets.some(target => !target.isMirror && leads(target)),
        ),
    )
    .toSorted((a, b) => compareNaturally(nameOf(a), nameOf(b)))
}

/**
 * Whether a VirtualService is for callers who ask for one version's Service by name, where versions are Services, and
 * gives them that one.
 */
function isOfOneVersion(object: VirtualService, service: RoutedService): boolean {
  if (service.hosts === undefined) return false
  const { hosts, namespace, routes } = routingOf(object)
  const full = (host: string, from: string): string => expandHost(host, from, service.clusterDomain)
  const asked = new Set(hosts.map(host => full(host, namespace)))
  const others = servedHosts(service).filter(host => host !== hostOf(service))
  return (
    asked.size === 1
    && others.some(host => asked.has(host))
    && routes.every(({ targets }) =>
      targets.every(target => target.isMirror || asked.has(full(target.host, target.namespace))),
    )
  )
}

/** The VirtualServices that are for the Service's own host, whatever they lead to. */
export const routesFor = (view: ClusterView, service: RoutedService): readonly VirtualService[] =>
  view.find(virtualServicesByHost, hostOf(service))

/** The VirtualServices by which requests reach this one: itself, or those that delegate to it. */
export const entriesOf = (view: ClusterView, object: VirtualService): readonly VirtualService[] =>
  textsOf(fieldsOf(object.spec)['hosts']).length > 0 ? [object] : rootsOf(view, object)

/**
 * Every VirtualService that takes requests of the Service, as the mesh reads it; derived once per session.
 */
export function carriersOf(
  view: ClusterView,
  service: RoutedService,
  { complete }: Completeness,
): readonly Carrier[] {
  return once(view, [carriersOf, `${keyOfService(service)} ${complete}`], () => {
    const leading = routesTo(view, service)
    const roots = new Set(leading.flatMap(object => entriesOf(view, object)))
    const elsewhere = routesFor(view, service).filter(
      object =>
        !leading.includes(object)
        && object.metadata.deletionTimestamp === undefined
        // One that only delegates to those is seen by them.
        && !(roots.has(object) && routingOf(object).routes.every(({ targets }) => targets.length === 0)),
    )
    const carrier = (object: VirtualService, leadsElsewhere: boolean): Carrier => ({
      object,
      entries: entriesIn(view, object, { complete }),
      leadsElsewhere,
    })
    return [
      ...leading.map(object => carrier(object, false)),
      ...elsewhere.map(object => carrier(object, true)),
    ]
  })
}

/**
 * The VirtualServices that take requests of the Service in the mesh by a wildcard host, and send them elsewhere. They are
 * not for this Service, and no edit of it is of them.
 */
export function wildcardCarriersOf(
  view: ClusterView,
  service: RoutedService,
  { complete }: Completeness,
): readonly Carrier[] {
  return once(view, [wildcardCarriersOf, `${keyOfService(service)} ${complete}`], () => {
    const owners = wildcardOwners(view, hostOf(service))
    if (owners.length === 0) return []
    const known = carriersOf(view, service, { complete }).flatMap(({ object, entries }) => [
      object,
      ...entries.map(({ root }) => root),
    ])
    return owners
      .filter(object => !known.includes(object) && object.metadata.deletionTimestamp === undefined)
      .map(object => ({
        object,
        entries: entriesIn(view, object, { complete }),
        leadsElsewhere: true,
      }))
  })
}

const [whole, partial] = [{}, {}]

/** The VirtualServices by which requests enter, each as the mesh reads it: itself, or those that delegate to it. */
export function entriesIn(
  view: ClusterView,
  object: VirtualService,
  { complete }: Completeness,
): readonly EntryVirtualService[] {
  return once(view, [complete ? whole : partial, object], () => {
    const roots = entriesOf(view, object)
    return (roots.length > 0 ? roots : [object]).map(root => ({
      root,
      evaluation: evaluate(view, root, { complete }),
    }))
  })
}

/** A route of a carrier as it is written, and as the mesh carries it out. */
export interface CarriedRoute {
  readonly section: RouteSection
  /** Its place in `spec.http`, `spec.tcp` or `spec.tls`. */
  readonly index: number
  readonly route: Route
  /** What its destinations and mirrors lead to, for each entry. */
  readonly references: readonly { readonly entry: EntryVirtualService; readonly reference: Reference }[]
  /**
   * Some client or gateway has the route, and an earlier one leaves it something; also where the input does
   * not tell who has any.
   */
  readonly isReached: boolean
  /** The route before it that takes all requests that it matches, so that it takes no request. */
  readonly shadowedBy?: Route | undefined
  /** The route of another VirtualService that takes all of them, so that it takes no request. */
  readonly taker?: Taker | undefined
}

/** Whether requests reach a route, as far as the input tells. */
export const getsRequests = ({ isReached, shadowedBy, taker }: CarriedRoute): boolean =>
  isReached && shadowedBy === undefined && taker === undefined

/** The routes of a carrier, in their order within each section. */
export function carriedRoutes(
  view: ClusterView,
  { object, entries }: Pick<Carrier, 'object' | 'entries'>,
): readonly CarriedRoute[] {
  return once(view, [carriedRoutes, entries], () => {
    const all = entries.flatMap(entry => entry.evaluation.references.map(reference => ({ entry, reference })))
    const byRoute = Map.groupBy(all, ({ reference: { route } }) => route.written ?? route)
    const applied = new Set(
      entries.flatMap(({ evaluation }) =>
        evaluation.applications.flatMap(({ routes }) => routes.map(route => route.written ?? route)),
      ),
    )
    const isApplied = (route: Route): boolean => applied.size === 0 || applied.has(route)
    // A delegate's route without conditions has those of its root, and so do the routes after it.
    const closed = new Set<RouteSection>()
    const { routes } = routingOf(object)
    const shadowed = new Map(
      shadowedIn(routes.filter(({ section }) => section === 'http')).map(({ route, by }) => [route, by]),
    )
    const takers = takersIn(view, entries)
    return routes.map(route => {
      const isReached = isApplied(route) && !closed.has(route.section)
      if (isReached && route.delegate === undefined && takesEverything(route)) closed.add(route.section)
      return {
        section: route.section,
        index: Number(route.place[2]),
        route,
        references: byRoute.get(route) ?? [],
        isReached,
        shadowedBy: shadowed.get(route),
        taker: takers.get(route),
      }
    })
  })
}

/** The routes as they are written that get nothing by any entry, and what takes their requests. */
function takersIn(view: ClusterView, entries: readonly EntryVirtualService[]): ReadonlyMap<Route, Taker> {
  const found = entries.map(({ root, evaluation }) => {
    const taken = takenRoutes(view, { root, ...evaluation })
    const applied = new Set(evaluation.applications.flatMap(({ routes }) => routes))
    return [...applied].map(route => ({ route: route.written ?? route, taker: taken.get(route) }))
  })
  const fates = Map.groupBy(found.flat(), ({ route }) => route)
  return new Map(
    [...fates].flatMap(([route, those]) => {
      const { taker } = those[0]!
      return taker === undefined || those.some(each => each.taker === undefined) ? [] : [[route, taker]]
    }),
  )
}

/** The http route of an object as it is written at a place of its list. */
export const httpRouteAt = (object: VirtualService, index: number): HttpRoute | undefined =>
  listOf(object.spec.http)[index]
