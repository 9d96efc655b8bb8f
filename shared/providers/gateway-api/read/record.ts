import type { BackendRef, ServiceRoute } from '../../../objects/gateway-api.ts'
import { fieldsOf, isFields, itemsOf, textsOf } from '../../../objects/unchecked.ts'
import { readRecord, unreadableRecord, type WrittenRecord } from '../../../routing/record/record.ts'
import { idOf, type RoutedService } from '../../../routing/service.ts'

/** What a canary changed besides its cohorts' rules, so that its end gives back what was there. */
export interface RouteRestore {
  /** Services whose stable version was written down for a cohort. */
  readonly stable?: readonly string[]
  /** By service: the backends that rules had before the canary, by the keys of the rules. */
  readonly backends?: Readonly<Record<string, Readonly<Record<string, readonly BackendRef[]>>>>
  /** By service: the keys of the rules that the canary is on, where a person chose them. */
  readonly only?: Readonly<Record<string, readonly string[]>>
  /** By service: the hosts to which a command mirrors, by the keys of the rules. */
  readonly mirrors?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
}

/** What we wrote down on a route. */
export type RouteRecord = WrittenRecord<RouteRestore>

/** What we wrote down on a route. Throws a CanaryError `unreadable` where somebody else has written over it. */
export function recordOf(route: ServiceRoute): RouteRecord {
  const record = readRecord<RouteRestore>(route)
  if (record !== undefined) return record
  throw unreadableRecord(route)
}

const restoreIn = (route: ServiceRoute): RouteRestore => readRecord<RouteRestore>(route)?.restore ?? {}

/** The keys of the rules that a canary is on where a person chose them; undefined where it is on all. */
export function chosenIn(route: ServiceRoute, service: RoutedService): readonly string[] | undefined {
  const found = fieldsOf(restoreIn(route).only)[idOf(service)]
  return Array.isArray(found) ? textsOf(found) : undefined
}

/** The backends that a rule had before the canary; undefined where they were not changed. */
export function backendsBefore(
  route: ServiceRoute,
  service: RoutedService,
  key: string,
): readonly BackendRef[] | undefined {
  const found = fieldsOf(fieldsOf(restoreIn(route).backends)[idOf(service)])[key]
  return Array.isArray(found)
    ? itemsOf(found).filter((item): item is BackendRef => isFields(item))
    : undefined
}

/** The hosts that rules of a service mirror to by a command, by the keys of the rules. */
export const mirrorsIn = (
  route: ServiceRoute,
  service: RoutedService,
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(fieldsOf(fieldsOf(restoreIn(route).mirrors)[idOf(service)])).map(([key, hosts]) => [
      key,
      textsOf(hosts),
    ]),
  )
