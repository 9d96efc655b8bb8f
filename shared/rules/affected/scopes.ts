import { destinationHosts } from '../facts/destinations.ts'
import type { Sidecar } from '../../objects/istio.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  destinationRulesByClient,
  ruleHost,
  virtualServicesByClient,
  virtualServicesByDestination,
  virtualServicesByGateway,
  wholeWildcard,
} from '../../providers/istio/resolve/indexes/routing.ts'
import {
  listenersOf,
  serviceEntriesByClient,
  servicesByClient,
} from '../../providers/istio/resolve/indexes/providers.ts'
import {
  hostOfService,
  hostsOfEntry,
  type HostProvider,
} from '../../providers/istio/resolve/objects/providers.ts'
import { egressOf, importsProvided, placed } from '../../providers/istio/resolve/mesh/sidecars.ts'
import { leadingTo, rivalsOf } from './routes.ts'

/**
 * The VirtualServices that read differently by a Sidecar: those that its namespace is a client of; the root
 * namespace's is everybody's.
 */
export function readBy(view: ClusterView, sidecar: Sidecar): readonly VirtualService[] {
  const namespace = namespaceOf(sidecar)
  return namespace === view.mesh.rootNamespace
    ? view.find(virtualServicesByGateway, 'mesh')
    : readIn(view, namespace)
}

/** The VirtualServices that a namespace is a client of by name. */
function readIn(view: ClusterView, namespace: string): readonly VirtualService[] {
  const hosts = [
    ...view.find(destinationRulesByClient, namespace).flatMap(rule => ruleHost(rule, view.mesh) ?? []),
    ...view.find(servicesByClient, namespace).map(service => hostOfService(service, view.mesh.clusterDomain)),
    ...view.find(serviceEntriesByClient, namespace).flatMap(hostsOfEntry),
  ]
  const named = [...view.list('VirtualService', namespace), ...view.find(virtualServicesByClient, namespace)]
  return [
    ...named,
    ...named.flatMap(object => rivalsOf(view, object)),
    ...view.find(
      virtualServicesByDestination,
      wholeWildcard(`*.${namespace}.svc.${view.mesh.clusterDomain}`),
    ),
    ...hosts.flatMap(host => leadingTo(view, host)),
  ]
}

/**
 * The VirtualServices for whose clients a Sidecar's listener may stand or fall with a provider: that of port
 * 80, which takes routes for any host,
 * and those that the Sidecar names.
 */
export function listeningBy(
  view: ClusterView,
  provider: HostProvider,
  hosts: readonly string[],
): readonly VirtualService[] {
  const has80 = listenersOf(provider).includes(80)
  const clients = new Set(
    view.list('Sidecar').flatMap(sidecar => {
      const own = namespaceOf(sidecar)
      const concerned = egressOf(sidecar).filter(
        ({ port, isOpen }) =>
          !isOpen && (port === undefined ? has80 : provider.ports.some(offered => offered.port === port)),
      )
      const isFor = (client: string): boolean =>
        concerned.some(listener =>
          hosts.some(host =>
            importsProvided(placed(listener, client), { namespace: provider.namespace, host }),
          ),
        )
      if (own !== view.mesh.rootNamespace) return isFor(own) ? [own] : []
      // In the root namespace the Sidecar speaks for each namespace, and what it imports by a dot is the
      // client's own.
      return isFor('') ? ['*'] : isFor(provider.namespace) ? [provider.namespace] : []
    }),
  )
  return clients.has('*')
    ? view.find(virtualServicesByGateway, 'mesh')
    : [...clients].flatMap(namespace => readIn(view, namespace))
}

/**
 * Where there are Sidecars, the VirtualServices that lead where another one does: routes bring what they lead
 * to into their clients' reach.
 */
export const broughtAlong = (view: ClusterView, object: VirtualService): readonly VirtualService[] =>
  view.list('Sidecar').length === 0
    ? []
    : destinationHosts(view, object).flatMap(host => leadingTo(view, host))
