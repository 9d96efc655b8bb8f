import { expandHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { fieldsOf, itemsOf } from '../../../../objects/unchecked.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { rootsOf } from '../../resolve/delegates.ts'
import { destinationRulesByHost, virtualServicesByDestination } from '../../resolve/indexes/routing.ts'
import { routingOf, type Route } from '../../resolve/objects/routes.ts'
import { ourRoutes } from '../record/record.ts'
import { areVersions } from '../../../../workloads/version-groups.ts'
import { baseOf, covers, siblingsOf } from '../../../../workloads/version-services.ts'

/** Services that share the requests of a VirtualService as versions of one application. */
export interface ServiceGroup {
  /** Their hosts. */
  readonly hosts: readonly string[]
  /** The host inside the cluster that the VirtualService is for; none where it is for others, or for several. */
  readonly apex: string | undefined
}

/**
 * The groups of Services that a VirtualService shows: those that share the requests of one route; and one that a
 * route leads to alone, where its name and labels say of what it is a version.
 */
export const groupsIn = (view: ClusterView, object: VirtualService): readonly ServiceGroup[] =>
  once(view, [groupsIn, object], () => {
    const sets = hostSets(view, object)
    const apexes = apexesOf(view, object)
    const areOne = (hosts: readonly string[]): boolean =>
      areVersions(view, hosts, host => isDivided(view, host))
    const shared = sets.filter(hosts => hosts.length > 1 && areOne(hosts))
    const grouped = new Set(shared.flat())
    const alone = [...new Set(sets.filter(hosts => !shared.includes(hosts)).flat())]
      .filter(host => !grouped.has(host))
      .flatMap(host => loneGroup(view, host, apexes) ?? [])
    const isOne = shared.every(hosts => hosts.some(host => shared[0]!.includes(host)))
    return [
      ...shared.map(hosts => ({
        hosts,
        apex: isOne
          ? apexes.find(
              apex => !isBesideOwn(view, object, { apex, hosts }) && areOne([...new Set([apex, ...hosts])]),
            )
          : apexes.find(apex => isNamedFor(apex, hosts)),
      })),
      ...alone,
    ]
  })

/** Whether Services are another application than that of a host: some route of it leads to its own Service, and they are not named for it. */
const isBesideOwn = (
  view: ClusterView,
  object: VirtualService,
  { apex, hosts }: { readonly apex: string; readonly hosts: readonly string[] },
): boolean =>
  !hosts.includes(apex)
  && !isNamedFor(apex, hosts)
  && [object, ...rootsOf(view, object)].some(each =>
    hostSets(view, each).some(set => set.length === 1 && set[0] === apex),
  )

/** The Services among which each route shares its requests; a cohort's routes count with the route behind them. */
function hostSets(view: ClusterView, object: VirtualService): readonly (readonly string[])[] {
  const ours = ourRoutes(object)
  const sets: (readonly string[])[] = []
  const pending: string[] = []
  for (const route of routingOf(object).routes) {
    const hosts = serviceHosts(view, route)
    if (route.section === 'http' && route.name !== undefined && ours.has(route.name))
      pending.push(...(hosts ?? []))
    else {
      if (hosts !== undefined && hosts.length > 0) sets.push([...new Set([...hosts, ...pending])])
      pending.length = 0
    }
  }
  return sets
}

/** The Services that a route sends requests to; undefined where it sends some elsewhere. */
function serviceHosts(view: ClusterView, { targets }: Route): readonly string[] | undefined {
  const hosts = targets
    .filter(({ isMirror }) => !isMirror)
    .map(({ host, namespace }) => expandHost(host, namespace, view.mesh.clusterDomain))
  return hosts.every(host => serviceOfHost(host, view.mesh.clusterDomain) !== undefined)
    ? [...new Set(hosts)]
    : undefined
}

/** The hosts inside the cluster that requests come to by a VirtualService. */
const apexesOf = (view: ClusterView, object: VirtualService): readonly string[] => {
  const roots = routingOf(object).hosts.length > 0 ? [object] : rootsOf(view, object)
  const hosts = roots.flatMap(root =>
    routingOf(root).hosts.map(host => expandHost(host, routingOf(root).namespace, view.mesh.clusterDomain)),
  )
  return [...new Set(hosts)].filter(host => serviceOfHost(host, view.mesh.clusterDomain) !== undefined)
}

/** Whether a DestinationRule or a route divides the pods of a host into subsets. */
export const isDivided = (view: ClusterView, host: string): boolean =>
  once(view, [isDivided, host], () => {
    const hasSubsets = view
      .find(destinationRulesByHost, host)
      .some(({ spec }) => itemsOf(fieldsOf(spec)['subsets']).length > 0)
    return hasSubsets || targetsAt(view, host).some(({ subset }) => subset !== undefined)
  })

const targetsAt = (view: ClusterView, host: string) =>
  view
    .find(virtualServicesByDestination, host)
    .flatMap(object => routingOf(object).routes)
    .flatMap(({ targets }) => targets)
    .filter(
      target =>
        expandHost(target.host, target.namespace, view.mesh.clusterDomain) === host && !target.isMirror,
    )

/** `catalog-v2` is named for `catalog`. */
function isNamedFor(host: string, others: readonly string[]): boolean {
  const [name, rest] = [nameIn(host), others.map(nameIn)]
  return rest.every(other => other === name || other.startsWith(`${name}-`))
}

const nameIn = (host: string): string => host.slice(0, host.indexOf('.'))

/** A Service that a route leads to alone, as a version of the application that its name and labels, or the route's host, say. */
function loneGroup(view: ClusterView, host: string, apexes: readonly string[]): ServiceGroup | undefined {
  // A VirtualService for exactly this Service says how its own callers reach it.
  if (isDivided(view, host) || apexes.includes(host)) return undefined
  const isRouted = (other: string): boolean => targetsAt(view, other).length > 0
  const base = baseOf(view, host)
  const named = base === undefined ? [] : [`${base}${host.slice(host.indexOf('.'))}`]
  const apex = [...apexes, ...named].find(
    other =>
      other !== host
      && !isRouted(other)
      && !isDivided(view, other)
      && (covers(view, other, host) || (apexes.includes(other) && isNamedFor(other, [host]))),
  )
  const hosts = siblingsOf(view, host)
  if (named.some(other => isRouted(other) || isDivided(view, other))) return undefined
  if (apex === undefined && hosts.length < 2) return undefined
  return { hosts: hosts.length === 0 ? [host] : hosts, apex: apexes.includes(apex ?? '') ? apex : undefined }
}
