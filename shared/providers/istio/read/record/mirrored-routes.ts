import type { Destination, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { fieldsOf, isFields, textOf, textsOf } from '../../../../objects/unchecked.ts'
import { idOf, leadsTo, listOf, type RoutedService } from '../routed-service.ts'
import { targetIn, type VersionTarget } from '../version-target.ts'
import { keyedBases } from './keyed-bases.ts'
import { recordIn, type MirroredRoute } from './record.ts'
import { askedBy } from './route-keys.ts'

/** What is written down of a service's mirrored routes, by their keys (see routeKeys). Never throws. */
export function mirroredIn(
  virtualService: VirtualService,
  service: RoutedService,
): ReadonlyMap<string, MirroredRoute> {
  const written = fieldsOf(fieldsOf(recordIn(virtualService)?.restore?.mirrors)[idOf(service)])
  return new Map(
    Object.entries(written).map(([key, value]) => {
      const { subsets, asks, before, keys } = fieldsOf(value)
      return [
        key,
        {
          subsets: textsOf(subsets),
          ...(textOf(asks) !== undefined && { asks: textOf(asks)! }),
          ...(isFields(before) && { before: before, keys: textsOf(keys) }),
        },
      ]
    }),
  )
}

/** What stands for a version in the record: its subset, or the full host of the Service that it is. */
export const mirrorKey = ({ host, subset }: VersionTarget): string =>
  [host, subset].filter(part => part !== undefined).join(' ')

/** The version that a destination leads to, as the record has it; undefined where it leads elsewhere or to any. */
export function mirrorKeyIn(
  virtualService: VirtualService,
  service: RoutedService,
): (destination: Destination | undefined) => string | undefined {
  const leads = leadsTo(virtualService, service)
  const target = targetIn(virtualService, service)
  return destination =>
    destination !== undefined && leads(destination) ? mirrorKey(target(destination)) || undefined : undefined
}

/** Whether a VirtualService has mirrors of ours of the service. */
export const hasMirrors = (virtualService: VirtualService, service: RoutedService): boolean =>
  mirroredIn(virtualService, service).size > 0

/**
 * What is written down of each base route: of the same name and match, else of the only one that asks the same, else
 * of the same name. Where none is found, a route that mirrors to a subset of the record is used.
 */
export function writtenRoutes(
  virtualService: VirtualService,
  service: RoutedService,
): ReadonlyMap<HttpRoute, MirroredRoute> {
  const found = new Map<HttpRoute, MirroredRoute>()
  let left = [...mirroredIn(virtualService, service)]
  if (left.length === 0) return found
  const bases = keyedBases(virtualService, service)
  const alike = (test: (route: HttpRoute) => boolean): readonly HttpRoute[] =>
    [...bases.values()].filter(route => !found.has(route) && test(route))
  const askOf = ([key, { asks }]: WrittenRoute): string => asks ?? key.replace(/\.\d+$/, '')
  const find = (look: (written: WrittenRoute) => readonly (HttpRoute | undefined)[]): void => {
    left = left.filter(written => {
      const [route, ...others] = look(written)
      if (route === undefined || others.length > 0 || found.has(route)) return true
      found.set(route, written[1])
      return false
    })
  }
  find(written => alike(route => bases.get(written[0]) === route && askedBy(route) === askOf(written)))
  find(written => alike(route => askedBy(route) === askOf(written)))
  find(([key]) => [bases.get(key)])
  const keyOf = mirrorKeyIn(virtualService, service)
  const isOf = ({ subsets }: MirroredRoute, route: HttpRoute): boolean =>
    [route.mirror, ...listOf(route.mirrors).map(({ destination }) => destination)].some(to =>
      subsets.includes(keyOf(to) ?? ''),
    )
  find(([, entry]) => alike(route => isOf(entry, route)))
  for (const [, { subsets }] of left)
    for (const route of alike(each => isOf({ subsets }, each))) found.set(route, { subsets })
  return found
}

type WrittenRoute = readonly [key: string, entry: MirroredRoute]
