import { namespaceOf, type Labels } from '../../../../objects/kube-object.ts'
import type { Gateway } from '../../../../objects/istio.ts'
import { matches } from '../../../../objects/labels.ts'
import { textOf } from '../../../../objects/unchecked.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import type { Client } from '../clients.ts'
import { delegatedRoutes } from '../delegates.ts'
import { gatewayReadingOf, hostsFor, isHttp, type ResolvedServer } from '../gateways.ts'
import { gatewaysBySelector } from '../indexes/providers.ts'
import { coveringHosts, virtualServicesByHost, virtualServicesByWildcard } from '../indexes/routing.ts'
import { hostsOf, httpBlocks, type Block } from '../mesh.ts'
import { inPrecedence } from '../mesh/owners.ts'
import { isWithin } from '../mesh/sidecars.ts'
import { routingOf } from '../objects/routes.ts'
import { byAge } from '../visibility.ts'

/** A port of a gateway's proxy, as a request comes to it. */
export interface Entrance {
  readonly client: Client
  readonly port: number
  readonly tls: boolean
}

/** A server that a proxy has, and the `namespace/name` of its Gateway. */
export interface OwnedServer {
  readonly gateway: string
  readonly server: ResolvedServer
}

/** What answers for a Host header on one port of a gateway's proxy. */
export interface GatewayHost {
  /** Plain requests are sent to https. */
  readonly redirectsToHttps: boolean
  /** In the order in which the proxy tries them: those that take everything come last (SortVHostRoutes). */
  readonly blocks: readonly OwnedBlock[]
}

/** A block of a route, and whose it is, by which gateway. */
export interface OwnedBlock extends Block {
  readonly object: VirtualService
  readonly gateway: string
}

/**
 * The servers of one port that read a request: all for plain HTTP, one for TLS, whose server name is the
 * host.
 */
export function serversFor(view: ClusterView, entrance: Entrance, host: string): readonly OwnedServer[] {
  const { servers, isPlain } = listenerOf(view, entrance)
  if (isPlain) return entrance.tls ? [] : servers
  const chosen = entrance.tls ? serverByName(servers, host) : undefined
  return chosen?.server.section === 'http' ? [chosen] : []
}

/** A server that takes connections and reads no requests in them. */
export interface ConnectionServer extends OwnedServer {
  readonly section: 'tcp' | 'tls'
}

/** The server of one port that takes connections as a whole; undefined where requests are read, or nothing listens. */
export function connectionServer(
  view: ClusterView,
  entrance: Entrance,
  host: string,
): ConnectionServer | undefined {
  const { servers, isPlain } = listenerOf(view, entrance)
  const chosen = isPlain ? servers[0] : entrance.tls ? serverByName(servers, host) : undefined
  const section = chosen?.server.section
  return chosen === undefined || section === undefined || section === 'http'
    ? undefined
    : { ...chosen, section }
}

interface GatewayListener {
  readonly servers: readonly OwnedServer[]
  readonly isPlain: boolean
}

/**
 * The servers of all gateways of a proxy on one port: the first one says whether it is for plain or encrypted
 * traffic, and what does not fit is left out (mergeGateways).
 */
function listenerOf(view: ClusterView, { client, port }: Entrance): GatewayListener {
  const [first, ...others] = gatewaysOf(view, client.labels).flatMap(gateway =>
    gatewayReadingOf(gateway)
      .servers.filter(server => server.port === port)
      .map(server => ({ gateway: `${namespaceOf(gateway)}/${gateway.metadata.name}`, server })),
  )
  if (first === undefined) return { servers: [], isPlain: true }
  const isPlain = isHttp(first.server.protocol) || !first.server.hasTls
  const kept: OwnedServer[] = [first]
  const taken = new Set(first.server.hasTls ? first.server.hosts : [])
  for (const other of others) {
    const { hasTls, hosts, protocol } = other.server
    if (hasTls && hosts.some(host => taken.has(host))) continue
    if (hasTls) for (const host of hosts) taken.add(host)
    const fits = isPlain ? isHttp(protocol) && isHttp(first.server.protocol) : hasTls
    if (fits) kept.push(other)
  }
  return { servers: kept, isPlain }
}

