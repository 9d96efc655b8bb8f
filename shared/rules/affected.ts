import { namespaceOf, type Ref } from '../objects/kube-object.ts'
import { isKind, refOf } from '../objects/kinds.ts'
import { expandHost } from '../objects/hosts.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { virtualServicesByDestination } from '../view/indexes.ts'

/** The objects whose verdict the changes may alter, as one side of the changes sees them, besides the changed ones. Found through indexes, never by a scan. */
export function affected(view: ClusterView, changes: readonly Change[]): readonly Ref[] {
  return changes.flatMap(({ before, after }) => [before, after]).flatMap(object => {
    if (object === undefined || !isKind('DestinationRule', object)) return []
    const host = expandHost(object.spec.host, namespaceOf(object), view.mesh.clusterDomain)
    return view.find(virtualServicesByDestination, host).map(refOf)
  })
}
