import { expandHost, serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { textOf } from '../../../objects/unchecked.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { serviceEntriesByHost } from '../resolve/indexes/providers.ts'
import {
  destinationRulesByHost,
  destinationsOf,
  virtualServicesByDestination,
} from '../resolve/indexes/routing.ts'
import { hostsOfEntry } from '../resolve/objects/providers.ts'
import { applicationAt } from './applications/application.ts'
import { hostOf } from './routed-service.ts'
import { carriersOf } from './routes/carriers.ts'

/**
 * The Services of a namespace: those that are there, and, where files leave them out, those that the routing
 * objects in view name; and the hosts of its ServiceEntries. Services that are versions of one application are one.
 */
export function servicesIn(view: ClusterView, namespace: string): readonly RoutedService[] {
  const { clusterDomain } = view.mesh
  const stated = view
    .list('Service', namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(({ metadata }) => metadata.name)
  const rules = view
    .list('DestinationRule')
    .map(rule => expandHost(textOf(rule.spec?.host) ?? '', namespaceOf(rule), clusterDomain))
  const routes = view
    .list('VirtualService')
    .flatMap(route =>
      destinationsOf(route).map(({ host }) => expandHost(host, namespaceOf(route), clusterDomain)),
    )
  const named = [...rules, ...routes]
    .flatMap(host => serviceAt(view, host) ?? [])
    .filter(service => service.namespace === namespace)
    .map(({ name }) => name)
  const hosts = view
    .list('ServiceEntry', namespace)
    .flatMap(hostsOfEntry)
    .filter(host => !host.startsWith('*') && serviceAt(view, host) === undefined)
  const inside = [...new Set([...stated, ...named])].toSorted().flatMap(name => {
    const service = { name, namespace, clusterDomain }
    const application = applicationAt(view, hostOf(service)) ?? service
    return application.namespace === namespace ? [application] : []
  })
  return [
    ...new Map(inside.map(service => [service.name, service])).values(),
    ...[...new Set(hosts)].toSorted().map(host => outside(view, host, namespace)),
  ]
}

/** The services that some VirtualService takes the requests of, in one namespace, or with `*` in all. */
export function routedServices(
  view: ClusterView,
  namespace: string,
  completeness: Completeness,
): readonly RoutedService[] {
  const namespaces = namespace === '*' ? namespacesIn(view) : [namespace]
  const found = namespaces
    .flatMap(each => servicesIn(view, each))
    .map(service => ({ service, carriers: carriersOf(view, service, completeness) }))
    .filter(({ carriers }) => carriers.length > 0)
  // The primary and canary Services of a rollout controller are shown with the Service whose host the route
  // is for.
  const elsewhere = new Set(
    found.flatMap(({ carriers }) => carriers.flatMap(each => (each.leadsElsewhere ? [each.object] : []))),
  )
  return found
    .filter(({ carriers }) => carriers.some(each => each.leadsElsewhere || !elsewhere.has(each.object)))
    .map(({ service }) => service)
}

const namespacesIn = (view: ClusterView): readonly string[] =>
  [
    ...new Set(
      [
        ...view.list('Service'),
        ...view.list('ServiceEntry'),
        ...view.list('VirtualService'),
        ...view.list('DestinationRule'),
      ].map(namespaceOf),
    ),
  ].toSorted()

/**
 * A host that a ServiceEntry provides, or that routing objects name where the ServiceEntry is not in view; of
 * several namespaces the one given goes first.
 */
export function externalService(
  view: ClusterView,
  host: string,
  namespace: string,
): RoutedService | undefined {
  if (!host.includes('.') || serviceAt(view, host) !== undefined) return undefined
  const about =
    [
      view.find(serviceEntriesByHost, host),
      view.find(destinationRulesByHost, host),
      view.find(virtualServicesByDestination, host),
    ].find(objects => objects.length > 0) ?? []
  const [one] = about.toSorted(
    (a, b) => Number(namespaceOf(b) === namespace) - Number(namespaceOf(a) === namespace),
  )
  return one === undefined ? undefined : outside(view, host, namespaceOf(one))
}

/** The hosts that ServiceEntries provide. */
export const externalHosts = (view: ClusterView): readonly string[] =>
  view.list('ServiceEntry').flatMap(hostsOfEntry)

const outside = (
  { mesh: { clusterDomain } }: ClusterView,
  host: string,
  namespace: string,
): RoutedService => ({ name: host, host, namespace, clusterDomain })

/** The Service that a host names, where it is one of the cluster's. */
export function serviceAt(view: ClusterView, host: string): RoutedService | undefined {
  const found = serviceOfHost(host, view.mesh.clusterDomain)
  return found === undefined ? undefined : { ...found, clusterDomain: view.mesh.clusterDomain }
}
