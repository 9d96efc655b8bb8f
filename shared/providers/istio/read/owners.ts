import { isKind, refOf } from '../../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { rolloutsByRoute } from '../../../workloads/workload-indexes.ts'
import { isReleased } from '../../../workloads/released.ts'
import type { RoutedService } from './routed-service.ts'
import { serviceMeantBy } from './applications/service-meant-by.ts'
import { routesFor, routesTo } from './routes/carriers.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites an object, by owner reference or because an
 * Argo Rollout names it.
 */
export function ownerOf(view: ClusterView, object: KubeObject): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  if (!isKind('VirtualService', object)) return undefined
  const [rollout] = view.find(rolloutsByRoute, keyOf(refOf(object)))
  return rollout === undefined ? undefined : keyOf(refOf(rollout))
}

/** The VirtualServices of a Service, and of its host, that a controller rewrites. */
export function ownedObjects(view: ClusterView, said: RoutedService): readonly OwnedObject[] {
  const service = serviceMeantBy(view, said)
  return [...new Set([...routesTo(view, service), ...routesFor(view, service)])].flatMap(
    object => ownedObject(view, object) ?? [],
  )
}

/** The object with its owner, where a controller rewrites it now. */
export function ownedObject(view: ClusterView, object: KubeObject): OwnedObject | undefined {
  const owner = ownerOf(view, object)
  return owner === undefined || isReleased(view, object) ? undefined : { object, owner }
}
