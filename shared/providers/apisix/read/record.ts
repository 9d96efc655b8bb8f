import type { ApisixBackend, ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { fieldsOf, isFields, itemsOf, textsOf } from '../../../objects/unchecked.ts'
import { readRecord, unreadableRecord, type WrittenRecord } from '../../../routing/record/record.ts'
import { idOf, type RoutedService } from '../../../routing/service.ts'

/** What a canary changed besides its cohorts' rules, so that its end gives back what was there. */
export interface ApisixRestore {
  /** Services whose stable version was written down for a cohort. */
  readonly stable?: readonly string[]
  /** By service: the backends that rules had before the canary, by the names of the rules. */
  readonly backends?: Readonly<Record<string, Readonly<Record<string, readonly ApisixBackend[]>>>>
  /** By service: the names of the rules that the canary is on, where a person chose them. */
  readonly only?: Readonly<Record<string, readonly string[]>>
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
}

/** What we wrote down on a route. */
export type ApisixRecord = WrittenRecord<ApisixRestore>

/** What we wrote down on a route. Throws a CanaryError `unreadable` where somebody else has written over it. */
export function recordOf(route: ApisixRoute): ApisixRecord {
  const record = readRecord<ApisixRestore>(route)
  if (record !== undefined) return record
  throw unreadableRecord(route)
}

const restoreIn = (route: ApisixRoute): ApisixRestore => readRecord<ApisixRestore>(route)?.restore ?? {}

/** The names of the rules that a canary is on where a person chose them; undefined where it is on all. */
export function chosenIn(route: ApisixRoute, service: RoutedService): readonly string[] | undefined {
  const found = fieldsOf(restoreIn(route).only)[idOf(service)]
  return Array.isArray(found) ? textsOf(found) : undefined
}

/** The backends that a rule had before the canary; undefined where they were not changed. */
export function backendsBefore(
  route: ApisixRoute,
  service: RoutedService,
  key: string,
): readonly ApisixBackend[] | undefined {
  const found = fieldsOf(fieldsOf(restoreIn(route).backends)[idOf(service)])[key]
  return Array.isArray(found)
    ? itemsOf(found).filter((item): item is ApisixBackend => isFields(item))
    : undefined
}
