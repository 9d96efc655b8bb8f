import { isEqual } from '../../../objects/content/equal.ts'
import type { VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import { placedBases } from '../read/record/keyed-bases.ts'
import { recordOf } from '../read/record/record.ts'
import { removedDestinations } from '../read/record/removed-destinations.ts'
import { stickyIn } from '../read/record/sticky.ts'
import { destinationsTo, idOf, leadsTo, type RoutedService } from '../read/routed-service.ts'
import { targetIn } from '../read/version-target.ts'
import { copyAt, leadsToVersion, type VersionDestinations } from './destinations.ts'
import { withCookie } from './sticky.ts'

/**
 * Writes down, in an object whose split was set, the destinations that it removed and that a copy of those that are left
 * may not equal, so that a version that comes back has its own settings.
 */
export function noteRemoved(
  split: VirtualService,
  before: VirtualService,
  service: RoutedService,
): VirtualService {
  const [leads, known] = [leadsTo(split, service), removedDestinations(before, service)]
  const gone = stickyIn(before, service)?.cookie
  const left = new Map(placedBases(split, service).map(({ route, place }) => [place, route]))
  const noted = placedBases(before, service).flatMap(({ route, place }) => {
    const destinations = destinationsTo(left.get(place), leads)
    if (destinations.length === 0) return []
    const now = { virtualService: split, service, destinations, removed: [] }
    const earlier = destinationsTo(route, leads).map(({ weight: _, ...each }) => withCookie(each, { gone }))
    const isOlder = (each: WeightedDestination): boolean => !earlier.some(isSameVersion(now, each))
    const away = [...known(route).filter(isOlder), ...earlier].filter(each => isWorthNoting(now, each))
    return away.length === 0 ? [] : [[place, away] as const]
  })
  return withRemoved(split, service, Object.fromEntries(noted))
}

/** Forgets the destinations that splits removed: the canary is over. */
export const forgetRemoved = (virtualService: VirtualService, service: RoutedService): VirtualService =>
  withRemoved(virtualService, service, {})

function withRemoved(
  virtualService: VirtualService,
  service: RoutedService,
  noted: Readonly<Record<string, readonly WeightedDestination[]>>,
): VirtualService {
  const record = recordOf(virtualService)
  const { [idOf(service)]: known, ...others } = record.restore?.removed ?? {}
  if (known === undefined && Object.keys(noted).length === 0) return virtualService
  const removed = Object.keys(noted).length === 0 ? others : { ...others, [idOf(service)]: noted }
  return withRecord(virtualService, { ...record, restore: { ...record.restore, removed } })
}

/** Whether a destination left the route, and has settings or is written otherwise than a copy would be. */
function isWorthNoting(now: VersionDestinations, { weight: _, ...each }: WeightedDestination): boolean {
  if (now.destinations.some(isSameVersion(now, each))) return false
  const target = targetIn(now.virtualService, now.service)(each.destination)
  return Object.keys(each).length > 1 || !isEqual(copyAt(now, target).destination, each.destination)
}

/** Whether another destination leads to the same version. */
const isSameVersion = (
  where: VersionDestinations,
  { destination }: WeightedDestination,
): ((other: WeightedDestination) => boolean) => {
  const leads = leadsToVersion(where, targetIn(where.virtualService, where.service)(destination))
  return other => leads(other.destination)
}
