import type { Intent } from '../../edit/intent.ts'
import type { PlanTraffic } from '../../../shared/plan/plan.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { trafficPrint } from '../../../shared/rollout/traffic-print.ts'
import type { RunStore } from '../../../shared/view/run-store.ts'

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
  try {
    const run = await runs.get(after)
    if (run === undefined) return []
    const record = recordIn(run)
    if (isOver(record.state) || trafficPrint(after) === record.state.print) return []
    const status = endOfRun(record, intent)
    if (status === undefined)
      return [`${stepOf(record)} is in progress; this edit stops it, and the routes stay as they are now`]
    const by = await runs.me()
    const why = `${by ?? 'somebody'} ${status === 'promoted' ? 'promoted it' : 'sent everything back to stable'}`
    const state: RolloutState = { ...record.state, status, why, ended: now.toISOString() }
    await runs.replace(run, { text: formatRecord({ ...record, state }) })
    return [`${stepOf(record)} is over`]
  } catch {
    return []
  }
}

const stepOf = ({ service, version, state, plan }: RolloutRecord): string =>
  `the run of ${service} (${version}, step ${state.stage + 1} of ${plan.stages.length})`

function endOfRun({ version }: RolloutRecord, intent: Intent): 'promoted' | 'aborted' | undefined {
  if (intent.kind === 'abort') return 'aborted'
  return intent.kind === 'promote' && intent.version === version ? 'promoted' : undefined
}
