import { CanaryError } from '../objects/canary-error.ts'
import { providers as allProviders } from '../providers/providers.ts'
import { digitsOf } from '../objects/text/bucket-regex.ts'
import type { Note } from '../routing/note.ts'
import { defaultCondition } from '../routing/condition.ts'
import { type ServiceReading } from '../routing/provider.ts'
import type { RouteChoice, WantedCohort } from '../routing/wanted.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import type { ServiceVersion } from '../routing/service.ts'
import { editOrOffer, leftOutNotes, requireOneCanary } from './find/choose-routes.ts'
import { findService, readFound } from './find/find-service.ts'
import { findStable } from './find/find-stable.ts'
import { findVersion } from './find/find-version.ts'
import { requireOneApplication } from './other-applications.ts'
import { finish } from './finish/finish.ts'
import { unreachedNotes } from './finish/unreached-cohorts.ts'
import { purposeOf, type CohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/**
 * A named group of requests goes to one version, at every route to the service; the rest keeps its routes.
 * Throws a CanaryError where that cannot be.
 */
export function planCohort(given: ClusterView, intent: CohortIntent, providers = allProviders): Plan {
  const { target, name } = intent
  const world = { view: inSession(given), providers }
  const found = findService(world, target, { version: intent.to, routed: true })
  const { provider, service } = found
  refuseOwnedService(world.view, found, 'cohort')
  if (provider.takesQueryAsWritten === true) requireAsWritten(intent)
  const reading = readFound(world, found, target)
  const to = findVersion(reading, intent.to, { target })
  const purpose = purposeOf(intent, {
    needs: 'cohorts',
    reading,
    canaries: [to],
    isWhole: provider.byPods?.(reading) === 'selected',
  })
  const routes = provider.editable(reading, purpose)
  const withChoice = (choice: RouteChoice) => planCohort(given, { ...intent, choice }, providers)
  const question = { ...intent, service: service.name, routes, withChoice }
  // A canary that is under way was allowed when it began, and a cohort changes no share.
  if (routes.stable.length === 0) requireOneCanary(question)
  requireOneApplication(question, { versions: reading.versions, to: [to] })
  const stable = findStable({ reading, routes, said: intent.stable, canaries: [to], target })
  requireRest(intent, to, stable)
  const { cohorts } = reading.canary
  const before = cohortAfter(reading, intent)
  const cohort = cohortOf(
    intent,
    to.name,
    cohorts.find(each => each.name === name),
  )
  const edit = editOrOffer(question, () =>
    provider.edit(
      reading,
      {
        stable: stable.name,
        cohorts: [...cohorts.filter(each => each.name !== name), cohort],
        renewed: name,
        before,
      },
      purpose,
    ),
  )
  const plan = finish(provider, reading, {
    ...edit,
    notes: [...leftOutNotes(routes), ...bucketNotes(intent), ...edit.notes],
    title: `cohort ${name} → ${to.name}${intent.share === undefined ? '' : ` ${intent.share} %`}`,
    receivers: { ...intent, versions: [to] },
  })
  return { ...plan, notes: [...plan.notes, ...unreachedNotes(plan.traffic!, intent)] }
}

/**
 * The cohort that it is moved before; none where it is before that one already. Throws a CanaryError `not-found`
 * where that one is not there.
 */
function cohortAfter(
  { service, canary: { cohorts } }: ServiceReading,
  { name, before }: CohortIntent,
): string | undefined {
  if (before === undefined) return undefined
  const names = cohorts.map(cohort => cohort.name)
  const [own, other] = [names.indexOf(name), names.indexOf(before)]
  if (other >= 0) return own >= 0 && own < other ? undefined : before
  throw new CanaryError('not-found', `${service.name} has no cohort ${before}`, {
    hints: [names.length === 0 ? 'Leave out --before.' : `Existing cohorts: ${names.join(', ')}.`],
  })
}

/** Throws a CanaryError `usage` for a query parameter that no URL has, as it would have to be encoded. */
function requireAsWritten({ conditions }: CohortIntent): void {
  for (const condition of conditions) {
    if (condition.on !== 'query') continue
    const { name, match } = condition
    const value = match.exact ?? match.prefix ?? ''
    if (!/[\s&#]/.test(name + value)) continue
    const encoded = `${inUrl(name)}${match.prefix === undefined ? '' : ':prefix'}=${inUrl(value)}`
    throw new CanaryError('usage', `no URL has the query parameter ${name}=${value} without encoding it`, {
      hints: [`It is compared as the URL has it. Write it like that: --query '${encoded}'`],
    })
  }
}

const inUrl = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27')

/** What a share by the digits of a header does not say. */
const bucketNotes = ({ conditions }: CohortIntent): readonly Note[] =>
  conditions.flatMap(condition =>
    condition.on === 'bucket'
      ? [
          {
            kind: 'bucket-limits',
            header: condition.name,
            digits: condition.digits,
            count: digitsOf(condition),
          } as const,
        ]
      : [],
  )

/** Throws a CanaryError `usage` where a cohort is to be split between a version and that version. */
function requireRest({ share }: CohortIntent, to: ServiceVersion, stable: ServiceVersion): void {
  if (share === undefined || to !== stable) return
  throw new CanaryError('usage', `${to.name} is stable, so the rest of the cohort goes there, too`, {
    hints: [`Write --to ${to.name} for all of it, or name another version.`],
  })
}

/** The cohort as it is wanted. An earlier one keeps what is not given again: conditions as a whole, end, reason. */
function cohortOf(
  { name, share, conditions, since, until, reason }: CohortIntent,
  to: string,
  earlier: WantedCohort | undefined,
): WantedCohort {
  const end = untilOf(until, earlier?.until)
  const why = reason ?? earlier?.reason
  return {
    name,
    to,
    ...(share !== undefined && { share }),
    when: conditions.length > 0 ? conditions : (earlier?.when ?? [defaultCondition(name)]),
    since,
    ...(end && { until: end }),
    ...(why && { reason: why }),
  }
}

/**
 * The end to record. One within a minute of the recorded end is the same: it was given again as a span from
 * now.
 */
function untilOf(until: string | undefined, recorded: string | undefined): string | undefined {
  if (until === undefined || recorded === undefined) return until ?? recorded
  return Math.abs(Date.parse(recorded) - Date.parse(until)) <= 60_000 ? recorded : until
}
