import type { VirtualService } from '../../../objects/virtual-service.ts'
import { baseRouteTest, toSubset } from './cohort.ts'
import { withRecord } from './record.ts'
import { recordOf } from '../read/record.ts'
import { destinationsTo, idOf, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'

/**
 * Turns the base routes that lead to the service as a whole to its stable subset, because a cohort leaves "everyone else" only if
 * everyone else has a version. Which routes they were is written down, so that they are as before when the last cohort has gone.
 */
export function pinToStable(
  virtualService: VirtualService,
  service: RoutedService,
  subset: string,
): VirtualService {
  const routes = eachBase(virtualService, service).flatMap((route, i) =>
    listOf(route.route).length === 1 && route.route?.[0]?.destination.subset === undefined ? [i] : [],
  )
  if (routes.length === 0) return virtualService
  const record = recordOf(virtualService)
  const before = record.restore?.pinned?.[idOf(service)]
  const pinned = {
    ...record.restore?.pinned,
    [idOf(service)]: { subset, routes: [...new Set([...(before?.routes ?? []), ...routes])] },
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
  const bases = eachBase(virtualService, service)
  const routes = pin.routes.filter(
    i => bases[i]?.route?.length === 1 && bases[i].route[0]?.destination.subset === pin.subset,
  )
  return forgetPin(turn(virtualService, service, { routes, subset: undefined }), service)
}

/** From now on the routes stay where they lead: another edit has taken them over. */
export function forgetPin(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  if (record.restore?.pinned?.[idOf(service)] === undefined) return virtualService
  const { [idOf(service)]: _, ...pinned } = record.restore.pinned
  return withRecord(virtualService, { ...record, restore: { ...record.restore, pinned } })
}

const eachBase = (virtualService: VirtualService, service: RoutedService) =>
  listOf(virtualService.spec.http).filter(baseRouteTest(virtualService, service))

function turn(
  virtualService: VirtualService,
  service: RoutedService,
  { routes, subset }: { readonly routes: readonly number[]; readonly subset: string | undefined },
): VirtualService {
  const bases = eachBase(virtualService, service)
  const chosen = new Set(routes.map(i => bases[i]))
  const leads = leadsTo(virtualService, service)
  const http = listOf(virtualService.spec.http).map(route => {
    if (!chosen.has(route)) return route
    const [only] = destinationsTo(route, leads)
    if (only === undefined) return route
    const { subset: _, ...destination } = only.destination
    return {
      ...route,
      route: [
        subset === undefined
          ? { ...only, destination }
          : { ...toSubset(only, subset), ...(only.weight === undefined ? {} : { weight: only.weight }) },
      ],
    }
  })
  return { ...virtualService, spec: { ...virtualService.spec, http } }
}
