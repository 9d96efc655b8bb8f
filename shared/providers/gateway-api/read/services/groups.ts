import { serviceHost } from '../../../../objects/hosts.ts'
import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { readRecord } from '../../../../routing/record/record.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import {
  areVersions,
  groupOfOne,
  isNamedFor,
  type VersionGroup,
} from '../../../../workloads/version-groups.ts'
import { baseOf, covers } from '../../../../workloads/version-services.ts'
import { backendsOf, rulesOf } from '../../resolve/routes.ts'
import { ruleKeys } from '../rules/rule-keys.ts'
import { hostOfBackend, parentHosts } from './service-hosts.ts'

/**
 * The groups of Services that a route shows: those that share the requests of one rule; and one that a rule leads
 * to alone, where names and labels say of what it is a version.
 */
export const groupsIn = (view: ClusterView, route: ServiceRoute): readonly VersionGroup[] =>
  once(view, [groupsIn, route], () => {
    const parents = parentHosts(view, route)
    const named = namedByRecord(view, route)
    return rulesOf(route).flatMap((rule, i): readonly VersionGroup[] => {
      const hosts = [
        ...new Set(backendsOf(rule).flatMap(backend => hostOfBackend(view, route, backend) ?? [])),
      ]
      const written = named.get(i)
      if (written !== undefined) return [{ hosts, apex: written }]
      const apex = parents.length === 1 ? parents[0] : undefined
      return hosts.length > 1 && areVersions(view, hosts)
        ? [{ hosts, apex: apexOf(view, hosts, apex) }]
        : hosts.flatMap(host => groupOfOne(view, host, apex))
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
  const isWhole =
    apex !== undefined
    && areVersions(view, [...new Set([apex, ...hosts])])
    && !hosts.every(host => isOfAnother(view, apex, host))
  if (isWhole) return apex
  return hosts.find(host => hosts.every(other => other === host || covers(view, host, other)))
}

const isOfAnother = (view: ClusterView, apex: string, host: string): boolean => {
  const base = baseOf(view, host)
  return (
    base !== undefined && base !== apex.split('.')[0] && !isNamedFor(apex, host) && !covers(view, apex, host)
  )
}
