import type { Intent } from '../../edit/intent.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { PlanTraffic } from '../../../shared/plan/plan.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { trafficPrint } from '../../../shared/rollout/traffic-print.ts'
import type { RunStore } from '../../../shared/view/runs/run-store.ts'

/** The edit that was made, and when. */
interface MadeEdit {
  readonly intent: Intent
  readonly now: Date
}

/**
 * Tells a run in progress of an edit of its routes: promotion and abort end it as such, whether a process works on it or
 * not; any other edit stops it, which its process finds out. Gives what the person should know. Fails never: the edit is
 * made.
 */
export async function endRun(
  runs: RunStore,
  { after }: PlanTraffic,
  { intent, now }: MadeEdit,
): Promise<readonly string[]> {
  for (let attempt = 1; attempt <= attempts; attempt++)
    try {
      return await endOnce(runs, after, { intent, now })
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
  { intent, now }: MadeEdit,
): Promise<readonly string[]> {
  const run = await runs.get(after)
  if (run === undefined) return []
  const record = recordIn(run)
  if (isOver(record.state)) return []
  // An abort ends a run whose first step is not made yet, too.
  if (intent.kind !== 'abort' && trafficPrint(after) === record.state.print) return []
  const status = endOfRun(record, intent)
  if (status === undefined)
    return [`${stepOf(record)} is in progress; this edit stops it, and the routes stay as they are now`]
  const by = await runs.me()
  const why = `${by ?? 'somebody'} ${status === 'promoted' ? 'promoted it' : 'sent everything back to stable'}`
  const state: RolloutState = { ...record.state, status, why, ended: now.toISOString() }
  await runs.replace(run, { text: formatRecord({ ...record, state }) })
  return [`${stepOf(record)} is over`]
}

const stepOf = ({ service, version, state, plan }: RolloutRecord): string =>
  `the run of ${service} (${version}, step ${state.stage + 1} of ${plan.stages.length})`

function endOfRun({ version }: RolloutRecord, intent: Intent): 'promoted' | 'aborted' | undefined {
  if (intent.kind === 'abort') return 'aborted'
  return intent.kind === 'promote' && intent.version === version ? 'promoted' : undefined
}
