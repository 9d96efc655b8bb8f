import { serviceHost, serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { serviceEntriesByAddress, servicesByAddress } from '../resolve/indexes/providers.ts'
import { coveringHosts } from '../resolve/indexes/routing.ts'
import { hostOfService, hostsOfEntry } from '../resolve/objects/providers.ts'
import type { PortProtocol } from '../../../workloads/mesh/port-protocol.ts'
import type { Client } from '../resolve/clients.ts'
import { delegatedRoutes } from '../resolve/delegates.ts'
import { hostsOf, httpRoutes, idOf, type Listener } from '../resolve/mesh.ts'
import type { Completeness } from '../resolve/outcome.ts'
import { hostsUnder, isEntry, providersAt } from '../resolve/registry.ts'
import { claimsOf } from '../resolve/mesh/http.ts'
import { contenders, ordered, ownerByWildcard, ownerOf, wildcardsOver } from '../resolve/mesh/owners.ts'
import { listensOn, portOn, type Within } from '../resolve/mesh/scope.ts'
import { importsProvided } from '../resolve/mesh/sidecars.ts'

/** What answers for a Host header on one port of a client's proxy. */
export interface MeshHost {
  /** The host of the Service or ServiceEntry that it represents, if it does. */
  readonly provided: string | undefined
  /** The VirtualService whose http routes it has; without one everything goes to what is provided. */
  readonly owner: VirtualService | undefined
}

/** A port of a client's proxy. */
export interface At extends Within, Completeness {
  readonly client: Client
  /** The port of the Services that are called by it. */
  readonly port: number
  /** The port that its routes are asked by: 0 for a generic proxy, which has those of port 80. */
  readonly routesPort: number
}

interface Claim extends MeshHost {
  readonly isSniffed: boolean
}

/**
 * What answers for a host (lower case, no port) at a sidecar: of several claims that of the VirtualService
 * that Istio reads first, then one without; a name before a wildcard, the longest wildcard first
 * (BuildSidecarOutboundVirtualHosts). Undefined where nothing answers.
 */
export function meshHostOf(view: ClusterView, at: At, host: string): MeshHost | undefined {
  const claims = claimsOfNames(view, at, spelledBy(view, at, host))
  // A port whose protocol is not said has a listener of its own, which knows no other hosts.
  const sniffed = at.routesPort === 0 ? undefined : claims.find(({ isSniffed }) => isSniffed)
  return (
    sniffed ?? firstOf(view, at, [...claims, ...bareClaims(view, at, host)]) ?? wildcardClaim(view, at, host)
  )
}

/** The host among those that a Host header may be meant to name that is provided on a port, whatever it speaks there. */
export function providedHostOf(view: ClusterView, at: At, host: string): ProvidedHost | undefined {
  for (const name of spelledBy(view, at, host)) {
    const found = portOn(view, at, { host: name, port: at.port })
    if (found !== undefined) return { provided: name, protocol: found.on.protocol }
  }
  return undefined
}

export interface ProvidedHost {
  readonly provided: string
  readonly protocol: PortProtocol
}

const listenerOf = ({ client, routesPort: port }: At): Listener => ({ client, gateway: 'mesh', port })

/** The hosts that a Host header may name: itself, or a Service by a shorter name (GenerateAltVirtualHosts). */
function spelledBy(view: ClusterView, at: At, host: string): readonly string[] {
  return isServed(view, at, host) ? [host] : spellings(view, host, at.client.namespace)
}

/** The hosts that callers of a namespace may mean by a Host header, itself first. */
export function spellings(view: ClusterView, host: string, callers: string): readonly string[] {
  const { clusterDomain } = view.mesh
  const [name = '', namespace, svc, ...rest] = host.split('.')
  const full =
    namespace === undefined
      ? serviceHost(name, callers, clusterDomain)
      : rest.length === 0 && (svc === undefined || svc === 'svc')
        ? serviceHost(name, namespace, clusterDomain)
        : undefined
  return [
    host,
    ...(full === undefined ? [] : [full]),
    ...(host.endsWith('.') ? [host.slice(0, -1)] : []),
    ...addressedBy(view, host),
  ]
}

/** The hosts of the Services and ServiceEntries with an address. */
function addressedBy(view: ClusterView, host: string): readonly string[] {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  if (!/^[\d.]+$|:/.test(address)) return []
  const services = view.find(servicesByAddress, address)
  return [
    ...services.map(service => hostOfService(service, view.mesh.clusterDomain)),
    ...view.find(serviceEntriesByAddress, address).flatMap(hostsOfEntry),
  ]
}

const isServed = (view: ClusterView, at: At, host: string): boolean =>
  portOn(view, at, { host, port: at.port })?.on.takesHttp === true

/** What claims these hosts: a VirtualService with http routes, or a default route; an ExternalName also its target. */
const claimsOfNames = (view: ClusterView, at: At, names: readonly string[]): readonly Claim[] =>
  names.flatMap(name => [
    ...claimOf(view, at, name),
    ...aliasedBy(view, at, name).flatMap(target => claimOf(view, at, target)),
  ])

function claimOf(view: ClusterView, at: At, host: string): readonly Claim[] {
  const found = portOn(view, at, { host, port: at.port })
  if (found?.on.takesHttp !== true) return []
  const owner = ownerFor(view, at, host)
  const isAlias = found.provider.form === 'alias'
  return isAlias && owner === undefined
    ? []
    : [
        {
          provided: host,
          owner,
          isSniffed: found.on.isSniffed && !isAlias && found.provider.form !== 'headless',
        },
      ]
}

/** The VirtualService of a provided host: one for exactly this host, even without routes here, else the nearest wildcard's. */
function ownerFor(view: ClusterView, at: At, host: string): VirtualService | undefined {
  const exact = host.startsWith('*') ? undefined : ownerOf(view, at, { host, listener: listenerOf(at) })
  if (exact !== undefined) return exact
  const nearest = ownerByWildcard(view, at, host)
  return nearest !== undefined && hasRoutes(view, at, nearest) ? nearest : undefined
}

const hasRoutes = (view: ClusterView, at: At, object: VirtualService): boolean =>
  httpRoutes(delegatedRoutes(view, object).routes, listenerOf(at)).length > 0

/** The target of an ExternalName, if the listener imports the name. */
const aliasedBy = (view: ClusterView, { listener }: At, host: string): readonly string[] =>
  providersAt(view, host).flatMap(({ target, namespace }) =>
    target !== undefined && importsProvided(listener, { namespace, host }) ? [target] : [],
  )

/** VirtualServices for hosts that nothing provides on the port: on port 80, or beside a host that is provided there. */
function bareClaims(view: ClusterView, at: At, host: string): readonly Claim[] {
  if (portOn(view, at, { host, port: at.port }) !== undefined) return []
  return contenders(view, at, host)
    .filter(object => hasRoutes(view, at, object) && takesBare(view, at, { object, host }))
    .map(owner => ({ provided: undefined, owner, isSniffed: false }))
}

interface Bare {
  readonly object: VirtualService
  readonly host: string
}

function takesBare(view: ClusterView, at: At, { object, host }: Bare): boolean {
  // Somebody else's Service is taken to provide it where the input is not the whole world.
  if (!at.complete && !host.startsWith('*') && providersAt(view, host).length === 0) return true
  if (at.routesPort === 0) return servesAnother(view, at, object)
  return (
    (at.port === 80 || servesAnother(view, at, object))
    && listensOn(view, at.scope, { port: at.port, nearby: namespaceOf(object) })
  )
}

const servesAnother = (view: ClusterView, at: At, object: VirtualService): boolean =>
  claimsOf(view, { ...at, object }).some(({ host, hosts }) =>
    hosts.some(
      name =>
        isServed(view, at, name)
        && (!host.startsWith('*') || isSame(ownerByWildcard(view, at, name), object)),
    ),
  )

const isSame = (one: VirtualService | undefined, other: VirtualService): boolean =>
  one !== undefined && idOf(one) === idOf(other)

/** The claim whose VirtualService goes first; what has none comes last. */
function firstOf(view: ClusterView, at: At, claims: readonly Claim[]): Claim | undefined {
  const owned = claims.filter(({ owner }) => owner !== undefined)
  if (owned.length === 0) return claims[0]
  if (owned.length === 1) return owned[0]
  const [first] = ordered(view, at, [...new Set(owned.map(({ owner }) => owner!))])
  return owned.find(({ owner }) => owner === first)
}

/** Who claims a host by the longest wildcard over it. */
function wildcardClaim(view: ClusterView, at: At, host: string): Claim | undefined {
  const claims = [
    ...bareWildcards(view, at, host),
    ...providedWildcards(view, at, host),
    ...parents(view, at, host),
  ]
  const longest = Math.max(...claims.map(({ length }) => length))
  return firstOf(
    view,
    at,
    claims.filter(({ length }) => length === longest),
  )
}

type WildcardClaim = Claim & { readonly length: number }

/** Wildcards of VirtualServices under which nothing is provided on the port. */
const bareWildcards = (view: ClusterView, at: At, host: string): readonly WildcardClaim[] =>
  wildcardsOver(view, at, host).flatMap(object =>
    hostsOf(view, object)
      .filter(said => isUnder(host, said) && !hasProvided(view, at, said))
      .filter(said => hasRoutes(view, at, object) && takesBare(view, at, { object, host: said }))
      .map(({ length }) => ({ provided: undefined, owner: object, isSniffed: false, length })),
  )

const isUnder = (host: string, wildcard: string): boolean =>
  wildcard.startsWith('*') && host.length >= wildcard.length && host.endsWith(wildcard.slice(1).toLowerCase())

const hasProvided = (view: ClusterView, at: At, wildcard: string): boolean =>
  hostsUnder(view, wildcard, at.scope.namespace).some(
    host => portOn(view, at, { host, port: at.port }) !== undefined,
  )

/** Wildcard hosts of ServiceEntries. */
const providedWildcards = (view: ClusterView, at: At, host: string): readonly WildcardClaim[] =>
  coveringHosts(host)
    .filter(said => said !== host && isUnder(host, said))
    .flatMap(said => claimOf(view, at, said).map(claim => ({ ...claim, length: said.length })))

/** Headless Services answer for the names of their pods. */
const parents = (view: ClusterView, at: At, host: string): readonly WildcardClaim[] =>
  host
    .split('.')
    .slice(1)
    .flatMap((_, i, labels) => {
      const parent = labels.slice(i).join('.')
      return claimsOfNames(view, at, spelledBy(view, at, parent))
        .filter(({ provided }) => provided !== undefined && isHeadless(view, at, provided))
        .map(claim => ({ ...claim, length: parent.length + 2 }))
    })

function isHeadless(view: ClusterView, at: At, host: string): boolean {
  const provider = portOn(view, at, { host, port: at.port })?.provider
  return (
    provider?.form === 'headless'
    && !isEntry(provider)
    && serviceOfHost(host, view.mesh.clusterDomain) !== undefined
  )
}
