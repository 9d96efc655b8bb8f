import { stableOf } from '../../../routing/record/stable.ts'
import { idOf } from '../../../routing/service.ts'
import type { Wanted } from '../../../routing/wanted.ts'
import type { ApisixReading } from '../read/reading.ts'
import { backendsBefore } from '../read/record.ts'
import {
  basesIn,
  finished,
  forgetting,
  stableIn,
  withBackends,
  withRestore,
  type ApisixDraft,
} from './route-draft.ts'

/** What is wanted of a service, and whether its routes are edited or something recorded on them only ends. */
export interface SettlingTask {
  readonly reading: ApisixReading
  readonly wanted: Wanted
  readonly scope: object | undefined
}

/**
 * The stable version, written down while a canary is on. One that was written down for a cohort alone goes with the
 * last cohort, and gives back what was there.
 */
export function settleStable(task: SettlingTask, draft: ApisixDraft): ApisixDraft {
  const { reading, wanted, scope } = task
  const { service } = reading
  if (scope === undefined) return lastCohortGone(reading, draft)
  const { stable } = wanted
  if (wanted.split !== undefined) {
    const begun = stableIn(reading, withoutBorrowed(draft, service), stable)
    return stable === undefined ? forgotten(begun, service) : begun
  }
  if (stable === undefined || stableOf(draft.route, service) !== undefined) return draft
  if (!isOnCanary(draft, service)) return draft
  const noted = withRestore(draft, { stable: [...borrowedIn(draft), idOf(service)] })
  return stableIn(reading, noted, stable)
}

/** Whether a cohort of the service is on a route. */
const isOnCanary = ({ record: { cohorts } }: ApisixDraft, service: ApisixReading['service']): boolean =>
  cohorts.some(cohort => cohort.service === idOf(service))

/** The services whose stable version is written down for a cohort alone. */
const borrowedIn = ({ record }: ApisixDraft): readonly string[] => record.restore?.stable ?? []

const withoutBorrowed = (draft: ApisixDraft, service: ApisixReading['service']): ApisixDraft =>
  withRestore(draft, { stable: borrowedIn(draft).filter(name => name !== idOf(service)) })

function lastCohortGone(reading: ApisixReading, draft: ApisixDraft): ApisixDraft {
  const { service } = reading
  if (isOnCanary(draft, service) || !borrowedIn(draft).includes(idOf(service))) return draft
  const back = basesIn(reading, draft).flatMap(base => {
    const backends = backendsBefore(finished(draft), service, base.key)
    return backends === undefined ? [] : [{ base, backends }]
  })
  const given = withBackends(withoutBorrowed(draft, service), service, back)
  return forgotten(stableIn(reading, given, undefined), service)
}

/** The end of a canary: there is nothing to put back any more. */
const forgotten = (draft: ApisixDraft, service: ApisixReading['service']): ApisixDraft =>
  forgetting(forgetting(draft, service, 'backends'), service, 'only')
