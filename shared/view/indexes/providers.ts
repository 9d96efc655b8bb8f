import type { Index } from '../cluster-view.ts'
import { coveringHosts, wholeWildcard } from '../indexes.ts'
import { hostOfService, hostsOfEntry, providerOfEntry, providerOfService, type Provider } from '../read/providers.ts'
import { fieldsOf, itemsOf, labelsOf } from '../read/unchecked.ts'
import { pairOf } from './workloads.ts'

const wildcardsOver = (host: string): readonly string[] => coveringHosts(host.startsWith('*') ? wholeWildcard(host) : host).filter(key => key.startsWith('*'))

/** Services by the wildcards that cover their host. */
export const servicesByWildcard: Index<'Service'> = {
  kind: 'Service',
  keysOf: (service, { clusterDomain }) => wildcardsOver(hostOfService(service, clusterDomain)),
}

/** Services of type ExternalName by the host that they stand for. */
export const servicesByTarget: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => providerOfService(service).target === undefined ? [] : [providerOfService(service).target!],
}

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

/** ServiceEntries for wildcard hosts, by the widest whole wildcard. */
export const serviceEntriesOfWildcards: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set(hostsOfEntry(entry).filter(host => host.startsWith('*')).map(wholeWildcard))],
}

/** ServiceEntries by one pair of their workload selector: `namespace/key=value`. */
export const serviceEntriesBySelector: Index<'ServiceEntry'> = { kind: 'ServiceEntry', keysOf: entry => selectorKeys(providerOfEntry(entry)) }

/** Whether sidecars listen for plain HTTP on port 80 because of it: then routes for hosts that nothing provides apply there as well. */
export const listensOn80 = ({ ports, form }: Provider): boolean =>
  form !== 'alias' && ports.some(({ port, takesHttp, isSniffed }) => port === 80 && takesHttp && !isSniffed)

const on80 = (provider: Provider): readonly string[] => listensOn80(provider) ? ['80'] : []

/** Services that sidecars listen for on port 80, under the key `80`. */
export const servicesOn80: Index<'Service'> = { kind: 'Service', keysOf: service => on80(providerOfService(service)) }

/** ServiceEntries that sidecars listen for on port 80, under the key `80`. */
export const serviceEntriesOn80: Index<'ServiceEntry'> = { kind: 'ServiceEntry', keysOf: entry => on80(providerOfEntry(entry)) }

/** Gateways by one pair of their selector, `key=value`; those without one under the empty key. */
export const gatewaysBySelector: Index<'Gateway'> = {
  kind: 'Gateway',
  keysOf: gateway => [pairOf(labelsOf(fieldsOf(gateway.spec)['selector'])) ?? ''],
}

/** Sidecars by the namespace they stand in, where they limit what is imported. */
export const sidecarsWithEgress: Index<'Sidecar'> = {
  kind: 'Sidecar',
  keysOf: sidecar => itemsOf(fieldsOf(sidecar.spec)['egress']).length > 0 ? [sidecar.metadata.namespace ?? 'default'] : [],
}
