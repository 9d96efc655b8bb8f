import { stableOf } from '../../../routing/record/stable.ts'
import { idOf } from '../../../routing/service.ts'
import type { Wanted } from '../../../routing/wanted.ts'
import type { RouteReading } from '../read/reading.ts'
import { backendsBefore } from '../read/record.ts'
import {
  basesIn,
  finished,
  forgetting,
  stableIn,
  withBackends,
  withRestore,
  type RouteDraft,
} from './route-draft.ts'

/** What is wanted of a service, and whether its routes are edited or something recorded on them only ends. */
export interface SettledTask {
  readonly reading: RouteReading
  readonly wanted: Wanted
  readonly scope: object | undefined
}

/**
 * The stable version, written down while a canary is on. One that was written down for a cohort alone goes with the
 * last cohort, and gives back what was there.
 */
export function settleStable(task: SettledTask, draft: RouteDraft): RouteDraft {
  const { reading, wanted, scope } = task
  const { view, service } = reading
  const isMirrorEnd = wanted.mirrors?.length === 0
  if (scope === undefined || isMirrorEnd) return lastCohortGone(task, draft)
  const { stable } = wanted
  if (wanted.split !== undefined) {
    const begun = stableIn(view, withoutBorrowed(draft, service), { service, stable })
    return stable === undefined ? forgotten(begun, service) : begun
  }
  if (stable === undefined || stableOf(draft.route, service) !== undefined) return draft
  if (!isOnCanary(draft, service)) return draft
  const noted = withRestore(draft, { stable: [...borrowedIn(draft), idOf(service)] })
  return stableIn(view, noted, { service, stable })
}

/** Whether a cohort or mirror of the service is on a route. */
const isOnCanary = (
  { record: { cohorts, restore } }: RouteDraft,
  service: RouteReading['service'],
): boolean =>
  cohorts.some(cohort => cohort.service === idOf(service))
  || Object.keys(restore?.mirrors?.[idOf(service)] ?? {}).length > 0

/** The services whose stable version is written down for a cohort alone. */
const borrowedIn = ({ record }: RouteDraft): readonly string[] => record.restore?.stable ?? []

const withoutBorrowed = (draft: RouteDraft, service: RouteReading['service']): RouteDraft =>
  withRestore(draft, { stable: borrowedIn(draft).filter(name => name !== idOf(service)) })

function lastCohortGone({ reading: { view, service } }: SettledTask, draft: RouteDraft): RouteDraft {
  if (isOnCanary(draft, service) || !borrowedIn(draft).includes(idOf(service))) return draft
  const back = basesIn(view, draft, service).flatMap(base => {
    const backendRefs = backendsBefore(finished(draft), service, base.key)
    return backendRefs === undefined ? [] : [{ base, backendRefs }]
  })
  const given = withBackends(withoutBorrowed(draft, service), service, back)
  return forgotten(stableIn(view, given, { service, stable: undefined }), service)
}

/** The end of a canary: there is nothing to put back any more. */
const forgotten = (draft: RouteDraft, service: RouteReading['service']): RouteDraft =>
  forgetting(forgetting(draft, service, 'backends'), service, 'only')
