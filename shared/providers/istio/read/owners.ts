import { isKind } from '../../../objects/kinds.ts'
import { controllerOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
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
  const rollout = view
    .list('Rollout', namespaceOf(object))
    .find(candidate => namedBy(candidate).includes(object.metadata.name))
  return rollout === undefined ? undefined : `Rollout ${namespaceOf(rollout)}/${rollout.metadata.name}`
}

/**
 * The VirtualServices that an Argo Rollout shifts:
 * `spec.strategy.canary.trafficRouting.istio.virtualService(s)`.
 */
function namedBy(rollout: KubeObject): readonly string[] {
  const istio = ['spec', 'strategy', 'canary', 'trafficRouting', 'istio'].reduce(
    (value, key) => fieldsOf(value[key]),
    rollout as unknown as Readonly<Record<string, unknown>>,
  )
  return [istio['virtualService'], ...itemsOf(istio['virtualServices'])].flatMap(
    reference => textOf(fieldsOf(reference)['name']) ?? [],
  )
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
