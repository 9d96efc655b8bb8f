import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { controllerOf, namespaceOf } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { isReleased } from '../../../workloads/released.ts'
import { writingRollout } from '../../../workloads/routes/writing-rollout.ts'
import { serviceMeantBy } from './services/applications.ts'
import { routesTo, rulesIn } from './rules/routed-rules.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites a route, by owner reference or because an Argo
 * Rollout names it for its plugin of the Gateway API and writes rules of the service in it.
 */
export function ownerOf(view: ClusterView, object: ServiceRoute, service: RoutedService): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  return writingRollout(view, object, () =>
    rulesIn(view, object, service).map(({ parts }) => ({
      name: undefined,
      services: parts.flatMap(({ backend }) => backend.name ?? []),
    })),
  )
}

/** The routes of a service that a controller rewrites now. */
export function ownedObjects(view: ClusterView, said: RoutedService): readonly OwnedObject[] {
  const service = serviceMeantBy(view, said)
  return routesTo(view, service).flatMap(object => ownedObject(view, object, service) ?? [])
}

/** The object with its owner, where a controller rewrites what the service has in it now. */
export function ownedObject(
  view: ClusterView,
  object: ServiceRoute,
  service: RoutedService,
): OwnedObject | undefined {
  const owner = ownerOf(view, object, service)
  return owner === undefined || isReleased(view, object) ? undefined : { object, owner }
}
