import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  coveringHosts,
  virtualServicesByCoveringHost,
  virtualServicesByDelegate,
  virtualServicesByDestination,
  virtualServicesByHost,
  virtualServicesByIntendedHost,
  virtualServicesByWildcard,
  wholeWildcard,
} from '../../providers/istio/resolve/indexes/routing.ts'
import { servicesByTarget } from '../../providers/istio/resolve/indexes/providers.ts'
import { hostOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'

const wildcardsOver = (host: string): readonly string[] =>
  coveringHosts(host.startsWith('*') ? wholeWildcard(host) : host).filter(key => key.startsWith('*'))

/** The VirtualServices that lead to a host, or to one under a wildcard, also by way of an ExternalName. */
export function leadingTo(view: ClusterView, host: string): readonly VirtualService[] {
  const key = host.startsWith('*') ? wholeWildcard(host) : host
  const aliases = view
    .find(servicesByTarget, key)
    .map(service => hostOfService(service, view.mesh.clusterDomain))
  return [key, ...aliases].flatMap(each => view.find(virtualServicesByDestination, each))
}

/** The VirtualServices that are for a host, or for what covers it or is covered by it. */
export const speakingFor = (view: ClusterView, host: string): readonly VirtualService[] => [
  ...view.find(virtualServicesByHost, host),
  ...wildcardsOver(host).flatMap(key => view.find(virtualServicesByWildcard, key)),
  ...(host.startsWith('*') ? view.find(virtualServicesByCoveringHost, wholeWildcard(host)) : []),
]

/** All that read differently when what provides a host appears, changes or goes. */
export function concernedBy(view: ClusterView, host: string): readonly VirtualService[] {
  const aliases = host.startsWith('*')
    ? []
    : view.find(servicesByTarget, host).map(service => hostOfService(service, view.mesh.clusterDomain))
  return [host, ...aliases].flatMap(each => [
    ...leadingTo(view, each),
    ...speakingFor(view, each),
    ...view.find(virtualServicesByIntendedHost, each),
  ])
}

/** Those that delegate to a VirtualService, and those that it delegates to. */
export function kinOf(view: ClusterView, object: VirtualService): readonly VirtualService[] {
  const delegates = routingOf(object).routes.flatMap(({ delegate }) =>
    delegate === undefined ? [] : (view.get({ kind: 'VirtualService', ...delegate }) ?? []),
  )
  return [...rootsOf(view, object), ...delegates]
}

/** Those that delegate to a VirtualService. */
export const rootsOf = (view: ClusterView, object: VirtualService): readonly VirtualService[] =>
  view.find(virtualServicesByDelegate, `${namespaceOf(object)}/${object.metadata.name}`)

/** Those that may gain or lose a host to a VirtualService in the mesh, or requests for it at a gateway. */
export const rivalsOf = (view: ClusterView, object: VirtualService): readonly VirtualService[] => {
  const { gateways, hosts, namespace } = routingOf(object)
  const isInMesh = gateways.includes('mesh')
  const isAtGateway = gateways.some(name => name !== 'mesh')
  return hosts
    .flatMap(host => speakingFor(view, expandHost(host, namespace, view.mesh.clusterDomain)))
    .filter(other => {
      const others = routingOf(other).gateways
      return (isInMesh && others.includes('mesh')) || (isAtGateway && others.some(name => name !== 'mesh'))
    })
}
