import { judge } from '../../../shared/analysis/judge.ts'
import { metricOf } from '../../../shared/analysis/metric-fields.ts'
import type { SyntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import { afterCheck, forward, hasPassed, verdictOf } from '../../../shared/rollout/advance.ts'
import { stagesOf, type RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import {
  beginning,
  entered,
  passedBefore,
  presentOf,
  type RolloutState,
} from '../../../shared/rollout/rollout-state.ts'
import type { Parameters, Played } from './play.ts'

/** The plan that `kubectl canary run` makes of the parameters. */
const planOf = ({ interval, threshold, step, max, minSuccess, maxMs }: Parameters): RolloutPlan => ({
  stages: stagesOf({ step, max, ofCohort: false, atOnce: false }),
  interval,
  checks: 1,
  threshold,
  failures: 'total',
  promote: 'auto',
  metrics: [
    metricOf({ name: 'request-success-rate', min: minSuccess, window: '1m' }),
    metricOf({ name: 'request-duration', max: maxMs, window: '30s' }),
  ],
  minRequests: 50,
  confidence: 0.95,
  onNoData: 'wait',
  noDataDeadline: 900,
  gates: [],
  hooks: [],
})

const timeOf = (second: number): string => new Date(second * 1000).toISOString()

/** The rule of `kubectl canary run` with its usual settings: its own judgement and its own counting. */
export function playOurs(service: SyntheticService, parameters: Parameters): Played {
  const { interval, limit } = parameters
  const plan = planOf(parameters)
  let state: RolloutState = entered(beginning, timeOf(0), undefined)
  for (let second = interval; second <= limit; second += interval) {
    service.advance(second, plan.stages[state.stage]!.percent)
    state = checked(plan, state, { service, second })
    if (state.status === 'rolling-back')
      return { end: state.cause === 'no-data' ? 'no-data' : 'failed', seconds: second }
    if (!hasPassed(plan, state)) continue
    state = forward(plan, state)
    if (state.status === 'promoting') return { end: 'promoted', seconds: second }
    state = entered(state, timeOf(second), undefined)
  }
  return { end: 'running', seconds: limit }
}

function checked(
  plan: RolloutPlan,
  state: RolloutState,
  { service, second }: { readonly service: SyntheticService; readonly second: number },
): RolloutState {
  const since = Date.parse(presentOf(state).since!) / 1000
  const results = plan.metrics.map(metric =>
    judge(metric, service.measurement(metric, since), {
      minRequests: plan.minRequests,
      confidence: plan.confidence,
      earlier: passedBefore(state),
    }),
  )
  return afterCheck(plan, state, { at: timeOf(second), verdict: verdictOf(results), results })
}
