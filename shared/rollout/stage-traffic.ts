import { roundPercent } from '../routing/shares.ts'
import type { Stage } from './rollout-plan.ts'
import type { RolloutRecord } from './rollout-record.ts'
import { presentOf } from './rollout-state.ts'
import { podShareIn } from './traffic-print.ts'

/** What the version gets at the present step of a run. */
export interface StageTraffic extends Pick<Stage, 'kind' | 'percent'> {
  /** In percent with one decimal, where the numbers of pods make another share of it. */
  readonly byPods?: number
}

/** Undefined for a stage that the plan does not have. */
export function stageTraffic({
  plan,
  state,
  version,
}: Pick<RolloutRecord, 'plan' | 'state' | 'version'>): StageTraffic | undefined {
  const stage = plan.stages[state.stage]
  if (stage === undefined) return undefined
  const { kind, percent } = stage
  const isThere = kind === 'weight' && presentOf(state).since !== undefined
  const given = isThere ? podShareIn(state.print ?? '[]', version) : undefined
  const byPods = given === undefined ? percent : roundPercent(given)
  return { kind, percent, ...(byPods !== percent && { byPods }) }
}
