import { knownCohorts, type KnownCohort } from '../../../shared/plan/find/leftover.ts'
import { isExpired } from '../../../shared/plan/together/plan-expired.ts'
import { readers } from '../../../shared/providers/readers.ts'
import type { RecordedCohort, RoutingReader } from '../../../shared/routing/provider.ts'
import type { CohortRoute, Traffic } from '../../../shared/routing/traffic.ts'
import type { ChangeSummary, HistoryStore } from '../../../shared/view/history.ts'
import type { ListedCohort } from '../../print/services/cohorts.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'

/** Which cohorts are listed, besides those of the services that are shown. */
export interface CohortQuestion {
  readonly now: Date
  /** Only those of the services that are shown, because they were chosen. */
  readonly chosen: boolean
  readonly providers?: readonly RoutingReader[] | undefined
  readonly history?: HistoryStore | undefined
}

/** The cohorts that are listed, and whether it could be read who set them. */
export interface ListedCohorts {
  readonly cohorts: readonly ListedCohort[]
  readonly withOwners: boolean
}

/**
 * The cohorts of the services that are shown, each once, and those that are recorded of others: of a Service that is
 * gone, or that no route leads to any more.
 */
export async function listedCohorts(
  { services, view, namespace, live }: ShownServices,
  { now, chosen, providers = readers, history }: CohortQuestion,
): Promise<ListedCohorts> {
  const known = knownCohorts(view, { namespace: chosen ? '*' : namespace, live }, providers)
  const leftovers = new Map(
    known.map(({ record, leftover }) => [keyOf(record.routed, record), leftover] as const),
  )
  const carried = services.flatMap(({ traffic }) => cohortsOf(traffic))
  const seen = new Set(carried.map(cohort => keyOf({ ...cohort, name: cohort.service }, cohort)))
  const all = [
    ...carried,
    ...(chosen ? [] : known.filter(({ record }) => !seen.has(keyOf(record.routed, record))).map(unseen)),
  ]
  const { changes = [], missing } = (await history?.list({ namespace })) ?? {}
  return {
    withOwners: history !== undefined && missing === undefined,
    cohorts: all.map(cohort => {
      const owner = ownerOf(cohort, changes)
      const leftover = leftovers.get(keyOf({ ...cohort, name: cohort.service }, cohort))
      return {
        ...cohort,
        ...(owner !== undefined && { owner }),
        expired: isExpired(cohort, now.getTime()),
        ...(leftover !== undefined && { leftover }),
      }
    }),
  }
}

const keyOf = (
  service: { readonly name: string; readonly namespace: string },
  { name, to }: { readonly name: string; readonly to: string },
): string => `${service.namespace}/${service.name} ${name} ${to}`

type ServiceCohort = CohortRoute & { readonly service: string; readonly namespace: string }

/** The cohorts of a service, each once. */
function cohortsOf({ service, namespace, entryPoints }: Traffic): readonly ServiceCohort[] {
  const all = entryPoints.flatMap(({ cohorts }) => cohorts)
  return [
    ...new Map(
      all.map(cohort => [`${cohort.name} ${cohort.to}`, { service, namespace, ...cohort }]),
    ).values(),
  ]
}

/** A cohort of a service that is not shown. */
function unseen({ record }: KnownCohort): ServiceCohort {
  const { routed, name, to, when, since, until, reason }: RecordedCohort = record
  return {
    service: routed.name,
    namespace: routed.namespace,
    name,
    to,
    conditions: when,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(reason !== undefined && { reason }),
    reached: false,
    uncovered: [],
  }
}

/** A record is written within this many milliseconds after the time that the cohort has in its own record. */
const longest = 10_000

/** Who set a cohort: whoever made the change of its service at that time that was about it. */
function ownerOf(
  { service, namespace, name, since }: ServiceCohort,
  changes: readonly ChangeSummary[],
): string | undefined {
  const begin = Date.parse(since ?? '')
  return changes.find(change => {
    const later = Date.parse(change.at) - begin
    return (
      change.service === service
      && change.namespace === namespace
      && later > -1000
      && later < longest
      && (change.title.startsWith(`cohort ${name} →`) || change.title.startsWith('init '))
    )
  })?.by
}
