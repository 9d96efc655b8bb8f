import { expandHost, serviceHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { itemsOf, fieldsOf } from '../../../../objects/unchecked.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import {
  destinationRulesByHost,
  destinationsOf,
  virtualServicesByDestination,
} from '../../resolve/indexes/routing.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { hostOf, type RoutedService } from '../routed-service.ts'
import { applicationAt, servedHost } from './application.ts'
import { groupsIn, isDivided } from './groups.ts'
import { baseOf, serviceOf, siblingsOf, versionsBehind } from '../../../../workloads/version-services.ts'

/**
 * The service that a person means by a name: the application of a host or version of that name, or of a
 * VirtualService of that name or host; else the service as it is. Of an application that is known already, with the
 * versions that it has in this view.
 */
export function serviceMeantBy(view: ClusterView, said: RoutedService): RoutedService {
  if (said.host !== undefined) return said
  if (said.hosts !== undefined)
    return withHosts(
      view,
      said,
      said.hosts.map(({ host }) => host),
    )
  return (
    applicationAt(view, hostOf(said))
    ?? (isKnown(view, hostOf(said)) ? undefined : applicationNamed(view, said))
    ?? said
  )
}

/** The application with the hosts that are linked to its own by now. */
function withHosts(view: ClusterView, said: RoutedService, hosts: readonly string[]): RoutedService {
  const linked = hosts.flatMap(host => applicationAt(view, host)?.hosts ?? [])
  const more = [...new Map(linked.map(each => [each.host, each])).values()].filter(
    ({ host }) => !hosts.includes(host),
  )
  return more.length === 0 ? said : { ...said, hosts: [...said.hosts!, ...more] }
}

/** Whether a host is that of a Service, or routing objects are about it. */
const isKnown = (view: ClusterView, host: string): boolean =>
  serviceOf(view, host) !== undefined
  || view.find(virtualServicesByDestination, host).length > 0
  || view.find(destinationRulesByHost, host).length > 0

/** The application of Services that no route leads to, by their common name. */
function unrouted(
  view: ClusterView,
  { name, namespace }: Pick<RoutedService, 'name' | 'namespace'>,
  versions: readonly string[],
): RoutedService | undefined {
  const first = versions.find(host => baseOf(view, host) === name)
  const hosts = first === undefined ? [] : siblingsOf(view, first)
  if (hosts.length < 2) return undefined
  const { clusterDomain } = view.mesh
  return { name, namespace, clusterDomain, hosts: hosts.map(host => servedHost(view, host)) }
}

/** The application whose own name, VirtualService or host of a VirtualService is called so. */
function applicationNamed(view: ClusterView, { name, namespace }: RoutedService): RoutedService | undefined {
  const versions = view
    .list('Service', namespace)
    .filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
    .map(({ metadata }) => serviceHost(metadata.name, namespace, view.mesh.clusterDomain))
  const byBase = [...versions, ...routedHosts(view, { name, namespace })]
    .map(host => applicationAt(view, host))
    .find(found => found?.name === name)
  const known = byBase ?? unrouted(view, { name, namespace }, versions)
  if (known !== undefined) return known
  const routes = view.list('VirtualService', namespace)
  const isCalled = ({ metadata, spec }: VirtualService): boolean =>
    metadata.name === name
    || itemsOf(fieldsOf(spec)['hosts']).some(host => host === name || String(host).startsWith(`${name}.`))
  const found = routes
    .filter(isCalled)
    .toSorted((one, other) => Number(other.metadata.name === name) - Number(one.metadata.name === name))
    .flatMap(object => groupsIn(view, object))
    .flatMap(({ hosts }) => applicationAt(view, hosts[0]!) ?? [])
  return found[0] ?? loneApplication(view, { name, namespace })
}

/** The hosts of a namespace that routes lead to and that a name with a version behind it says, whose Services need not be in view. */
const routedHosts = (
  view: ClusterView,
  { name, namespace }: Pick<RoutedService, 'name' | 'namespace'>,
): readonly string[] =>
  view.list('VirtualService').flatMap(object =>
    destinationsOf(object)
      .map(({ host }) => expandHost(host, namespaceOf(object), view.mesh.clusterDomain))
      .filter(
        host =>
          host.startsWith(`${name}-`)
          && serviceOfHost(host, view.mesh.clusterDomain)?.namespace === namespace,
      ),
  )

/** Whether the pods of a Service are of one version as far as they say. */
function hasOneVersion(view: ClusterView, host: string): boolean {
  const service = serviceOf(view, host)
  return service === undefined || new Set(versionsBehind(view, service)).size <= 1
}

/** A Service that all routes of a VirtualService lead to, by the name of that: what is left where a version took everything. */
function loneApplication(
  view: ClusterView,
  { name, namespace }: Pick<RoutedService, 'name' | 'namespace'>,
): RoutedService | undefined {
  const object = view.get({ kind: 'VirtualService', namespace, name })
  if (object === undefined) return undefined
  const { clusterDomain } = view.mesh
  const hosts = routingOf(object)
    .routes.flatMap(({ targets }) => targets)
    .filter(({ isMirror }) => !isMirror)
    .map(target => expandHost(target.host, target.namespace, clusterDomain))
  const [host, ...others] = new Set(hosts)
  const isWhole =
    host !== undefined
    && others.length === 0
    && hasOneVersion(view, host)
    && serviceOfHost(host, clusterDomain) !== undefined
    && !isDivided(view, host)
  return isWhole ? { name, namespace, clusterDomain, hosts: [servedHost(view, host)] } : undefined
}
