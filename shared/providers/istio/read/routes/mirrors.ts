import type { Destination, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { mirrorKeyIn, writtenRoutes } from '../record/mirrored-routes.ts'
import { ourRoutes, type MirrorFields } from '../record/record.ts'
import { leadsTo, listOf, type RoutedService } from '../routed-service.ts'
import { targetIn, type VersionTarget } from '../version-target.ts'

/** A mirror as an item of `mirrors`, whichever way it is written. */
export type MirrorItem = NonNullable<HttpRoute['mirrors']>[number]

/**
 * What a route mirrors to, in whichever of the spellings. `mirrorPercentage` goes before the older ones
 * (MirrorPercent in pilot/pkg/networking/core/route/route.go).
 */
export function mirrorItems(route: MirrorFields): readonly MirrorItem[] {
  const { mirror, mirrorPercentage, mirrorPercent, mirror_percent: older } = route
  const whole = mirrorPercent ?? older
  const percentage = mirrorPercentage ?? (whole === undefined ? undefined : { value: whole })
  return [
    ...(mirror === undefined ? [] : [{ destination: mirror, ...(percentage && { percentage }) }]),
    ...listOf(route.mirrors),
  ]
}

/** How much a mirror copies, in percent: everything where nothing is said. */
export const percentOf = ({ percentage }: MirrorItem): number =>
  percentage === undefined ? 100 : (percentage.value ?? 0)

/** A mirror of one route to a version of the service, or to all of it. */
export interface RouteMirror {
  readonly route: HttpRoute
  readonly destination: Destination
  readonly target: VersionTarget
  /** In percent. */
  readonly percent: number
  /** Set by a command, and not by hand. */
  readonly isOurs: boolean
  /** Set by a command in place of one by hand. */
  readonly wasByHand: boolean
}

/** The mirrors of a VirtualService to the service, route by route; those of our own copies are those of their base routes. */
export function mirrorsOf(virtualService: VirtualService, service: RoutedService): readonly RouteMirror[] {
  const keyOf = mirrorKeyIn(virtualService, service)
  const leads = leadsTo(virtualService, service)
  const written = writtenRoutes(virtualService, service)
  const ours = ourRoutes(virtualService)
  const routes = listOf(virtualService.spec.http).filter(({ name }) => name === undefined || !ours.has(name))
  return routes.flatMap(route =>
    mirrorItems(route)
      .filter(({ destination }) => leads(destination))
      .map(item => {
        const key = keyOf(item.destination)
        const entry = written.get(route)
        const isOurs = key !== undefined && entry?.subsets.includes(key) === true
        const wasByHand =
          isOurs && mirrorItems(entry.before ?? {}).some(({ destination }) => keyOf(destination) === key)
        const target = targetIn(virtualService, service)(item.destination)
        return { route, destination: item.destination, target, percent: percentOf(item), isOurs, wasByHand }
      }),
  )
}

/** What an http route mirrors its requests to. */
export const destinationsMirrored = (route: HttpRoute): readonly Destination[] =>
  mirrorItems(route).map(({ destination }) => destination)
