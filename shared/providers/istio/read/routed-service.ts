export { idOf, type RoutedService } from '../../../routing/service.ts'
import { expandHost, serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { Destination, VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'

/** The host that the Service provides. */
export const hostOf = ({ name, namespace, clusterDomain, host }: RoutedService): string =>
  host ?? serviceHost(name, namespace, clusterDomain)

/** The hosts that lead to the service: its own, and those of its versions where they are Services of their own. */
export const servedHosts = (service: RoutedService): readonly string[] =>
  service.hosts === undefined
    ? [hostOf(service)]
    : [...new Set([hostOf(service), ...service.hosts.map(({ host }) => host)])]

/** The name of what is derived of a service. */
export const keyOfService = (service: RoutedService): string => servedHosts(service).join(' ')

/**
 * Whether a destination that is in this VirtualService leads to the Service. A mis-spelled host
 * (`catalog.istioinaction`) does not.
 */
export const leadsTo = (virtualService: VirtualService, service: RoutedService) => {
  const hosts = new Set(servedHosts(service))
  return (destination: Destination | undefined): boolean =>
    typeof destination?.host === 'string'
    && hosts.has(expandHost(destination.host, namespaceOf(virtualService), service.clusterDomain))
}

/** A list that is one: objects from files were checked by nobody. */
export const listOf = <T>(value: readonly T[] | undefined): readonly T[] =>
  Array.isArray(value) ? value : []

/** The destinations of a route that lead to the Service. */
export const destinationsTo = (
  route: { readonly route?: readonly WeightedDestination[] } | undefined,
  leads: (destination?: Destination) => boolean,
): readonly WeightedDestination[] => listOf(route?.route).filter(({ destination }) => leads(destination))

/**
 * The conditions by which a route singles out some requests' senders, as opposed to what they ask for (path,
 * method, port).
 */
export const singlesOut = (route: { readonly match?: readonly object[] }): boolean =>
  listOf(route.match).length > 0
  && listOf(route.match).every(block =>
    ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels', 'sourceNamespace'].some(key =>
      hasContent(Reflect.get(block, key)),
    ),
  )

const hasContent = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : value !== undefined && value !== ''
