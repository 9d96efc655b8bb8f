import { refOf } from '../../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { rolloutsByRoute } from '../../../workloads/workload-indexes.ts'
import { isReleased } from '../../../workloads/released.ts'
import { serviceMeantBy } from './services/applications.ts'
import { routesTo } from './rules/routed-rules.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites a route, by owner reference or because an Argo
 * Rollout names it for its plugin of the Gateway API.
 */
export function ownerOf(view: ClusterView, object: KubeObject): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  const [rollout] = view.find(rolloutsByRoute, keyOf(refOf(object)))
  return rollout === undefined ? undefined : keyOf(refOf(rollout))
}

/** The routes of a service that a controller rewrites now. */
export const ownedObjects = (view: ClusterView, said: RoutedService): readonly OwnedObject[] =>
  routesTo(view, serviceMeantBy(view, said)).flatMap(object => ownedObject(view, object) ?? [])

/** The object with its owner, where a controller rewrites it now. */
export function ownedObject(view: ClusterView, object: KubeObject): OwnedObject | undefined {
  const owner = ownerOf(view, object)
  return owner === undefined || isReleased(view, object) ? undefined : { object, owner }
}
