import { serviceOfHost } from '../../objects/hosts.ts'
import type { ClusterView } from '../cluster-view.ts'
import { hostsMeet } from '../indexes.ts'
import { serviceEntriesByHost, serviceEntriesByListener, serviceEntriesByWildcard, servicesByListener, servicesByWildcard } from '../indexes/providers.ts'
import { hostOfService, hostsOfEntry, providerOfEntry, providerOfService, type Provider } from '../read/providers.ts'
import { once } from '../session.ts'
import { byAge, reachOf, type Aged, type Reach } from './visibility.ts'

/** All that say this host, literally, whoever sees them. */
export function providersAt(view: ClusterView, host: string): readonly Provider[] {
  return once(view, providersAt, host, () => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    const service = named === undefined ? undefined : view.get({ kind: 'Service', ...named })
    return [...service === undefined ? [] : [providerOfService(service)], ...view.find(serviceEntriesByHost, host).map(providerOfEntry)]
  })
}

/** What the sidecars of a namespace take a host to be; undefined where nothing that they see provides it. */
export const providerFor = (view: ClusterView, host: string, client: string): Provider | undefined => chosenOf(seenBy(view, host, client), client)

const seenBy = (view: ClusterView, host: string, client: string): readonly Seen[] => providersAt(view, host).flatMap(provider => {
  const reach = reachFor(view, provider, client)
  return reach === undefined ? [] : [{ provider, reach }]
})

/**
 * What a destination of a route leads to. A sidecar also finds what its own namespace hides from everybody, because the routes that it has
 * loaded bring their destinations along (collectImportedServices).
 */
export function destinationFor(view: ClusterView, host: string, client: { readonly namespace: string; readonly isGateway: boolean }): Provider | undefined {
  if (client.isGateway) return chosenOf(seenBy(view, host, client.namespace), undefined)
  const found = providerFor(view, host, client.namespace)
  if (found !== undefined) return found
  return chosenOf(providersAt(view, host).filter(({ namespace }) => namespace === client.namespace).map(provider => ({ provider, reach: 0 })), client.namespace)
}

interface Seen {
  readonly provider: Provider
  readonly reach: Reach
}

/**
 * What a sidecar's own namespace provides (`own`; gateways do not care), a Service before ServiceEntries, the oldest (selectServices); entries of
 * one namespace and form lend it their ports (appendSidecarServices).
 */
function chosenOf(seen: readonly Seen[], own: string | undefined): Provider | undefined {
  if (seen.length < 2) return seen[0]?.provider
  const ordered = seen.toSorted((one, other) =>
    Number(one.provider.namespace !== own) - Number(other.provider.namespace !== own)
    || Number(isEntry(one.provider)) - Number(isEntry(other.provider))
    || one.reach - other.reach || byAge(agedOf(one.provider), agedOf(other.provider)))
  const first = ordered[0]!.provider
  if (!isEntry(first)) return first
  const kin = ordered.map(({ provider }) => provider).filter(({ namespace, form }) => namespace === first.namespace && form === first.form)
  const ports = kin.flatMap(provider => provider.ports)
  return { ...first, ports: ports.filter(({ port }, i) => ports.findIndex(other => other.port === port) === i), endpoints: kin.flatMap(({ endpoints }) => endpoints) }
}

const isEntry = ({ ref }: Provider): boolean => ref.kind === 'ServiceEntry'
const agedOf = ({ created, ref }: Provider): Aged => ({ created, name: ref.name, namespace: ref.namespace })

const reachFor = (view: ClusterView, provider: Provider, client: string): Reach | undefined => reachOf(provider, client, view.mesh.defaultExportTo.service)

/** The hosts under a wildcard that a namespace sees, wildcard hosts of ServiceEntries among them. */
export function hostsUnder(view: ClusterView, wildcard: string, client: string): readonly string[] {
  return once(view, hostsUnder, `${client} ${wildcard}`, () => {
    const key = wildcard === '*' ? wildcard : wholeKey(wildcard)
    const services = view.find(servicesByWildcard, key)
      .filter(service => reachFor(view, providerOfService(service), client) !== undefined)
      .map(service => hostOfService(service, view.mesh.clusterDomain))
    const entries = view.find(serviceEntriesByWildcard, key)
      .filter(entry => reachFor(view, providerOfEntry(entry), client) !== undefined)
      .flatMap(hostsOfEntry)
    return [...new Set([...services, ...entries])].filter(host => isUnder(host, wildcard))
  })
}

const isUnder = (host: string, wildcard: string): boolean => (host.startsWith('*') ? host.slice(1) : host).endsWith(wildcard.slice(1)) && hostsMeet(host, wildcard)

const wholeKey = (wildcard: string): string => wildcard.startsWith('*.') ? wildcard : wildcard.includes('.') ? `*${wildcard.slice(wildcard.indexOf('.'))}` : '*'

export interface Listening {
  readonly port: number
  /** The namespace of the sidecars. */
  readonly client: string
  /** Asked first: a provider that all see is as a rule found there, and the rest need not be looked through. */
  readonly nearby: string
  /** What the sidecars import of what they see. */
  readonly imports: (object: { readonly namespace: string; readonly host: string; readonly isProvided: boolean }) => boolean
}

/** Whether sidecars listen for plain HTTP on a port: there routes for aliases apply, and on port 80 for hosts that nothing provides. */
export function hasListener(view: ClusterView, { port, client, nearby, imports }: Listening): boolean {
  const among = (key: string): readonly (readonly [Provider, readonly string[]])[] => once(view, hasListener, key, () => [
    ...view.find(servicesByListener, key).map(service => [providerOfService(service), [hostOfService(service, view.mesh.clusterDomain)]] as const),
    ...view.find(serviceEntriesByListener, key).map(entry => [providerOfEntry(entry), hostsOfEntry(entry)] as const),
  ])
  return [`${port}/${nearby}`, String(port)].some(key => among(key).some(([provider, hosts]) =>
    reachFor(view, provider, client) !== undefined && hosts.some(host => imports({ namespace: provider.namespace, host, isProvided: true }))))
}
