import { refOf } from '../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { writesPart, type RoutePart } from '../../objects/owners/rollout-routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { rolloutsByRoute } from '../workload-indexes.ts'

/**
 * `Rollout shop/catalog`: the Argo Rollout that writes the routes of a service in a routing object; of an object that has
 * none, for instance because it leads elsewhere, the one that names it.
 */
export function writingRollout(
  view: ClusterView,
  object: KubeObject,
  routes: () => readonly RoutePart[],
): string | undefined {
  const ref = refOf(object)
  const naming = view.find(rolloutsByRoute, keyOf(ref))
  if (naming.length === 0) return undefined
  const parts = routes()
  const writing =
    parts.length === 0
      ? naming[0]
      : naming.find(rollout => parts.some(part => writesPart(rollout, ref, part)))
  return writing === undefined ? undefined : keyOf(refOf(writing))
}
