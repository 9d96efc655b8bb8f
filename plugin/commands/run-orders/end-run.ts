import type { Intent } from '../../edit/intent.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { meshApiOf } from '../../../shared/plan/find/foreign-routes.ts'
import type { PlanTraffic } from '../../../shared/plan/plan.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import { isSameApi, kindsOf, objectsOf, trafficPrint } from '../../../shared/rollout/traffic-print.ts'
import type { RunStore } from '../../../shared/view/runs/run-store.ts'

/** The edit that was made, and when; or a dry run of it. */
interface MadeEdit {
  readonly intent: Intent
  readonly now: Date
  readonly isDryRun?: boolean
  /** The routing API that was chosen for it. */
  readonly provider?: string | undefined
}

/**
 * Tells a run in progress of an edit of its routes: promotion and abort end it as such, whether a process works on it or
 * not; any other edit stops it, which its process finds out. Gives what the person should know, of a dry run too, which
 * writes nothing. Fails never: the edit is made.
 */
export async function endRun(
  runs: RunStore,
  { after }: PlanTraffic,
  edit: MadeEdit,
): Promise<readonly string[]> {
  for (let attempt = 1; attempt <= attempts; attempt++)
    try {
      return await endOnce(runs, after, edit)
    } catch (error) {
      if (!(error instanceof CanaryError)) return []
      if (error.code === 'unreadable') return [error.message, ...error.hints.slice(0, 1)]
      if (error.code !== 'conflict') return []
    }
  return []
}

/** Its process writes now and then, too. */
const attempts = 8

async function endOnce(
  runs: RunStore,
  after: PlanTraffic['after'],
  { intent, now, isDryRun = false, provider }: MadeEdit,
): Promise<readonly string[]> {
  const run = await runs.get(after)
  if (run === undefined) return []
  const record = recordIn(run)
  if (isOver(record.state)) return []
  // An abort ends a run whose first step is not made yet, too.
  if (intent.kind !== 'abort' && trafficPrint(after) === record.state.print) return []
  if (isBeside(record, after, provider)) return besideOf(record, intent)
  const status = endOfRun(record, intent)
  if (isDryRun)
    return [`${stepOf(record)} is ${presentOf(record)}; this edit would ${foreseenFor(record, status)}`]
  if (status === undefined) return [`${stepOf(record)} is ${presentOf(record)}; this edit ${stopFor(record)}`]
  const by = await runs.me()
  const why = `${by ?? 'somebody'} ${status === 'promoted' ? 'promoted it' : 'sent everything back to stable'}`
  const state: RolloutState = { ...record.state, status, why, ended: now.toISOString() }
  await runs.replace(run, { text: formatRecord({ ...record, state }) })
  return [`${stepOf(record)} is over`]
}

const stepOf = ({ service, version, state, plan }: RolloutRecord): string =>
  `the run of ${service} (${version}, step ${state.stage + 1} of ${plan.stages.length})`

/** Whether an edit changes the routes of another API than the run, because one was chosen for either. */
const isBeside = (
  { provider, state: { print = '[]' } }: RolloutRecord,
  after: PlanTraffic['after'],
  chosen: string | undefined,
): boolean => (provider ?? chosen) !== undefined && !isSameApi(print, after)

/** What is to be known of a run that changes the routes of another API than the edit. */
function besideOf(record: RolloutRecord, { kind }: Intent): readonly string[] {
  const print = record.state.print ?? '[]'
  const objects = objectsOf(print).join(', ')
  // The routing API that was typed for the edit is another one.
  const provider = record.provider ?? meshApiOf(kindsOf(print))
  const says = `${stepOf(record)} is ${presentOf(record)}; it routes by ${objects}, which this edit does not change`
  return [
    kind === 'abort'
      ? `${says}\n  To abort it: kubectl canary abort ${routesOfRun({ ...record, ...(provider !== undefined && { provider }) })}`
      : says,
  ]
}

const presentOf = ({ state: { paused } }: RolloutRecord): string =>
  paused === undefined ? 'in progress' : 'paused'

/** A run that is paused looks at its routes when it is resumed. */
const stopFor = ({ state: { paused } }: RolloutRecord): string =>
  paused === undefined
    ? 'stops it, and the routes stay as they are now'
    : 'keeps it from continuing until it is taken back'

const foreseenFor = (
  { state: { paused } }: RolloutRecord,
  status: RolloutState['status'] | undefined,
): string =>
  status !== undefined
    ? 'end it'
    : paused === undefined
      ? 'stop it'
      : 'keep it from continuing until it is taken back'

function endOfRun({ version }: RolloutRecord, intent: Intent): 'promoted' | 'aborted' | undefined {
  if (intent.kind === 'abort') return 'aborted'
  return intent.kind === 'promote' && intent.version === version ? 'promoted' : undefined
}
