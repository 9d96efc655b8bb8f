import { firstPlaces } from '../../../objects/text/first-places.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { hostsMeet, intendedHost, wholeWildcard } from './indexes/routing.ts'
import {
  serviceEntriesByHost,
  serviceEntriesByListener,
  serviceEntriesByWildcard,
  servicesByListener,
  servicesByWildcard,
} from './indexes/providers.ts'
import {
  hostOfService,
  hostsOfEntry,
  providerOfEntry,
  providerOfService,
  type HostProvider,
} from './objects/providers.ts'
import { once } from '../../../view/session.ts'
import { byAge, reachOf, type Aged, type Reach } from './visibility.ts'

/**
 * All that say this host, literally, whoever sees them: its Service, then the ServiceEntries by age,
 * namespace and name (SortServicesByCreationTime).
 */
export function providersAt(view: ClusterView, host: string): readonly HostProvider[] {
  return once(view, [providersAt, host], () => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    const service = named === undefined ? undefined : view.get({ kind: 'Service', ...named })
    const entries = view
      .find(serviceEntriesByHost, host)
      .map(providerOfEntry)
      .toSorted((one, other) => byAge(agedOf(one), agedOf(other)))
    return [...(service === undefined ? [] : [providerOfService(service)]), ...entries]
  })
}

/** The Service that a host was meant to name, where there is one and nothing provides the host as it is. */
export function serviceMeant(view: ClusterView, host: string): string | undefined {
  const intended = intendedHost(host, view.mesh.clusterDomain)
  if (intended === host || providersAt(view, host).length > 0) return undefined
  return providersAt(view, intended).some(({ ref }) => ref.kind === 'Service') ? intended : undefined
}

const seenBy = (view: ClusterView, host: string, client: string): readonly Seen[] =>
  providersAt(view, host).flatMap(provider => {
    const reach = reachFor(view, provider, client)
    return reach === undefined ? [] : [{ provider, reach }]
  })

interface Seen {
  readonly provider: HostProvider
  readonly reach: Reach
}

export interface ProviderLookup {
  readonly namespace: string
  /** Those that are exported to it by name do not go first. */
  readonly byAgeOnly: boolean
}

/**
 * What a namespace sees providing a host, in the order in which Istio reads it (servicesExportedToNamespace);
 * the Service goes before all ServiceEntries.
 */
export const inOrderFor = (
  view: ClusterView,
  host: string,
  { namespace, byAgeOnly }: ProviderLookup,
): readonly HostProvider[] => {
  const seen = seenBy(view, host, namespace)
  const ordered =
    seen.length < 2 || byAgeOnly
      ? seen
      : seen.toSorted((one, other) => Number(one.reach === 2) - Number(other.reach === 2))
  return ordered.map(({ provider }) => provider)
}

/** What a host is to the gateways of a namespace: its Service, else the oldest ServiceEntry. */
export const providerForGateway = (
  view: ClusterView,
  host: string,
  namespace: string,
): HostProvider | undefined => {
  const seen = inOrderFor(view, host, { namespace, byAgeOnly: false })
  const first = seen.find(provider => !isEntry(provider)) ?? seen[0]
  if (first === undefined || !isEntry(first)) return first
  const kin = seen.filter(other => other.namespace === first.namespace && other.form === first.form)
  return withKin(view, host, kin.length === 1 ? first : { ...first, ports: entryPorts(kin) })
}

/** The ports of several, each number once. */
export function entryPorts(providers: readonly HostProvider[]): HostProvider['ports'] {
  const ports = providers.flatMap(provider => provider.ports)
  const places = firstPlaces(ports.map(({ port }) => port))
  return ports.filter(({ port }, i) => places.get(port) === i)
}

/**
 * A ServiceEntry with the addresses of all in its namespace that say its host: Istio keeps addresses by host
 * and namespace.
 */
export function withKin(view: ClusterView, host: string, provider: HostProvider): HostProvider {
  if (!isEntry(provider)) return provider
  const kin = providersAt(view, host).filter(
    other => other.namespace === provider.namespace && other.form === provider.form,
  )
  return kin.length < 2 ? provider : { ...provider, endpoints: kin.flatMap(({ endpoints }) => endpoints) }
}

/** Whether it is a ServiceEntry. */
export const isEntry = ({ ref }: HostProvider): boolean => ref.kind === 'ServiceEntry'
/**
 * Services of one age are distinguished by their host first, which is one here, and only then by namespace and
 * name.
 */
const agedOf = ({ created, ref }: HostProvider): Aged => ({
  created,
  name: ref.namespace,
  namespace: ref.name,
})

const reachFor = (view: ClusterView, provider: HostProvider, client: string): Reach | undefined =>
  reachOf(provider, client, view.mesh.defaultExportTo.service)

/** The hosts under a wildcard that a namespace sees, wildcard hosts of ServiceEntries among them. */
export function hostsUnder(view: ClusterView, wildcard: string, client: string): readonly string[] {
  return once(view, [hostsUnder, `${client} ${wildcard}`], () => {
    const key = wholeWildcard(wildcard)
    const services = view
      .find(servicesByWildcard, key)
      .filter(service => reachFor(view, providerOfService(service), client) !== undefined)
      .map(service => hostOfService(service, view.mesh.clusterDomain))
    const entries = view
      .find(serviceEntriesByWildcard, key)
      .filter(entry => reachFor(view, providerOfEntry(entry), client) !== undefined)
      .flatMap(hostsOfEntry)
    return [...new Set([...services, ...entries])].filter(host => isUnder(host, wildcard))
  })
}

const isUnder = (host: string, wildcard: string): boolean =>
  (host.startsWith('*') ? host.slice(1) : host).endsWith(wildcard.slice(1)) && hostsMeet(host, wildcard)

export interface ListenerScope {
  readonly port: number
  /** The namespace of the sidecars. */
  readonly client: string
  /**
   * Asked first: a provider that all see is as a rule found there, and the rest need not be looked through.
   */
  readonly nearby: string
  /** What the sidecars import of what they see. */
  readonly imports: (provider: HostProvider, host: string) => boolean
}

/**
 * Whether sidecars listen for plain HTTP on a port: there routes for aliases apply, and on port 80 for hosts
 * that nothing provides.
 */
export function hasListener(view: ClusterView, { port, client, nearby, imports }: ListenerScope): boolean {
  const among = (key: string): readonly (readonly [HostProvider, readonly string[]])[] =>
    once(view, [hasListener, key], () => [
      ...view
        .find(servicesByListener, key)
        .map(
          service => [providerOfService(service), [hostOfService(service, view.mesh.clusterDomain)]] as const,
        ),
      ...view
        .find(serviceEntriesByListener, key)
        .map(entry => [providerOfEntry(entry), hostsOfEntry(entry)] as const),
    ])
  return [`${port}/${nearby}`, String(port)].some(key =>
    among(key).some(
      ([provider, hosts]) =>
        reachFor(view, provider, client) !== undefined && hosts.some(host => imports(provider, host)),
    ),
  )
}
