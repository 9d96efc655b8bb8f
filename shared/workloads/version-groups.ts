import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { baseOf, covers, hasSeveralVersions, siblingsOf, versionHostsByBase } from './version-services.ts'

/** Services that share requests as versions of one service. */
export interface VersionGroup {
  readonly hosts: readonly string[]
  /** The Service that they are versions of: the one that callers ask for, or that has the pods of all. */
  readonly apex: string | undefined
}

/** Such a group, and the routing object that shows it. */
export interface ShownGroup extends VersionGroup {
  readonly object: KubeObject
}

/** `catalog-v2` is named for `catalog`; of one namespace. */
export function isNamedFor(host: string, other: string): boolean {
  const dot = host.indexOf('.')
  const [name, rest] = [host.slice(0, dot), host.slice(dot)]
  return other === host || (other.endsWith(rest) && other.startsWith(`${name}-`))
}

/**
 * Whether Services that share the requests of a route are versions of one service. One that has versions of its own (its
 * pods, or other Services by name and labels) is so only with these, with those that are named for it and with those
 * that have some of its pods, unless the names of all begin with the same word: a route between `monolith` and
 * `catalog-v1` divides two applications where there is a `catalog-v2`. One that `isDivided` into subsets is so only
 * with them in any case.
 */
export function areVersions(
  view: ClusterView,
  hosts: readonly string[],
  isDivided: (host: string) => boolean = () => false,
): boolean {
  const isApart = !haveOneBeginning(hosts)
  return hosts
    .filter(host => isDivided(host) || (isApart && hasOwnVersions(view, host)))
    .every(host => {
      const siblings = siblingsOf(view, host)
      return hosts.every(
        other => isNamedFor(host, other) || siblings.includes(other) || covers(view, host, other),
      )
    })
}

const hasOwnVersions = (view: ClusterView, host: string): boolean =>
  hasSeveralVersions(view, host) || siblingsOf(view, host).length > 1

/** Whether the names of Services begin with the same word: `catalog-blue` and `catalog-green`. */
const haveOneBeginning = (hosts: readonly string[]): boolean =>
  new Set(hosts.map(host => host.split('.')[0]!.split('-')[0])).size === 1

/** The Services that are versions by name and labels, and are named for a host: `catalog-v1` and `catalog-v2`. */
export function versionServicesNamed(view: ClusterView, host: string): readonly string[] {
  const named = serviceOfHost(host, view.mesh.clusterDomain)
  return named === undefined ? [] : (versionHostsByBase(view, named.namespace).get(named.name) ?? [])
}

/** A Service that gets all requests of a rule: a version beside others of its name, or what has the pods of all. */
export function groupOfOne(
  view: ClusterView,
  host: string,
  apex: string | undefined,
): readonly VersionGroup[] {
  const versions = versionServicesNamed(view, host).filter(each => covers(view, host, each))
  if (versions.length > 0) return [{ hosts: versions, apex: host }]
  const siblings = siblingsOf(view, host)
  const hosts = siblings.length > 0 ? siblings : [host]
  if (apex !== undefined && apex !== host && (isNamedFor(apex, host) || covers(view, apex, host)))
    return [{ hosts, apex }]
  return hosts.length > 1 ? [{ hosts, apex: undefined }] : []
}

/** The Services that are versions of one Service by their names and labels, as long as no route shows them. */
export function groupsByName(view: ClusterView, host: string): readonly VersionGroup[] {
  const { clusterDomain } = view.mesh
  const { namespace } = serviceOfHost(host, clusterDomain) ?? { namespace: '' }
  const base = baseOf(view, host)
  const apex = base === undefined ? host : serviceHost(base, namespace, clusterDomain)
  const hosts = versionServicesNamed(view, apex).filter(each => covers(view, apex, each))
  return hosts.length === 0 ? [] : [{ hosts, apex }]
}
