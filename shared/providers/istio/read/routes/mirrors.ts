import type { Destination, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { leadsTo, listOf, type RoutedService } from '../routed-service.ts'
import { targetIn, type VersionTarget } from '../version-target.ts'

/**
 * The versions of the service that a VirtualService mirrors to, with the percent of each (100 where none is
 * said).
 */
export function mirrorsOf(
  virtualService: VirtualService,
  service: RoutedService,
): readonly (VersionTarget & { readonly percent: number })[] {
  const target = targetIn(virtualService, service)
  const leads = leadsTo(virtualService, service)
  return listOf(virtualService.spec.http)
    .flatMap(route => [
      ...(route.mirror === undefined
        ? []
        : [
            {
              destination: route.mirror,
              percent: route.mirrorPercentage?.value ?? route.mirrorPercent ?? route.mirror_percent ?? 100,
            },
          ]),
      ...listOf(route.mirrors).map(({ destination, percentage }) => ({
        destination,
        percent: percentage?.value ?? 100,
      })),
    ])
    .filter(({ destination }) => leads(destination))
    .map(({ destination, percent }) => ({ ...target(destination), percent }))
}

/** What an http route mirrors its requests to. */
export const destinationsMirrored = ({ mirror, mirrors }: HttpRoute): readonly Destination[] => [
  ...(mirror === undefined ? [] : [mirror]),
  ...listOf(mirrors).map(({ destination }) => destination),
]
