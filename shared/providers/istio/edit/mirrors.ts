import { isEqual } from '../../../objects/content/equal.ts'
import type { HttpRoute, VirtualService } from '../../../objects/virtual-service.ts'
import { keyedBases } from '../read/record/keyed-bases.ts'
import { targetIn, type VersionTarget } from '../read/version-target.ts'
import { destinationAt } from './destinations.ts'
import { hasMirrors, mirrorKeyIn, writtenRoutes } from '../read/record/mirrored-routes.ts'
import { removedDestinations } from '../read/record/removed-destinations.ts'
import { recordOf, type MirroredRoute } from '../read/record/record.ts'
import { askedBy } from '../read/record/route-keys.ts'
import { destinationsTo, idOf, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'
import { mirrorItems, percentOf } from '../read/routes/mirrors.ts'
import { withOurs, withoutMirrors, withoutOurs, type MirrorPart } from './mirrored-route.ts'
import { withRecord } from '../../../routing/record/write-record.ts'

/** The changes of the mirrors of a service's base routes in one VirtualService. */
export interface MirrorEdit {
  /** The mirrors of ours that a route is to have, by its key (see routeKeys); `now` are those that it has. */
  readonly partsOf: (key: string, now: readonly MirrorPart[], route: HttpRoute) => readonly MirrorPart[]
  /** Which mirrors go though they were written by hand. */
  readonly isGone?: (target: VersionTarget, route: HttpRoute) => boolean
  /** Write lists only (see MirrorForm). */
  readonly asList?: boolean | undefined
}

/** Sets the mirrors of ours on every base route of the service, and writes down what was there by hand. */
export function setMirrors(
  virtualService: VirtualService,
  service: RoutedService,
  { partsOf, isGone, asList = false }: MirrorEdit,
): VirtualService {
  const leads = leadsTo(virtualService, service)
  const keyOf = mirrorKeyIn(virtualService, service)
  const target = targetIn(virtualService, service)
  const known = writtenRoutes(virtualService, service)
  const removed = removedDestinations(virtualService, service)
  const entries: (readonly [string, MirroredRoute])[] = []
  const turned = new Map<HttpRoute, HttpRoute>()
  for (const [key, route] of keyedBases(virtualService, service)) {
    const entry = known.get(route)
    const bare = entry === undefined ? route : withoutOurs(route, entry, keyOf)
    const hand =
      isGone === undefined ? bare : withoutMirrors(bare, to => leads(to) && isGone(target(to), route))
    const led = {
      virtualService,
      service,
      destinations: destinationsTo(route, leads),
      removed: removed(route),
    }
    const form = { keyOf, asList, destinationFor: (to: VersionTarget) => destinationAt(led, to).destination }
    const now = mirrorItems(route).flatMap(item =>
      entry?.subsets.includes(keyOf(item.destination) ?? '') === true
        ? [{ target: target(item.destination), percent: percentOf(item) }]
        : [],
    )
    const made = withOurs(hand, partsOf(key, now, route), form)
    const isSame = isEqual(made.route, route)
    turned.set(route, isSame ? route : made.route)
    if (made.written === undefined) continue
    const { subsets, ...before } = made.written
    const asks = route.name === undefined ? {} : { asks: askedBy(route) }
    const keeps = isSame && entry !== undefined && isEqual(entry.before, made.written.before)
    entries.push([key, keeps ? entry : { subsets, ...asks, ...before }])
  }
  return withEntries(withRoutes(virtualService, turned), service, entries)
}

/** Takes the mirrors of ours away; what was written by hand is as it was. */
export const dropMirrors = (virtualService: VirtualService, service: RoutedService): VirtualService =>
  setMirrors(virtualService, service, { partsOf: () => [] })

/**
 * Removes the shadow traffic of the service's own routes to the versions for which the test holds, of ours and by
 * hand; other mirrors stay, also those by which another service's requests are copied.
 */
export const removeMirrors = (
  virtualService: VirtualService,
  service: RoutedService,
  isGone: (target: VersionTarget, route: HttpRoute) => boolean,
): VirtualService =>
  setMirrors(virtualService, service, {
    partsOf: (_, now, route) => now.filter(({ target }) => !isGone(target, route)),
    isGone,
  })

function withRoutes(
  virtualService: VirtualService,
  turned: ReadonlyMap<HttpRoute, HttpRoute>,
): VirtualService {
  const routes = listOf(virtualService.spec.http)
  const http = routes.map(route => turned.get(route) ?? route)
  return http.every((route, i) => route === routes[i])
    ? virtualService
    : { ...virtualService, spec: { ...virtualService.spec, http } }
}

function withEntries(
  virtualService: VirtualService,
  service: RoutedService,
  entries: readonly (readonly [string, MirroredRoute])[],
): VirtualService {
  if (entries.length === 0 && !hasMirrors(virtualService, service)) return virtualService
  const record = recordOf(virtualService)
  const { [idOf(service)]: _, ...others } = record.restore?.mirrors ?? {}
  const mirrors = entries.length === 0 ? others : { ...others, [idOf(service)]: Object.fromEntries(entries) }
  return withRecord(virtualService, { ...record, restore: { ...record.restore, mirrors } })
}
