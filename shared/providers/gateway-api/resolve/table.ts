import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { Match } from '../../../routing/match.ts'
import type { Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { attachmentsOf, type Attachment } from './attachments.ts'
import { hostnamesMeet, specificity } from './hostnames.ts'
import { regexPlaceAt } from './implementation.ts'
import { routesAtGateway, routesAtService } from './indexes.ts'
import { isEncrypted, listenersOf, readsRequests, type ReadListener } from './listeners.ts'
import { matchesOf } from './matches.ts'
import { byAge, byPrecedence, type RankedMatch, type RegexPlace } from './precedence.ts'
import { isService } from './references.ts'
import { shadowedBy } from './shadowed.ts'
import type { ServiceName } from './services.ts'

/** A match that a proxy has. */
export interface TableMatch extends RankedMatch {
  readonly match: Match
}

/** The matches that are tried for the requests of one entrance, in their order. */
export interface MatchTable {
  /**
   * `default`: a Service without routes gets its requests itself. `no-listener`: nothing listens there for such
   * requests. `no-host`: no route answers for the host.
   */
  readonly kind: 'routes' | 'default' | 'no-listener' | 'no-host'
  readonly matches: readonly TableMatch[]
  /** What of the Gateway took the request, and the hostname whose routes these are. */
  readonly listener?: ReadListener
  readonly hostname?: string
  /** Whose routes these are in the mesh. */
  readonly role?: 'producer' | 'consumer'
}

/** A port of a Gateway, as a request comes to it. */
export interface GatewayPort extends Completeness {
  readonly gateway: RouteGateway
  readonly port: number
  /** Over TLS; its server name is the host. */
  readonly tls: boolean
}

/** A hostname of a listener. */
export interface ListenerHostname extends Completeness {
  readonly gateway: RouteGateway
  readonly listener: ReadListener
  readonly hostname: string
}

/** A route that has hostnames at a listener. */
export interface HostedRoute {
  readonly route: ServiceRoute
  readonly hostnames: readonly string[]
}

/** The routes of a listener: those that it has, and those that it refuses for one of the other kind. */
export interface ListenerRoutes {
  readonly accepted: readonly HostedRoute[]
  readonly conflicting: readonly HostedRoute[]
}

const keyOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/**
 * The routes of a listener, the oldest first. Where an HTTPRoute and a GRPCRoute have a hostname in common only
 * the older one is accepted (https://gateway-api.sigs.k8s.io/reference/spec/#grpcroutespec).
 */
export const routesOfListener = (
  view: ClusterView,
  { gateway, listener, complete }: Omit<ListenerHostname, 'hostname'>,
): ListenerRoutes =>
  once(view, [routesOfListener, `${keyOf(gateway)} ${listener.index} ${complete}`], () => {
    const accepted: HostedRoute[] = []
    const conflicting: HostedRoute[] = []
    for (const route of routesAtGateway(view, keyOf(gateway)).toSorted(byAge)) {
      const hostnames = attachmentsOf(view, route, { complete }).flatMap(({ listeners }) =>
        listeners
          .filter(each => keyOf(each.gateway) === keyOf(gateway) && each.listener.index === listener.index)
          .flatMap(each => each.hostnames),
      )
      if (hostnames.length === 0) continue
      const isRefused = accepted.some(
        other => other.route.kind !== route.kind && hostnamesMeet(other.hostnames, hostnames),
      )
      ;(isRefused ? conflicting : accepted).push({ route, hostnames: [...new Set(hostnames)] })
    }
    return { accepted, conflicting }
  })

/** The matches of the routes that have a hostname of a listener; proxies have a table for each hostname. */
export const hostnameTable = (view: ClusterView, asked: ListenerHostname): MatchTable =>
  once(
    view,
    [hostnameTable, `${keyOf(asked.gateway)} ${asked.listener.index} ${asked.hostname} ${asked.complete}`],
    () => {
      const { gateway, listener, hostname } = asked
      const routes = routesOfListener(view, asked)
        .accepted.filter(({ hostnames }) => hostnames.includes(hostname))
        .map(({ route }) => route)
      const matches = inOrder(routes, regexPlaceAt(view, gateway))
      return { kind: routes.length === 0 ? 'no-host' : 'routes', matches, listener, hostname }
    },
  )

/**
 * What a Gateway tries for a host (lower case, without a port): the most specific listener of the port takes the
 * request, and of its routes those with the most specific hostname over the host.
 */
export function gatewayTable(
  view: ClusterView,
  { gateway, port, tls, complete }: GatewayPort,
  host: string,
): MatchTable {
  const listening = listenersOf(gateway).filter(each => each.port === port && isEncrypted(each) === tls)
  const isRead = listening.some(readsRequests)
  const listener = mostSpecific(listening, ({ hostname }) => hostname, host)
  if (!isRead || (tls && listener === undefined)) return { kind: 'no-listener', matches: [] }
  if (listener === undefined) return { kind: 'no-host', matches: [] }
  if (!readsRequests(listener)) return { kind: 'no-listener', matches: [], listener }
  const { accepted } = routesOfListener(view, { gateway, listener, complete })
  const hostname = mostSpecific(
    accepted.flatMap(({ hostnames }) => hostnames),
    said => said,
    host,
  )
  if (hostname === undefined) return { kind: 'no-host', matches: [], listener }
  return hostnameTable(view, { gateway, listener, hostname, complete })
}

/** The first of those whose hostname is the most specific over a host. */
function mostSpecific<T>(some: readonly T[], hostnameOf: (one: T) => string, host: string): T | undefined {
  let found: T | undefined
  let most = -1
  for (const one of some) {
    const rank = specificity(hostnameOf(one), host)
    if (rank > most) [found, most] = [one, rank]
  }
  return found
}

/** A port of a Service, as callers of a namespace in the mesh ask for it. */
export interface ServicePortAsked extends Completeness {
  readonly service: ServiceName
  readonly port: number
  /** Of the callers. */
  readonly namespace: string
}

/**
 * What proxies of the mesh try for requests to a port of a Service: the routes of the callers' namespace where it
 * has some for it, else those of the Service's own. Where routes of both kinds are attached, GRPCRoutes go before
 * HTTPRoutes, which are ignored (https://gateway-api.sigs.k8s.io/geps/gep-1294/).
 */
export const serviceTable = (view: ClusterView, asked: ServicePortAsked): MatchTable => {
  const { service, port, namespace, complete } = asked
  const own = service.namespace
  const key = `${own}/${service.name}`
  return once(view, [serviceTable, `${key} ${port} ${namespace} ${complete}`], () => {
    const attached = routesAtService(view, key).filter(route =>
      attachmentsOf(view, route, { complete }).some(attachment => isAtPort(attachment, asked)),
    )
    for (const [of, role] of [
      [namespace, 'consumer'],
      [own, 'producer'],
    ] as const) {
      const routes = attached.filter(route => namespaceOf(route) === of)
      if (routes.length === 0) continue
      const grpc = routes.filter(({ kind }) => kind === 'GRPCRoute')
      const matches = inOrder(grpc.length > 0 ? grpc : routes, 'after-prefixes')
      return { kind: 'routes', matches, role: of === own ? 'producer' : role }
    }
    return { kind: 'default', matches: [] }
  })
}

/** A Service that is not in view has whatever port is asked for. */
function isAtPort(
  { parent, isAssumed, service: at }: Attachment,
  { service, port }: Pick<ServicePortAsked, 'service' | 'port'>,
): boolean {
  if (!isService(parent) || parent.namespace !== service.namespace || parent.name !== service.name)
    return false
  return isAssumed ? parent.port === undefined || parent.port === port : at?.ports.includes(port) === true
}

const inOrder = (routes: readonly ServiceRoute[], regexes: RegexPlace): readonly TableMatch[] =>
  routes
    .flatMap(route => matchesOf(route).map(read => ({ ...read, route })))
    .filter((each): each is TableMatch => each.match !== undefined)
    .toSorted(byPrecedence(regexes))

/**
 * The matches of a table that no request reaches, each with the earlier one that asks for no more; derived once
 * per session.
 */
export const shadowedIn = (view: ClusterView, table: MatchTable): ReadonlyMap<TableMatch, TableMatch> =>
  once(view, [shadowedIn, table], () => shadowedBy(view, table.matches))
