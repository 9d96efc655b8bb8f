import type { Index } from '../../../../view/cluster-view.ts'
import { coveringKeys, wholeWildcard } from './routing.ts'
import {
  hostOfService,
  hostsOfEntry,
  providerOfEntry,
  providerOfService,
  type HostProvider,
} from '../objects/providers.ts'
import { fieldsOf, itemsOf, labelsOf, textsOf } from '../../../../objects/unchecked.ts'
import { pairOf } from '../../../../workloads/workload-indexes.ts'

const wildcardsOver = (host: string): readonly string[] =>
  coveringKeys(host.startsWith('*') ? wholeWildcard(host) : host).filter(key => key.startsWith('*'))

/** Services by the wildcards that cover their host. */
export const servicesByWildcard: Index<'Service'> = {
  kind: 'Service',
  keysOf: (service, { clusterDomain }) => wildcardsOver(hostOfService(service, clusterDomain)),
}

/** Services of type ExternalName by the host that they stand for, and by every wildcard that covers it. */
export const servicesByTarget: Index<'Service'> = {
  kind: 'Service',
  keysOf: service =>
    providerOfService(service).target === undefined ? [] : coveringKeys(providerOfService(service).target!),
}

/** Services by the namespaces that they are exported to by name. */
export const servicesByClient: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => [...new Set(providerOfService(service).exportTo)],
}

const selectorKeys = ({ namespace, selector }: HostProvider): readonly string[] => {
  const pair = selector === undefined ? undefined : pairOf(selector)
  return pair === undefined ? [] : [`${namespace}/${pair}`]
}

/** Services by one pair of their selector: `namespace/key=value`. */
export const servicesBySelector: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => selectorKeys(providerOfService(service)),
}

/** ServiceEntries by the hosts that they say, wildcards as they are written. */
export const serviceEntriesByHost: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set(hostsOfEntry(entry))],
}

/** ServiceEntries by the wildcards that cover their hosts. */
export const serviceEntriesByWildcard: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set(hostsOfEntry(entry).flatMap(wildcardsOver))],
}

/** ServiceEntries by one pair of their workload selector: `namespace/key=value`. */
export const serviceEntriesBySelector: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => selectorKeys(providerOfEntry(entry)),
}

/** ServiceEntries by their own namespace and those that they are exported to by name. */
export const serviceEntriesByClient: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => [...new Set([providerOfEntry(entry).namespace, ...providerOfEntry(entry).exportTo])],
}

/**
 * The ports on which sidecars listen for plain HTTP because of it: there routes for aliases apply, and on
 * port 80 for hosts that nothing provides.
 */
export const listenersOf = ({ ports, form }: HostProvider): readonly number[] =>
  form === 'alias'
    ? []
    : ports.flatMap(({ port, takesHttp, isSniffed }) => (takesHttp && !isSniffed ? [port] : []))

const listenerKeys = (provider: HostProvider): readonly string[] => [
  ...new Set(listenersOf(provider).flatMap(port => [String(port), `${port}/${provider.namespace}`])),
]

/**
 * Services by the ports that sidecars listen on for plain HTTP because of them, under the keys `port` and
 * `port/namespace`.
 */
export const servicesByListener: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => listenerKeys(providerOfService(service)),
}

/**
 * ServiceEntries by the ports that sidecars listen on for plain HTTP because of them, under the keys `port`
 * and `port/namespace`.
 */
export const serviceEntriesByListener: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => listenerKeys(providerOfEntry(entry)),
}

/** Services of type ExternalName by their ports. */
export const aliasesByPort: Index<'Service'> = {
  kind: 'Service',
  keysOf: service =>
    providerOfService(service).form === 'alias'
      ? [...new Set(providerOfService(service).ports.map(({ port }) => String(port)))]
      : [],
}

/** Gateways by one pair of their selector, `key=value`; those without one under the empty key. */
export const gatewaysBySelector: Index<'Gateway'> = {
  kind: 'Gateway',
  keysOf: gateway => [pairOf(labelsOf(fieldsOf(gateway.spec)['selector'])) ?? ''],
}

/** Services by the addresses that stand for them in the cluster. */
export const servicesByAddress: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => {
    const { clusterIP, clusterIPs } = fieldsOf(service.spec)
    return [...new Set(textsOf([clusterIP, ...itemsOf(clusterIPs)]))].filter(address => address !== 'None')
  },
}

/** ServiceEntries by the addresses that they say, ranges left out. */
export const serviceEntriesByAddress: Index<'ServiceEntry'> = {
  kind: 'ServiceEntry',
  keysOf: entry => textsOf(fieldsOf(entry.spec)['addresses']).filter(address => !address.includes('/')),
}

/** Services by their names, whatever their namespaces. */
export const servicesByName: Index<'Service'> = {
  kind: 'Service',
  keysOf: ({ metadata }) => [metadata.name],
}
