import { serviceHost } from '../../../../objects/hosts.ts'
import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { readRecord } from '../../../../routing/record/record.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { baseOf, covers, siblingsOf, versionHostsByBase } from '../../../../workloads/version-services.ts'
import { backendsOf, rulesOf } from '../../resolve/routes.ts'
import { ruleKeys } from '../rules/rule-keys.ts'
import { hostOfBackend, keyOfHost, parentHosts } from './service-hosts.ts'

/** Services that share the requests of a route as versions of one service. */
export interface RouteGroup {
  readonly hosts: readonly string[]
  /** The Service in the mesh that the route is for, or the one that has the pods of all. */
  readonly apex: string | undefined
}

/**
 * The groups of Services that a route shows: those that share the requests of one rule; and one that a rule leads
 * to alone, where names and labels say of what it is a version.
 */
export const groupsIn = (view: ClusterView, route: ServiceRoute): readonly RouteGroup[] =>
  once(view, [groupsIn, route], () => {
    const parents = parentHosts(view, route)
    const named = namedByRecord(view, route)
    return rulesOf(route).flatMap((rule, i): readonly RouteGroup[] => {
      const hosts = [
        ...new Set(backendsOf(rule).flatMap(backend => hostOfBackend(view, route, backend) ?? [])),
      ]
      const written = named.get(i)
      if (written !== undefined) return [{ hosts, apex: written }]
      const apex = parents.length === 1 ? parents[0] : undefined
      if (hosts.length > 1) return [{ hosts, apex: apexOf(view, hosts, apex) }]
      const [host] = hosts
      return host === undefined ? [] : loneGroup(view, host, apex)
    })
  })

/** The services of cohorts by the rules that are theirs. */
function namedByRecord(view: ClusterView, route: ServiceRoute): ReadonlyMap<number, string> {
  const keys = ruleKeys(route)
  const found = (readRecord(route)?.cohorts ?? []).flatMap(({ service, routes }) => {
    const [name = '', namespace = '', ...more] = service.split('.')
    const host = more.length > 0 ? service : serviceHost(name, namespace, view.mesh.clusterDomain)
    return routes.map(key => [keys.indexOf(key), host] as const)
  })
  return new Map(found)
}

/** The Service in the mesh that is divided into versions, unless these are all of other applications. */
const apexOf = (
  view: ClusterView,
  hosts: readonly string[],
  apex: string | undefined,
): string | undefined => {
  if (apex !== undefined && !hosts.every(host => isOfAnother(view, apex, host))) return apex
  return hosts.find(host => hosts.every(other => other === host || covers(view, host, other)))
}

const isOfAnother = (view: ClusterView, apex: string, host: string): boolean => {
  const base = baseOf(view, host)
  return (
    base !== undefined && base !== apex.split('.')[0] && !isNamedFor(apex, host) && !covers(view, apex, host)
  )
}

/** A Service that a rule leads to alone: a version beside others of its name, or what has the pods of all. */
function loneGroup(view: ClusterView, host: string, apex: string | undefined): readonly RouteGroup[] {
  const versions = versionServicesNamed(view, host).filter(each => covers(view, host, each))
  if (versions.length > 0) return [{ hosts: versions, apex: host }]
  const siblings = siblingsOf(view, host)
  const hosts = siblings.length > 0 ? siblings : [host]
  if (apex !== undefined && apex !== host && (isNamedFor(apex, host) || covers(view, apex, host)))
    return [{ hosts, apex }]
  return hosts.length > 1 ? [{ hosts, apex: undefined }] : []
}

/** `catalog-v2` is named for `catalog`; of one namespace. */
export function isNamedFor(host: string, other: string): boolean {
  const dot = host.indexOf('.')
  const [name, rest] = [host.slice(0, dot), host.slice(dot)]
  return other === host || (other.endsWith(rest) && other.startsWith(`${name}-`))
}

/** The Services that are versions by name and labels, and are named for a host: `catalog-v1` and `catalog-v2`. */
export function versionServicesNamed(view: ClusterView, host: string): readonly string[] {
  const named = keyOfHost(view, host)
  return named === undefined ? [] : (versionHostsByBase(view, named.namespace).get(named.name) ?? [])
}
