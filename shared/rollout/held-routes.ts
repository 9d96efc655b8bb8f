import type { RolloutRecord } from './rollout-record.ts'
import { presentOf } from './rollout-state.ts'
import { changedSince, type SeenRoutes } from './traffic-print.ts'

/**
 * The routing objects whose routes are others than a run has set, by their keys; none where the run is over, or just writes
 * the routes of a step.
 */
export function changedOfRun({ state }: Pick<RolloutRecord, 'state'>, seen: SeenRoutes): readonly string[] {
  const { print, status } = state
  // The routes of a step that is not entered may be written already.
  const isEntered = presentOf(state).since !== undefined
  const isSettled = isEntered && (status === 'running' || status === 'confirming')
  return print === undefined || !isSettled ? [] : changedSince(print, seen)
}
