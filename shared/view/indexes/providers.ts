import type { Index } from '../cluster-view.ts'
import { coveringHosts, wholeWildcard } from '../indexes.ts'
import { hostOfService, hostsOfEntry, providerOfEntry, providerOfService, type Provider } from '../read/providers.ts'
import { fieldsOf, labelsOf } from '../read/unchecked.ts'
import { pairOf } from './workloads.ts'

const wildcardsOver = (host: string): readonly string[] => coveringHosts(host.startsWith('*') ? wholeWildcard(host) : host).filter(key => key.startsWith('*'))

/** Services by the wildcards that cover their host. */
export const servicesByWildcard: Index<'Service'> = {
  kind: 'Service',
  keysOf: (service, { clusterDomain }) => wildcardsOver(hostOfService(service, clusterDomain)),
}

/** Services of type ExternalName by the host that they stand for, and by every wildcard that covers it. */
export const servicesByTarget: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => providerOfService(service).target === undefined ? [] : coveringHosts(providerOfService(service).target!),
}

/** Services by the namespaces that they are exported to by name. */
export const servicesByClient: Index<'Service'> = { kind: 'Service', keysOf: service => [...new Set(providerOfService(service).exportTo)] }

const selectorKeys = ({ namespace, selector }: Provider): readonly string[] => {
  const pair = selector === undefined ? undefined : pairOf(selector)
  return pair === undefined ? [] : [`${namespace}/${pair}`]
}

/** Services by one pair of their selector: `namespace/key=value`. */
export const servicesBySelector: Index<'Service'> = { kind: 'Service', keysOf: service => selectorKeys(providerOfService(service)) }

/** ServiceEntries by the hosts that they say, wildcards as they are written. */
export const serviceEntriesByHost: Index<'ServiceEntry'> = { kind: 'ServiceEntry', keysOf: entry => [...new Set(hostsOfEntry(entry))] }

/** ServiceEntries by the wildcards that cover their hosts. */
export const serviceEntriesByWildcard: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set(hostsOfEntry(entry).flatMap(wildcardsOver))],
}

/** ServiceEntries by one pair of their workload selector: `namespace/key=value`. */
export const serviceEntriesBySelector: Index<'ServiceEntry'> = { kind: 'ServiceEntry', keysOf: entry => selectorKeys(providerOfEntry(entry)) }

/** ServiceEntries by their own namespace and those that they are exported to by name. */
export const serviceEntriesByClient: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set([providerOfEntry(entry).namespace, ...providerOfEntry(entry).exportTo])],
}

/** Whether sidecars listen for plain HTTP on port 80 because of it: then routes for hosts that nothing provides apply there as well. */
export const listensOn80 = ({ ports, form }: Provider): boolean =>
  form !== 'alias' && ports.some(({ port, takesHttp, isSniffed }) => port === 80 && takesHttp && !isSniffed)

const on80 = (provider: Provider): readonly string[] => listensOn80(provider) ? ['80', `80/${provider.namespace}`] : []

/** Services that sidecars listen for on port 80, under the keys `80` and `80/namespace`. */
export const servicesOn80: Index<'Service'> = { kind: 'Service', keysOf: service => on80(providerOfService(service)) }

/** ServiceEntries that sidecars listen for on port 80, under the keys `80` and `80/namespace`. */
export const serviceEntriesOn80: Index<'ServiceEntry'> = { kind: 'ServiceEntry', keysOf: entry => on80(providerOfEntry(entry)) }

/** Gateways by one pair of their selector, `key=value`; those without one under the empty key. */
export const gatewaysBySelector: Index<'Gateway'> = {
  kind: 'Gateway',
  keysOf: gateway => [pairOf(labelsOf(fieldsOf(gateway.spec)['selector'])) ?? ''],
}
