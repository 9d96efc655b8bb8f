import type { Destination, VirtualService } from '../../../objects/virtual-service.ts'
import { keyedBases, keyNow } from '../read/record/keyed-bases.ts'
import { askedBy } from '../read/record/route-keys.ts'
import { recordOf } from '../read/record/record.ts'
import { destinationsTo, idOf, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import { isSameTarget, targetIn, type VersionTarget } from '../read/version-target.ts'
import type { RouteTest } from './split.ts'

/**
 * Turns the base routes that lead to the service as a whole to its stable subset, because a cohort leaves
 * "everyone else" only if
 * everyone else has a version. Which routes they were is written down, so that they are as before when the
 * last cohort has gone.
 */
export function pinToStable(
  virtualService: VirtualService,
  service: RoutedService,
  { stable, isOn }: { readonly stable: VersionTarget; readonly isOn?: RouteTest | undefined },
): VirtualService {
  const { host, subset } = stable
  // A version that is a Service of its own is named by its host alone.
  if (host !== undefined || subset === undefined) return virtualService
  const keys = keyedBases(virtualService, service)
  const target = targetIn(virtualService, service)
  const leadsToAny = (destination?: Destination): boolean =>
    destination !== undefined && isSameTarget(target(destination), {})
  const routes = [...keys].flatMap(([key, base]) =>
    listOf(base.route).length === 1
    && leadsToAny(base.route?.[0]?.destination)
    && isOn?.('http', base) !== false
      ? [key]
      : [],
  )
  if (routes.length === 0) return virtualService
  const record = recordOf(virtualService)
  const before = record.restore?.pinned?.[idOf(service)]
  const named = routes.flatMap(key => {
    const route = keys.get(key)!
    return route.name === undefined ? [] : [[key, askedBy(route)] as const]
  })
  const asks = { ...before?.asks, ...Object.fromEntries(named) }
  const pinned = {
    ...record.restore?.pinned,
    [idOf(service)]: {
      subset,
      routes: [...new Set([...(before?.routes ?? []), ...routes])],
      ...(Object.keys(asks).length === 0 ? {} : { asks }),
    },
  }
  return withRecord(turn(virtualService, service, { routes, subset }), {
    ...record,
    restore: { ...record.restore, pinned },
  })
}

/** Puts the pinned routes back as they were, those that nobody has changed since. */
export function unpin(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  const pin = record.restore?.pinned?.[idOf(service)]
  if (pin === undefined) return virtualService
  const bases = keyedBases(virtualService, service)
  const there = pin.routes.flatMap(key => keyNow(bases, key, pin) ?? [])
  const routes = there.filter(key => {
    const destinations = bases.get(key)?.route
    return destinations?.length === 1 && destinations[0]?.destination.subset === pin.subset
  })
  return forgetPin(turn(virtualService, service, { routes, subset: undefined }), service)
}

/**
 * Forgets what the routes were before: another edit has changed them, so removing the last cohort leaves them
 * as they are.
 */
export function forgetPin(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  if (record.restore?.pinned?.[idOf(service)] === undefined) return virtualService
  const { [idOf(service)]: _, ...pinned } = record.restore.pinned
  return withRecord(virtualService, { ...record, restore: { ...record.restore, pinned } })
}

function turn(
  virtualService: VirtualService,
  service: RoutedService,
  { routes, subset }: { readonly routes: readonly string[]; readonly subset: string | undefined },
): VirtualService {
  const bases = keyedBases(virtualService, service)
  const chosen = new Set(routes.map(key => bases.get(key)))
  const leads = leadsTo(virtualService, service)
  const http = listOf(virtualService.spec.http).map(route => {
    if (!chosen.has(route)) return route
    const [only] = destinationsTo(route, leads)
    if (only === undefined) return route
    const { subset: _, ...destination } = only.destination
    const turned =
      subset === undefined
        ? { ...only, destination }
        : { ...only, destination: { ...only.destination, subset } }
    return { ...route, route: [turned] }
  })
  return { ...virtualService, spec: { ...virtualService.spec, http } }
}
