import type { BackendRef, ServiceRoute } from '../../../../objects/gateway-api.ts'
import { serviceHost, serviceOfHost } from '../../../../objects/hosts.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { hostOfService, servedHostsOf } from '../../../../workloads/service-versions.ts'
import { routesAtService, routesToBackend } from '../../resolve/indexes.ts'
import { backendOf, isService, parentOf } from '../../resolve/references.ts'
import { parentsOf } from '../../resolve/routes.ts'

export {
  hostOfService as hostOf,
  servedHostsOf as servedHosts,
} from '../../../../workloads/service-versions.ts'

/** The name of what is derived of a service. */
export const keyOfService = (service: RoutedService): string => servedHostsOf(service).join(' ')

/** The name and namespace in the host of a Service. */
export const keyOfHost = (
  { mesh }: ClusterView,
  host: string,
): { readonly name: string; readonly namespace: string } | undefined =>
  serviceOfHost(host, mesh.clusterDomain)

/** The host of the Service that a backend names; undefined for a backend of another kind. */
export function hostOfBackend(
  view: ClusterView,
  route: ServiceRoute,
  backend: BackendRef,
): string | undefined {
  const named = backendOf(route, backend)
  return isService(named) ? serviceHost(named.name, named.namespace, view.mesh.clusterDomain) : undefined
}

/** The hosts of the Services that a route is attached to in the mesh. */
export const parentHosts = (view: ClusterView, route: ServiceRoute): readonly string[] => [
  ...new Set(
    parentsOf(route)
      .map(parent => parentOf(route, parent))
      .filter(isService)
      .map(({ name, namespace }) => serviceHost(name, namespace, view.mesh.clusterDomain)),
  ),
]

/** The same as a person calls them: the name of a Service's own route, NAME.NAMESPACE of the others. */
export const parentNames = (
  view: ClusterView,
  route: ServiceRoute,
  service: RoutedService,
): readonly string[] =>
  parentHosts(view, route).map(host =>
    host === hostOfService(service) ? service.name : host.split('.').slice(0, 2).join('.'),
  )

/** The routes that lead to the Service of a host, or are attached to it in the mesh; those being deleted left out. */
export function routesAbout(view: ClusterView, host: string): readonly ServiceRoute[] {
  const named = keyOfHost(view, host)
  if (named === undefined) return []
  const key = `${named.namespace}/${named.name}`
  return [...new Set([...routesToBackend(view, key), ...routesAtService(view, key)])].filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )
}
