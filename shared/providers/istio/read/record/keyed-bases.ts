import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { AnyRoute } from '../routes/base-routes.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../routed-service.ts'
import { ourRoutes } from './record.ts'
import { askedBy, routeKeys } from './route-keys.ts'

/** Whether a route, of whatever list, is a base route of the service: one that is not ours and leads to it. */
export function baseRouteTest(
  virtualService: VirtualService,
  service: RoutedService,
): (route: AnyRoute) => boolean {
  const ours = ourRoutes(virtualService)
  const leads = leadsTo(virtualService, service)
  return route =>
    !(route?.name !== undefined && ours.has(route.name)) && destinationsTo(route, leads).length > 0
}

/** The base routes of the service by their keys among all http routes that are not ours. */
export function keyedBases(
  virtualService: VirtualService,
  service: RoutedService,
): ReadonlyMap<string, HttpRoute> {
  const isBase = baseRouteTest(virtualService, service)
  const bases = listOf(virtualService.spec.http).filter(isBase)
  const keys = routeKeys(bases)
  return new Map(bases.map(route => [keys.get(route)!, route]))
}

/**
 * The base routes of the service in all lists, each by its list and key: `http/#1a2b3c4d`. Routes that come and go
 * around it do not change it.
 */
export function placedBases(
  virtualService: VirtualService,
  service: RoutedService,
): readonly { readonly route: AnyRoute; readonly place: string }[] {
  const isBase = baseRouteTest(virtualService, service)
  return (['http', 'tcp', 'tls'] as const).flatMap(list => {
    const routes = listOf<AnyRoute>(virtualService.spec[list]).filter(isBase)
    const keys = routeKeys(routes)
    return routes.map(route => ({ route, place: `${list}/${keys.get(route)!}` }))
  })
}

/**
 * What a route that is written down is called now: it may have been renamed, or got its first name. Undefined
 * where several ask what it asked.
 */
export function keyNow(
  bases: ReadonlyMap<string, HttpRoute>,
  key: string,
  { asks, routes }: { readonly asks?: Readonly<Record<string, string>>; readonly routes: readonly string[] },
): string | undefined {
  if (bases.has(key)) return key
  const asked = asks?.[key] ?? key
  const alike = [...bases].filter(([now, route]) => !routes.includes(now) && askedBy(route) === asked)
  return alike.length === 1 ? alike[0]![0] : undefined
}
