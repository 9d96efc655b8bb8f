import { roundPercent } from '../routing/shares.ts'
import type { Stage } from './rollout-plan.ts'
import type { RolloutRecord } from './rollout-record.ts'
import { presentOf, withPresent, type RolloutState } from './rollout-state.ts'
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
  const byPods = isThere ? otherShare(stage, podShareIn(state.print ?? '[]', version)) : undefined
  return { kind, percent, ...(byPods !== undefined && { byPods }) }
}

/** The state whose present stage keeps what the numbers of pods give the version, which later stages change. */
export function withPodShare(
  { plan }: Pick<RolloutRecord, 'plan'>,
  state: RolloutState,
  given?: number,
): RolloutState {
  const byPods = otherShare(plan.stages[state.stage]!, given)
  return byPods === undefined ? state : withPresent(state, { ...presentOf(state), byPods })
}

function otherShare({ kind, percent }: Stage, given: number | undefined): number | undefined {
  const share = given === undefined || kind !== 'weight' ? percent : roundPercent(given)
  return share === percent ? undefined : share
}
