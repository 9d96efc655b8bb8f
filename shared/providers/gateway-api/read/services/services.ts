import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { Completeness, RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { backendsOf, rulesOf } from '../../resolve/routes.ts'
import { serviceAt, serviceMeantBy } from './applications.ts'
import { allRoutes } from '../rules/route-lists.ts'
import { routesTo } from '../rules/routed-rules.ts'
import { hostOfBackend, keyOfHost, parentHosts, routesAbout, servedHosts } from './service-hosts.ts'

/** The services of a namespace: its Services, and those that routes name; Services that are versions of one are one. */
export function servicesIn(view: ClusterView, namespace: string): readonly RoutedService[] {
  const stated = view
    .list('Service', namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(({ metadata }) => metadata.name)
  const named = hostsNamed(view)
    .flatMap(host => keyOfHost(view, host) ?? [])
    .filter(service => service.namespace === namespace)
    .map(({ name }) => name)
  const found = [...new Set([...stated, ...named])]
    .toSorted()
    .map(name => serviceMeantBy(view, { name, namespace, clusterDomain: view.mesh.clusterDomain }))
    .filter(service => service.namespace === namespace)
  return [...new Map(found.map(service => [service.name, service])).values()]
}

/** The hosts of all Services that routes lead to or are attached to. */
const hostsNamed = (view: ClusterView): readonly string[] =>
  allRoutes(view).flatMap(route => [
    ...parentHosts(view, route),
    ...rulesOf(route).flatMap(rule =>
      backendsOf(rule).flatMap(backend => hostOfBackend(view, route, backend) ?? []),
    ),
  ])

/** The services that routes lead to, in one namespace, or with `*` in all. */
export function routedServices(
  view: ClusterView,
  namespace: string,
  _completeness: Completeness,
): readonly RoutedService[] {
  const { clusterDomain } = view.mesh
  const found = [...new Set(hostsNamed(view))]
    .toSorted()
    .flatMap(host => {
      const named = keyOfHost(view, host)
      return named === undefined ? [] : (serviceAt(view, host) ?? { ...named, clusterDomain })
    })
    .filter(service => namespace === '*' || service.namespace === namespace)
  return [
    ...new Map(found.map(service => [`${service.namespace}/${service.name}`, service])).values(),
  ].filter(service => routesTo(view, service).length > 0)
}

/** Whether a route leads to the service, or is attached to it in the mesh. */
export function isRouted(view: ClusterView, said: RoutedService): boolean {
  const service = serviceMeantBy(view, said)
  return service.host === undefined && servedHosts(service).some(host => routesAbout(view, host).length > 0)
}

/** The Gateways that a first route can have, as a command takes them. */
export const gatewaysIn = (view: ClusterView, namespace: string): readonly string[] => [
  ...view
    .list('Gateway.gateway.networking.k8s.io')
    .map(gateway =>
      namespaceOf(gateway) === namespace
        ? gateway.metadata.name
        : `${namespaceOf(gateway)}/${gateway.metadata.name}`,
    ),
  'mesh',
]
