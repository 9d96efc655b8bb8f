import { fieldsOf, isFields, itemsOf } from '../../../../objects/unchecked.ts'
import type { VirtualService, WeightedDestination } from '../../../../objects/virtual-service.ts'
import { idOf, type RoutedService } from '../routed-service.ts'
import type { AnyRoute } from '../routes/base-routes.ts'
import { placedBases } from './keyed-bases.ts'
import { recordIn } from './record.ts'

/** The destinations that splits removed from each base route of a service, with the settings that they had. */
export function removedDestinations(
  virtualService: VirtualService,
  service: RoutedService,
): (route: AnyRoute) => readonly WeightedDestination[] {
  const noted = fieldsOf(fieldsOf(recordIn(virtualService)?.restore?.removed)[idOf(service)])
  if (Object.keys(noted).length === 0) return () => []
  const byRoute = new Map(
    placedBases(virtualService, service).map(({ route, place }) => [
      route,
      (Array.isArray(noted[place]) ? itemsOf(noted[place]) : []).filter(isDestination),
    ]),
  )
  return route => byRoute.get(route) ?? []
}

const isDestination = (value: unknown): value is WeightedDestination =>
  isFields(value) && typeof fieldsOf(value['destination'])['host'] === 'string'
