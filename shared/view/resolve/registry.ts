import { serviceOfHost } from '../../objects/hosts.ts'
import type { ClusterView } from '../cluster-view.ts'
import { hostsMeet } from '../indexes.ts'
import { serviceEntriesByHost, serviceEntriesByWildcard, serviceEntriesOn80, servicesByWildcard, servicesOn80 } from '../indexes/providers.ts'
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

/** What a namespace takes a host to be; undefined where nothing that it sees provides it. */
export function providerFor(view: ClusterView, host: string, client: string): Provider | undefined {
  const seen = providersAt(view, host).flatMap(provider => {
    const reach = reachFor(view, provider, client)
    return reach === undefined ? [] : [{ provider, reach }]
  })
  return chosenOf(seen, client)
}

/**
 * What a destination of a route leads to. A sidecar also finds what its own namespace hides from everybody, because the routes that it has
 * loaded bring their destinations along (collectImportedServices).
 */
export function destinationFor(view: ClusterView, host: string, client: { readonly namespace: string; readonly isGateway: boolean }): Provider | undefined {
  const found = providerFor(view, host, client.namespace)
  if (found !== undefined || client.isGateway) return found
  return chosenOf(providersAt(view, host).filter(({ namespace }) => namespace === client.namespace).map(provider => ({ provider, reach: 0 })), client.namespace)
}

/** A Service before ServiceEntries, the client's own before others', the oldest; entries of one namespace and form lend it their ports (appendSidecarServices). */
function chosenOf(seen: readonly { readonly provider: Provider; readonly reach: Reach }[], client: string): Provider | undefined {
  if (seen.length < 2) return seen[0]?.provider
  const ordered = seen.toSorted((one, other) =>
    Number(isEntry(one.provider)) - Number(isEntry(other.provider))
    || Number(one.provider.namespace !== client) - Number(other.provider.namespace !== client)
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

/**
 * Whether the sidecars of a namespace listen for plain HTTP on port 80, where routes for hosts that nothing provides apply as well. The namespace
 * `nearby` is asked first: one that all see is as a rule found there, and the rest need not be looked through.
 */
export function hasListenerOn80(view: ClusterView, client: string, nearby: string): boolean {
  const among = (key: string): readonly Provider[] => once(view, hasListenerOn80, key, () =>
    [...view.find(servicesOn80, key).map(providerOfService), ...view.find(serviceEntriesOn80, key).map(providerOfEntry)])
  return [`80/${nearby}`, '80'].some(key => among(key).some(provider => reachFor(view, provider, client) !== undefined))
}