/** The gateways whose selector a proxy meets, the oldest first. */
function gatewaysOf(view: ClusterView, labels: Labels): readonly Gateway[] {
  const keys = ['', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
  return [...new Set(keys.flatMap(key => view.find(gatewaysBySelector, key)))]
    .filter(gateway => matches(gatewayReadingOf(gateway).selector, labels))
    .toSorted((one, other) => byAge(agedOf(one), agedOf(other)))
}

const agedOf = (gateway: Gateway) => ({
  created: textOf(gateway.metadata.creationTimestamp),
  name: gateway.metadata.name,
  namespace: namespaceOf(gateway),
})

const hostIn = (said: string): string => said.slice(said.indexOf('/') + 1)

/** The server whose certificate is for a name: the exact one, else the longest wildcard's. */
function serverByName(servers: readonly OwnedServer[], name: string): OwnedServer | undefined {
  const rank = ({ server }: OwnedServer): number =>
    Math.max(...server.hosts.map(hostIn).map(host => specificity(host.toLowerCase(), name)))
  return servers
    .map(one => ({ one, rank: rank(one) }))
    .filter(each => each.rank >= 0)
    .toSorted((one, other) => other.rank - one.rank)[0]?.one
}

/** How closely a domain names a host: not at all (-1), as `*` (0), by a wildcard (its length), exactly. */
function specificity(domain: string, host: string): number {
  if (domain === host) return Infinity
  if (domain === '*') return 0
  return domain.startsWith('*') && host.length >= domain.length && host.endsWith(domain.slice(1))
    ? domain.length
    : -1
}

/**
 * What answers for a host, in lower case and without a port: the routes of all VirtualServices that share the
 * most specific domain over it, by
 * the servers' order and then their own (buildGatewayHTTPRouteConfig). Undefined where no domain is over it.
 */
export const gatewayHostOf = (view: ClusterView, entrance: Entrance, host: string): GatewayHost | undefined =>
  hostAt(view, entrance, { host, servers: serversFor(view, entrance, host) })

/** The same by servers that are known to read the request. */
export function hostAt(
  view: ClusterView,
  entrance: Entrance,
  { host, servers }: { readonly host: string; readonly servers: readonly OwnedServer[] },
): GatewayHost | undefined {
  const owned = servers.flatMap(one => domainsOf(view, entrance, { ...one, host }))
  const best = owned.reduce((most, { domain }) => Math.max(most, specificity(domain, host)), -1)
  if (best < 0) return undefined
  const chosen = owned.filter(({ domain }) => specificity(domain, host) === best)
  const blocks = chosen.flatMap(each => each.blocks)
  const isLast = ({ condition, unmet }: Block): boolean =>
    unmet === undefined && (condition === undefined || condition.isCatchAll)
  return {
    redirectsToHttps: !entrance.tls && chosen.some(({ redirectsToHttps }) => redirectsToHttps),
    blocks: [...blocks.filter(block => !isLast(block)), ...blocks.filter(isLast)],
  }
}

interface Domain {
  readonly domain: string
  readonly redirectsToHttps: boolean
  readonly blocks: readonly OwnedBlock[]
}

type Asked = OwnedServer & { readonly host: string }

/**
 * The domains over a host that a server makes with the VirtualServices of its gateway, and one that only
 * redirects.
 */
function domainsOf(
  view: ClusterView,
  { client, port }: Entrance,
  { gateway, server, host }: Asked,
): readonly Domain[] {
  const { redirectsToHttps } = server
  const routed = boundOver(view, { gateway, host, client }).flatMap((object): readonly Domain[] => {
    const domains = commonHosts(hostsFor(server, namespaceOf(object)), hostsOf(view, object))
      .map(domain => domain.toLowerCase())
      .filter(domain => specificity(domain, host) >= 0)
    if (domains.length === 0) return []
    const blocks = httpBlocks(delegatedRoutes(view, object).routes, { client, gateway, port })
    if (!blocks.some(({ unmet }) => unmet === undefined)) return []
    const owned = blocks.map(block => ({ ...block, object, gateway }))
    return [...new Set(domains)].map(domain => ({ domain, redirectsToHttps, blocks: owned }))
  })
  const redirected = redirectsToHttps
    ? server.hosts.map(domain => ({ domain: domain.toLowerCase(), redirectsToHttps, blocks: [] }))
    : []
  return [...routed, ...redirected]
}

interface Bound {
  readonly gateway: string
  readonly host: string
  readonly client: Client
}

/**
 * The VirtualServices of a gateway that a proxy sees and whose hosts may cover a host, in the order in which
 * Istio reads them (VirtualServicesForGateway).
 */
function boundOver(view: ClusterView, { gateway, host, client }: Bound): readonly VirtualService[] {
  return once(view, [boundOver, `${gateway} ${client.namespace} ${host}`], () => {
    const found = coveringHosts(host).flatMap(key => [
      ...view.find(virtualServicesByHost, key),
      ...(key.startsWith('*') ? view.find(virtualServicesByWildcard, key) : []),
    ])
    const bound = [...new Set(found)].filter(object => routingOf(object).gateways.includes(gateway))
    return inPrecedence(view, bound, client.namespace)
  })
}

/** The hosts that lie within one of both lists, the narrower of each pair (Names.Intersection). */
export const commonHosts = (some: readonly string[], others: readonly string[]): readonly string[] =>
  some.flatMap(one =>
    others.flatMap(other => (isWithin(one, other) ? [one] : isWithin(other, one) ? [other] : [])),
  )

/** A host that a wildcard covers and nobody names. */
export const sampleHost = (host: string): string =>
  host.startsWith('*') ? `any-host${host.slice(1) || '.example'}` : host
