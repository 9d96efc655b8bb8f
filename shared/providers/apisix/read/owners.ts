import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { controllerOf, namespaceOf } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { writingRollout } from '../../../workloads/routes/writing-rollout.ts'
import { serviceMeantBy } from './applications.ts'
import { routesTo, rulesIn } from './routed-rules.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites a route, by owner reference or because an Argo
 * Rollout names it and writes rules of the service in it (`trafficRouting.apisix.route`,
 * https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/apisix/).
 */
export function ownerOf(view: ClusterView, object: ApisixRoute, service: RoutedService): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  return writingRollout(view, object, () =>
    rulesIn(view, object, { service, complete: false }).map(({ rule }) => ({
      name: textOf(rule.name),
      services: [],
    })),
  )
}

/** The routes of a service that a controller rewrites. */
export function ownedObjects(view: ClusterView, said: RoutedService): readonly OwnedObject[] {
  const service = serviceMeantBy(view, said)
  return routesTo(view, service).flatMap(object => {
    const owner = ownerOf(view, object, service)
    return owner === undefined ? [] : [{ object, owner }]
  })
}
