import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import type { AnyRoute } from '../read/routes/base-routes.ts'
import { baseRouteTest } from '../read/record/keyed-bases.ts'
import type { StickyRecord } from '../read/record/record.ts'
import { removedDestinations } from '../read/record/removed-destinations.ts'
import { setsCookie, stickyIn } from '../read/record/sticky.ts'
import {
  aloneAt,
  destinationAt,
  leadsToVersion,
  splitsPorts,
  type VersionDestinations,
} from './destinations.ts'
import { requireNoCookie, withCookie } from './sticky.ts'
import { isSameTarget, targetIn, type VersionTarget } from '../read/version-target.ts'
import { destinationsTo, leadsTo, listOf, singlesOut, type RoutedService } from '../read/routed-service.ts'

/** One version's part of a split. */
export interface Part extends VersionTarget {
  /** The `Set-Cookie` header of its responses, by which users keep it. */
  readonly setsCookie?: string | undefined
  /** Percent, a whole number. */
  readonly weight: number
}

export interface SplitEdit {
  readonly service: RoutedService
  /**
   * The whole split, stable first; the weights add up to 100. One part alone takes everything and needs no
   * weight.
   */
  readonly parts: readonly Part[]
  /**
   * A base route that leads to none of these, and singles out some senders (by header, cookie,
   * label), is somebody's own arrangement: it is left alone. All routes are turned when left out.
   */
  readonly only?: readonly VersionTarget[]
  /** The port of a service that has only one: a destination that leaves the port out means it. */
  readonly onlyPort?: number | undefined
  /** Versions that stay in the routes that lead to them, with weight 0, where one part takes everything. */
  readonly idle?: readonly VersionTarget[] | undefined
  /** A route of which one part has everything already stays as it is, with destinations that get nothing. */
  readonly keepsWhole?: boolean
  /** What is written down where users keep their version by the cookies of the parts. */
  readonly sticky?: StickyRecord | undefined
  /** The routes that the canary is on; all when left out. */
  readonly chosen?: ChosenRoutes | undefined
}

/** The routes of a VirtualService that a canary is on, where a person chose them. */
export interface ChosenRoutes {
  readonly isOn: RouteTest
  /** What is to be written down; undefined where it is not to be. */
  readonly entries: readonly string[] | undefined
}

/** A test of a route, which is in `http`, `tcp` or `tls`. */
export type RouteTest = (list: string, route: AnyRoute) => boolean

/**
 * Gives every base route to the service, http, tcp and tls, the same split. Throws a CanaryError `refused`
 * for a route that also splits to other hosts.
 */
export function setSplit(virtualService: VirtualService, edit: SplitEdit): VirtualService {
  const { http, tcp, tls } = virtualService.spec
  const turn = <T extends AnyRoute>(routes: readonly T[] | undefined, list: string) =>
    routes === undefined ? {} : { [list]: turned(routes, { virtualService, edit, list }) }
  return {
    ...virtualService,
    spec: { ...virtualService.spec, ...turn(http, 'http'), ...turn(tcp, 'tcp'), ...turn(tls, 'tls') },
  }
}

/** Base routes that `setSplit` would leave alone, as paths: `spec.http[3]`. */
export function leftAlone(virtualService: VirtualService, edit: SplitEdit): readonly string[] {
  const leads = leadsTo(virtualService, edit.service)
  return listOf(virtualService.spec.http).flatMap((route, i) =>
    baseRouteTest(virtualService, edit.service)(route)
    && edit.chosen?.isOn('http', route) !== false
    && isApart({ virtualService, destinations: destinationsTo(route, leads), route }, edit)
      ? [`spec.http[${i}]`]
      : [],
  )
}

/** A route of a VirtualService, and those of its destinations that lead to versions of the service. */
export interface LedRoute {
  readonly virtualService: VirtualService
  readonly destinations: readonly WeightedDestination[]
  readonly route: AnyRoute
}

/** Whether a base route is somebody's own arrangement, and left alone. */
export function isApart(
  { virtualService, destinations, route }: LedRoute,
  { only, service }: Pick<SplitEdit, 'only' | 'service'>,
): boolean {
  if (only === undefined || !singlesOut(route)) return false
  const target = targetIn(virtualService, service)
  return !destinations.some(({ destination }) => only.some(one => isSameTarget(one, target(destination))))
}

interface Where {
  readonly virtualService: VirtualService
  readonly edit: SplitEdit
  readonly list: string
}

