import { stagesOf } from '../../shared/rollout/rollout-plan.ts'

/** 10, 20 and 30 %, a check each; three failed ones roll back. */
export const plan = {
  stages: stagesOf({ step: 10, max: 30, ofCohort: false, atOnce: false }),
  checks: 1,
  threshold: 3,
  failures: 'total',
  onNoData: 'wait',
  noDataDeadline: 120,
  promote: 'auto',
} as const
