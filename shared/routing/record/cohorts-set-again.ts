import { isEqual } from '../../objects/content/equal.ts'
import type { WantedCohort } from '../wanted.ts'
import type { CohortRecord } from './record.ts'

/** The recorded time at which a cohort was set, if it is set again without a change; a changed cohort has a new time. */
export const sinceOf = (
  { to, share, when, until, reason }: WantedCohort,
  earlier: CohortRecord | undefined,
): Pick<CohortRecord, 'since'> =>
  earlier?.since !== undefined
  && isEqual(
    [to, share, when, until, reason],
    [earlier.to, earlier.share, earlier.when, earlier.until, earlier.reason],
  )
    ? { since: earlier.since }
    : {}

/** The name of the cohort of the same service that is recorded after one, which keeps its place when it is set again. */
export function cohortAfter(
  cohorts: readonly CohortRecord[],
  isIt: (record: CohortRecord) => boolean,
): string | undefined {
  const at = cohorts.findIndex(isIt)
  const service = cohorts[at]?.service
  return at < 0 ? undefined : cohorts.slice(at + 1).find(next => next.service === service)?.name
}
