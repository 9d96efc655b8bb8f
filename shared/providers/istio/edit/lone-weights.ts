import { isEqual } from '../../../objects/content/equal.ts'
import type { VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import { recordOf, type LoneWeight } from '../read/record/record.ts'
import { routeKeys } from '../read/record/route-keys.ts'
import { idOf, listOf, type RoutedService } from '../read/routed-service.ts'
import { baseOfAnyList } from './split.ts'
import type { AnyRoute } from '../read/routes/base-routes.ts'

const lists = ['http', 'tcp', 'tls'] as const

/**
 * Writes down, in an object whose split was set, the weights that lone destinations had before, which had no effect, and
 * the destinations of which one had everything and the others nothing: the split removes them, and they are restored
 * when it is over.
 */
export function noteLoneWeights(
  split: VirtualService,
  before: VirtualService,
  service: RoutedService,
): VirtualService {
  const after = new Map(bases(split, service).map(({ route, place }) => [place, route]))
  const lone = bases(before, service).flatMap(({ route, place }) => {
    const turned = after.get(place)
    const noted = isLone(route)
      ? isLone(turned)
        ? undefined
        : route.route?.[0]?.weight
      : wholeIn(route) === undefined || isEqual(route.route, turned?.route)
        ? undefined
        : listOf(route.route)
    return noted === undefined ? [] : [[place, noted] as const]
  })
  if (lone.length === 0) return split
  const record = recordOf(split)
  const known = record.restore?.weights?.[idOf(service)] ?? {}
  // What was there before the first split of several is what comes back.
  const added = lone.filter(([place]) => known[place] === undefined)
  const weights = {
    ...record.restore?.weights,
    [idOf(service)]: { ...known, ...Object.fromEntries(added) },
  }
  return withRecord(split, { ...record, restore: { ...record.restore, weights } })
}

/** The destination that has everything among several; undefined where none has. */
function wholeIn({ route }: AnyRoute): WeightedDestination | undefined {
  const [whole, ...others] = listOf(route).filter(({ weight = 0 }) => weight > 0)
  return others.length === 0 ? whole : undefined
}

const isLone = (route: AnyRoute | undefined): boolean => listOf(route?.route).length === 1

/** Gives the destinations that are alone again the weights that were written down, and forgets these. */
export function restoreLoneWeights(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  const { [idOf(service)]: noted, ...weights } = record.restore?.weights ?? {}
  if (noted === undefined) return virtualService
  const weighed = new Map(
    bases(virtualService, service).map(({ route, place }) => [route, withLoneWeight(route, noted[place])]),
  )
  const spec = Object.fromEntries(
    lists.flatMap(list => {
      const routes: readonly AnyRoute[] | undefined = virtualService.spec[list]
      return routes === undefined ? [] : [[list, routes.map(route => weighed.get(route) ?? route)]]
    }),
  )
  return withRecord(
    { ...virtualService, spec: { ...virtualService.spec, ...spec } },
    { ...record, restore: { ...record.restore, weights } },
  )
}

function withLoneWeight(route: AnyRoute, weight: LoneWeight | undefined): AnyRoute {
  const [only, ...others] = listOf(route.route)
  if (weight !== undefined && typeof weight !== 'number') {
    const isBack = others.length === 0 && isEqual(wholeIn({ route: weight })?.destination, only?.destination)
    return isBack ? { ...route, route: weight } : route
  }
  return weight === undefined || only === undefined || others.length > 0 || only.weight !== undefined
    ? route
    : { ...route, route: [{ ...only, weight }] }
}

/**
 * The service's base routes, each by its list and key: `http/#1a2b3c4d`. Routes that come and go around it do
 * not change it.
 */
function bases(
  virtualService: VirtualService,
  service: RoutedService,
): readonly { readonly route: AnyRoute; readonly place: string }[] {
  const isBase = baseOfAnyList(virtualService, service)
  return lists.flatMap(list => {
    const routes = listOf<AnyRoute>(virtualService.spec[list]).filter(isBase)
    const keys = routeKeys(routes)
    return routes.map(route => ({ route, place: `${list}/${keys.get(route)!}` }))
  })
}
