import { expandHost } from '../objects/hosts.ts'
import { namespaceOf } from '../objects/kube-object.ts'
import type { Destination, VirtualService } from '../objects/virtual-service.ts'
import type { Index } from './cluster-view.ts'

/** Every destination that a VirtualService names, mirrors included. Tolerates objects that no API server has checked. */
export function destinationsOf({ spec }: VirtualService): readonly Destination[] {
  const http = list(spec?.http).flatMap(route => [
    ...list(route?.route).map(weighted => weighted?.destination),
    route?.mirror,
    ...list(route?.mirrors).map(mirror => mirror?.destination),
  ])
  const l4 = [...list(spec?.tcp), ...list(spec?.tls)].flatMap(route => list(route?.route).map(weighted => weighted?.destination))
  return [...http, ...l4].filter(destination => typeof destination?.host === 'string') as readonly Destination[]
}

const list = <T>(value: readonly T[] | undefined): readonly T[] => Array.isArray(value) ? value : []

/** A host and every wildcard that covers it: `a.b.c` → `a.b.c`, `*.b.c`, `*.c`, `*`. */
export function coveringHosts(host: string): readonly string[] {
  const bare = host.startsWith('*.') ? host.slice(2) : host
  const labels = bare.split('.')
  const suffixes = labels.map((_, i) => `*.${labels.slice(i).join('.')}`)
  return [...new Set([host, ...(host.startsWith('*') ? suffixes : suffixes.slice(1)), '*'])]
}

/** VirtualServices by the hosts that they route or mirror to, expanded, and by every wildcard that covers those. */
export const virtualServicesByDestination: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, { clusterDomain }) => [...new Set(destinationsOf(object)
    .flatMap(({ host }) => coveringHosts(expandHost(host, namespaceOf(object), clusterDomain))))],
}

/** VirtualServices by the hosts that they are for, expanded, wildcards as they are written. */
export const virtualServicesByHost: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, { clusterDomain }) => [...new Set(list(object.spec?.hosts).map(host => expandHost(host, namespaceOf(object), clusterDomain)))],
}

/** DestinationRules by their host, expanded, wildcards as they are written. */
export const destinationRulesByHost: Index<'DestinationRule'> = {
  kind: 'DestinationRule',
  keysOf: (object, { clusterDomain }) => typeof object.spec?.host === 'string' ? [expandHost(object.spec.host, namespaceOf(object), clusterDomain)] : [],
}
