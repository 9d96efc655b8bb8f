import { refOf } from '../../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { rolloutsByRoute } from '../../../workloads/workload-indexes.ts'
import { serviceMeantBy } from './applications.ts'
import { routesTo } from './routed-rules.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites a route, by owner reference or because an Argo
 * Rollout names it (`trafficRouting.apisix.route`,
 * https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/apisix/).
 */
export function ownerOf(view: ClusterView, object: KubeObject): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  const [rollout] = view.find(rolloutsByRoute, keyOf(refOf(object)))
  return rollout === undefined ? undefined : keyOf(refOf(rollout))
}

/** The routes of a service that a controller rewrites. */
export const ownedObjects = (view: ClusterView, said: RoutedService): readonly OwnedObject[] =>
  routesTo(view, serviceMeantBy(view, said)).flatMap(object => {
    const owner = ownerOf(view, object)
    return owner === undefined ? [] : [{ object, owner }]
  })
