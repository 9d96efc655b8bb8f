import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { variablesIn } from '../../../shared/objects/text/kept-url.ts'
import type { RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { refusal } from '../../print/findings.ts'
import { formatRunNotes } from '../../print/run/run-notes.ts'
import { foreseen, recordOf, type Delivery } from '../../run/begin.ts'
import { refusedPromotion } from '../../run/steps/foreseen-promotion.ts'
import { unsetIn } from '../../run/post.ts'
import { readService, type RunWorld } from '../../run/routes.ts'
import { readingOnce } from '../../read/stores/with-read.ts'
import type { Session } from '../../session.ts'
import { lacking } from '../lacking.ts'
import { requireSources } from './metric-sources.ts'
import { planOf, type RunFlags } from './run-flags.ts'

/** What was named before the flags. */
export interface RunTarget {
  readonly service?: string
  readonly version: string | undefined
}

/** A run as it was typed. */
export interface AskedRun {
  readonly target: RunTarget
  readonly flags: RunFlags
}

/** A run that can be begun, and how its service is read. */
export interface StartableRun {
  readonly record: RolloutRecord
  readonly reading: ServiceReading
}

/**
 * The record of a run that has not begun, after all that can be checked before anything is written. Throws a CanaryError
 * where it would be refused.
 */
export async function checkedRun(
  session: Session,
  { world: live, finder }: { readonly world: RunWorld; readonly finder: PrometheusFinder },
  asked: AskedRun,
): Promise<StartableRun> {
  const world = { ...live, store: readingOnce(live.store) }
  const delivery = await deliveryOf(session, asked)
  const first = await foreseen(world, delivery)
  if (first.refused.length > 0) throw refusal(first.refused, { offersForce: false })
  session.noteOnce(formatRunNotes(first.plan.notes))
  const record = await recordOf(world, delivery, first.plan.traffic!)
  const refused = await refusedPromotion(world, record)
  if (refused !== undefined)
    session.noteOnce([
      `the promotion would be refused as things are: ${refused.message}. ${refused.hints[0] ?? ''}`.trim(),
    ])
  const reading = await readService(world, record)
  await requireSources({ finder, jobs: world.store.jobs }, reading, record)
  return { record, reading }
}

async function deliveryOf(
  session: Session,
  { target: { service, version }, flags }: AskedRun,
): Promise<Delivery> {
  if (version === undefined)
    throw await lacking(session, {
      message: 'no version is given',
      service,
      words: (name, one) => ['run', name, one],
      example: ['catalog', 'v2'],
    })
  const { namespace, writing, provider } = session.flags
  const plan = await planOf(flags)
  checkVariables(session, flags, plan)
  return {
    service,
    namespace,
    version,
    stable: flags.stable,
    plan,
    command: `kubectl canary ${session.typed.command}`,
    serviceAt: session.typed.serviceAt,
    reason: writing.reason,
    key: flags.continue,
    provider,
    force: flags.force === true,
  }
}

/**
 * Throws `usage` where a URL of the plan names an environment variable that is not set. For a Job it only notes the names:
 * the variables are those of its pod.
 */
function checkVariables(session: Session, flags: RunFlags, { gates, hooks, metrics }: RolloutPlan): void {
  const urls = [
    ...gates,
    ...hooks.map(({ url }) => url),
    ...metrics.flatMap(({ source }) => (source.kind === 'webhook' ? [source.url] : [])),
  ]
  if (flags.asJob === true) {
    const names = [...new Set(urls.flatMap(variablesIn))]
    if (names.length > 0)
      session.noteOnce([
        `the pod of the Job needs the environment variables ${names.join(', ')}: add them to it`,
      ])
    return
  }
  const unset = urls.map(url => unsetIn(url, session.streams.env)).find(name => name !== undefined)
  if (unset === undefined) return
  throw new CanaryError(
    'usage',
    `a URL of the plan names the environment variable ${unset}, which is not set`,
    {
      hints: [`Set it: export ${unset}=…`],
    },
  )
}