function turned<T extends AnyRoute>(routes: readonly T[], where: Where): readonly T[] {
  const { virtualService, edit } = where
  const leads = leadsTo(virtualService, edit.service)
  const base = baseRouteTest(virtualService, edit.service)
  const removed = removedDestinations(virtualService, edit.service)
  const gone = where.list === 'http' ? stickyIn(virtualService, edit.service)?.cookie : undefined
  return listOf(routes).map((route, i) => {
    const destinations = destinationsTo(route, leads)
    if (!base(route)) return route
    const isLeft = edit.chosen?.isOn(where.list, route) === false
    if (isLeft || isApart({ virtualService, destinations, route }, edit)) return withoutCookie(route, gone)
    const place = `${where.list}[${i}]`
    check({ route, destinations, place }, where)
    const setsCookies = edit.parts.some(part => part.setsCookie !== undefined) && where.list === 'http'
    if (setsCookies) requireNoCookie({ virtualService, place }, route, gone)
    const parts = setsCookies ? edit.parts : edit.parts.map(({ setsCookie: _, ...part }) => part)
    const led = { virtualService, service: edit.service, destinations, removed: removed(route) }
    const kept = keptWhole(led, parts, edit) ?? withIdle(led, parts, { idle: edit.idle ?? [], gone })
    return { ...route, route: kept ?? partsOf(led, parts, gone) }
  })
}

/** The destinations as they are, where one part has everything already and this is to be kept. */
function keptWhole(
  led: VersionDestinations,
  [whole, ...others]: readonly Part[],
  { keepsWhole }: SplitEdit,
): readonly WeightedDestination[] | undefined {
  if (keepsWhole !== true || others.length > 0) return undefined
  const { destinations } = led
  const taking = destinations.filter(({ weight = 0 }) => destinations.length === 1 || weight > 0)
  const leads = leadsToVersion(led, whole!)
  return taking.length > 0 && taking.every(({ destination }) => leads(destination)) ? destinations : undefined
}

/** A route that the split leaves alone, without a cookie that an earlier one gave it. */
const withoutCookie = <T extends AnyRoute>(route: T, gone: string | undefined): T =>
  gone === undefined || !listOf(route.route).some(destination => setsCookie(destination, gone))
    ? route
    : { ...route, route: listOf(route.route).map(destination => withCookie(destination, { gone })) }

/**
 * All of a route for one version, beside those to which it leads already, in their order; undefined where there is none of
 * these.
 */
function withIdle(
  led: VersionDestinations,
  [whole]: readonly Part[],
  { idle, gone }: { readonly idle: readonly VersionTarget[]; readonly gone: string | undefined },
): readonly WeightedDestination[] | undefined {
  const kept = idle.filter(
    target =>
      !isSameTarget(target, whole!)
      && led.destinations.some(({ destination }) => leadsToVersion(led, target)(destination)),
  )
  if (kept.length === 0) return undefined
  const weighted = [
    ...kept.map(target => ({ ...destinationAt(led, target), weight: 0 })),
    { ...destinationAt(led, whole!), weight: 100 },
  ]
  return inPlace(led, weighted).map(destination => withCookie(destination, { gone }))
}

/** Destinations in the order in which the route has them, those that it does not have after these. */
function inPlace(
  led: VersionDestinations,
  destinations: readonly WeightedDestination[],
): readonly WeightedDestination[] {
  const placeOf = ({ destination }: WeightedDestination): number => {
    const place = led.destinations.findIndex(written => written.destination === destination)
    return place < 0 ? led.destinations.length : place
  }
  return destinations.toSorted((one, other) => placeOf(one) - placeOf(other))
}

function partsOf(
  led: VersionDestinations,
  parts: readonly Part[],
  gone: string | undefined,
): readonly WeightedDestination[] {
  const written = led.destinations
  if (parts.length > 1)
    return inPlace(
      led,
      // A weight keeps its place among the keys where there was one, so that a file changes in one line only.
      parts.map(part => ({
        ...withCookie(destinationAt(led, part), { sets: part.setsCookie, gone }),
        weight: part.weight,
      })),
    )
  const destinations = written.map(destination => withCookie(destination, { gone }))
  const bare = { ...led, destinations }
  const target = parts[0]!
  const [only] = destinations
  // A lone destination needs no weight; one that is there without effect is not ours to tidy.
  if (destinations.length === 1 && only !== undefined && leadsToVersion(led, target)(only.destination))
    return only === written[0] ? written : destinations
  return destinations.length === 1 && only?.weight === 100
    ? [{ ...destinationAt(bare, target), weight: 100 }]
    : [aloneAt(bare, target)]
}

interface SplitRoute {
  readonly route: AnyRoute
  readonly destinations: readonly WeightedDestination[]
  readonly place: string
}

function check({ route, destinations, place }: SplitRoute, { virtualService, edit }: Where): void {
  const leads = leadsTo(virtualService, edit.service)
  const foreign = listOf(route.route).find(({ destination }) => !leads(destination))
  const reason =
    foreign !== undefined
      ? `it also splits to another host, ${foreign.destination?.host}`
      : splitsPorts({ virtualService, service: edit.service, destinations }, edit.onlyPort)
        ? 'it splits between several ports'
        : undefined
  if (reason === undefined) return
  throw new CanaryError(
    'refused',
    `VirtualService ${namespaceOf(virtualService)}/${virtualService.metadata.name}, spec.${place}: its weights cannot be set, because ${reason}`,
    {
      hints: [
        foreign === undefined
          ? 'Give each port a route of its own, or set these weights by hand.'
          : 'Give the other host a route of its own, or set these weights by hand.',
      ],
    },
  )
}
