import { isKind } from '../../../objects/kinds.ts'
import { controllerOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { Path } from '../../../objects/paths.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { isReleased } from '../../../workloads/released.ts'
import { writingRollout } from '../../../workloads/routes/writing-rollout.ts'
import { routingOf, type Route } from '../resolve/objects/routes.ts'
import type { RoutedService } from './routed-service.ts'
import { serviceMeantBy } from './applications/service-meant-by.ts'
import { isTo, routesFor, routesTo } from './routes/carriers.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites an object, by owner reference or because an
 * Argo Rollout names it and writes routes of the service in it.
 */
export function ownerOf(view: ClusterView, object: KubeObject, service: RoutedService): string | undefined {
  const leads = isTo(service)
  return ownerOfRoutes(view, object, ({ targets }) =>
    targets.some(target => !target.isMirror && leads(target)),
  )
}

/** The VirtualServices of a Service, and of its host, that a controller rewrites. */
export function ownedObjects(view: ClusterView, said: RoutedService): readonly OwnedObject[] {
  const service = serviceMeantBy(view, said)
  return [...new Set([...routesTo(view, service), ...routesFor(view, service)])].flatMap(
    object => ownedObject(view, object, service) ?? [],
  )
}

/** The object with its owner, where a controller rewrites what the service has in it now. */
export function ownedObject(
  view: ClusterView,
  object: KubeObject,
  service: RoutedService,
): OwnedObject | undefined {
  const owner = ownerOf(view, object, service)
  return owner === undefined || isReleased(view, object) ? undefined : { object, owner }
}

/** The controller that rewrites the weights at a place of a VirtualService now. */
export const writerAt = (view: ClusterView, object: VirtualService, path: Path): string | undefined =>
  isReleased(view, object)
    ? undefined
    : ownerOfRoutes(view, object, ({ place }) => place.every((step, index) => step === path[index]))

function ownerOfRoutes(
  view: ClusterView,
  object: KubeObject,
  isMeant: (route: Route) => boolean,
): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  if (!isKind('VirtualService', object)) return undefined
  return writingRollout(view, object, () =>
    routingOf(object)
      .routes.filter(isMeant)
      .map(({ section, name }) => ({ name, isConnection: section !== 'http', services: [] })),
  )
}
