import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { baseOf, covers, siblingsOf, versionHostsByBase } from './version-services.ts'

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
