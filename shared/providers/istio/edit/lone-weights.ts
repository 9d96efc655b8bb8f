import { isEqual } from '../../../objects/content/equal.ts'
import type { VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import { isDivided } from './annotations/stable.ts'
import { recordOf, type LoneWeight } from '../read/record/record.ts'
import { placedBases } from '../read/record/keyed-bases.ts'
import { idOf, listOf, type RoutedService } from '../read/routed-service.ts'
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
  const after = new Map(placedBases(split, service).map(({ route, place }) => [place, route]))
  // Later on, it may be a split of the canary that gives one of several everything.
  const isFirst = !isDivided(before, service)
  const lone = placedBases(before, service).flatMap(({ route, place }) => {
    const turned = after.get(place)
    const noted = isLone(route)
      ? isLone(turned)
        ? undefined
        : route.route?.[0]?.weight
      : isFirst && wholeIn(route) !== undefined
        ? listOf(route.route)
        : undefined
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
  const [whole, ...others] = listOf(route).filter(({ weight = 0 }) => weight !== 0)
  return others.length === 0 && (whole?.weight ?? 0) > 0 ? whole : undefined
}

const isLone = (route: AnyRoute | undefined): boolean => listOf(route?.route).length === 1

/** Gives the destinations that are alone again what was written down, and forgets it where the canary is over. */
export function restoreLoneWeights(
  virtualService: VirtualService,
  service: RoutedService,
  { isOver }: { readonly isOver: boolean },
): VirtualService {
  const record = recordOf(virtualService)
  const { [idOf(service)]: noted, ...others } = record.restore?.weights ?? {}
  if (noted === undefined) return virtualService
  const bases = placedBases(virtualService, service)
  const weighed = new Map(bases.map(({ route, place }) => [route, withLoneWeight(route, noted[place])]))
  const spec = Object.fromEntries(
    lists.flatMap(list => {
      const routes: readonly AnyRoute[] | undefined = virtualService.spec[list]
      return routes === undefined ? [] : [[list, routes.map(route => weighed.get(route) ?? route)]]
    }),
  )
  // While the canary goes on, a version that has everything may get back to the destinations beside another one.
  const left = isOver ? [] : bases.filter(({ place }) => Array.isArray(noted[place]))
  const kept = Object.fromEntries(left.map(({ place }) => [place, noted[place]!]))
  const weights = left.length === 0 ? others : { ...others, [idOf(service)]: kept }
  return withRecord(
    { ...virtualService, spec: { ...virtualService.spec, ...spec } },
    { ...record, restore: { ...record.restore, weights } },
  )
}

function withLoneWeight(route: AnyRoute, weight: LoneWeight | undefined): AnyRoute {
  const [only, ...others] = listOf(route.route)
  if (weight === undefined || only === undefined || others.length > 0) return route
  if (typeof weight === 'number')
    return only.weight === undefined ? { ...route, route: [{ ...only, weight }] } : route
  const whole = wholeIn({ route: weight })
  return isEqual(whole?.destination, only.destination)
    ? { ...route, route: weight.map(each => (each === whole ? withWeightOf(only, each) : each)) }
    : route
}

/** A destination as it is now, with the weight and the place of the weight that it had. */
function withWeightOf(now: WeightedDestination, before: WeightedDestination): WeightedDestination {
  const [{ weight: _n, ...settings }, { weight: _b, ...earlier }] = [now, before]
  return isEqual(settings, earlier) ? before : { ...settings, weight: before.weight ?? 0 }
}
