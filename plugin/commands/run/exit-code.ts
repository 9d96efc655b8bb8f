import type { RolloutStatus } from '../../../shared/rollout/rollout-state.ts'

const codes: Partial<Record<RolloutStatus, number>> = {
  promoted: 0,
  confirming: 4,
  failed: 5,
  'no-data': 6,
  'timed-out': 7,
}

/** The exit code of a run that ended so, or waits for a person: 1 where somebody else ended it. */
export const exitCodeOf = (status: RolloutStatus): number => codes[status] ?? 1
