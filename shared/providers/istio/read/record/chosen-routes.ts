import { textsOf, fieldsOf } from '../../../../objects/unchecked.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { idOf, keyOfService, type RoutedService } from '../routed-service.ts'
import type { AnyRoute } from '../routes/base-routes.ts'
import { nameOf, routesTo } from '../routes/carriers.ts'
import { recordIn } from './record.ts'
import { askedBy } from './route-keys.ts'

/** How a route is written down as chosen: by its list, its name and what it asks (`http/items#1a2b3c4d`). */
export const chosenEntry = (list: string, route: AnyRoute): string =>
  `${list}/${route.name ?? ''}${askedBy(route)}`

/** Whether a route is written down, by its name or, where it was renamed, by what it asks. */
export function isWritten(entries: readonly string[], list: string, route: AnyRoute): boolean {
  const asked = askedBy(route)
  return entries.some(
    entry =>
      entry.startsWith(`${list}/`)
      && (entry.endsWith(asked)
        || (route.name !== undefined && entry.slice(list.length + 1, entry.lastIndexOf('#')) === route.name)),
  )
}

/** The routes of a service's canary that are written down as chosen on a VirtualService. */
export const chosenIn = (object: VirtualService, service: RoutedService): readonly string[] =>
  textsOf(fieldsOf(recordIn(object)?.restore?.only)[idOf(service)])

/**
 * Whether the canary of a service is on a route: on all, unless a person chose some, on whatever
 * VirtualService that is written down.
 */
export function isOnRoute(
  view: ClusterView,
  service: RoutedService,
): (object: VirtualService, list: string, route: AnyRoute) => boolean {
  const chosen = chosenRoutes(view, service)
  return (object, list, route) =>
    chosen?.get(nameOf(object)) === undefined
      ? chosen === undefined
      : isWritten(chosen.get(nameOf(object))!, list, route)
}

/** What is written down as chosen, by `namespace/name` of the VirtualService; undefined where nothing is. */
export function chosenRoutes(
  view: ClusterView,
  service: RoutedService,
): ReadonlyMap<string, readonly string[]> | undefined {
  return once(view, [chosenRoutes, keyOfService(service)], () => {
    const found = routesTo(view, service).flatMap(object => {
      const entries = chosenIn(object, service)
      return entries.length === 0 ? [] : [[nameOf(object), entries] as const]
    })
    return found.length === 0 ? undefined : new Map(found)
  })
}
