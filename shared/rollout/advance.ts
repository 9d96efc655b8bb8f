import type { MetricCheck, CheckVerdict } from '../analysis/check-result.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import {
  nextStage,
  presentOf,
  withPresent,
  type RollbackCause,
  type RolloutCheck,
  type RolloutState,
} from './rollout-state.ts'

/** So many checks of a stage are kept. */
const keptChecks = 12
/**
 * So many results of metrics are kept in all: a run of many steps must fit into the annotations of one object, which
 * take 256 KiB. A result is some 350 bytes before it is compressed.
 */
const keptResults = 600

/** What several checks say together. */
export function verdictOf(results: readonly MetricCheck[]): CheckVerdict {
  if (results.some(({ verdict }) => verdict === 'fail')) return 'fail'
  return results.some(({ verdict }) => verdict === 'no-data') ? 'no-data' : 'pass'
}

type CountingPlan = Pick<
  RolloutPlan,
  'stages' | 'checks' | 'threshold' | 'failures' | 'onNoData' | 'noDataDeadline' | 'promote'
>

/** A version is judged until it is promoted or rolled back. */
const judged: readonly RolloutState['status'][] = ['running', 'confirming', 'promoting']

/**
 * The state after a check. Too many failed checks, and too long a time without data, lead to the rollback; a state that
 * is being rolled back, or is over, stays as it is.
 */
export function afterCheck(plan: CountingPlan, state: RolloutState, check: RolloutCheck): RolloutState {
  if (!judged.includes(state.status)) return state
  const counted = withCheck(state, check)
  switch (check.verdict) {
    case 'pass':
      return afterPass(plan, counted)
    case 'fail':
      return afterFailure(plan, counted, failureOf(check))
    case 'no-data':
      return afterNoData(plan, counted, check)
  }
}

function withCheck(state: RolloutState, check: RolloutCheck): RolloutState {
  const present = presentOf(state)
  return withinBounds(
    withPresent(state, {
      ...present,
      passed: present.passed + Number(check.verdict === 'pass'),
      failed: present.failed + Number(check.verdict === 'fail'),
      noData: present.noData + Number(check.verdict === 'no-data'),
      checks: [...present.checks, check].slice(-keptChecks),
    }),
  )
}

/** Forgets the oldest checks where there are too many results, but of each stage the last one, by which it was passed. */
function withinBounds(state: RolloutState): RolloutState {
  let surplus = resultsIn(state.progress) - keptResults
  const progress = state.progress.map(stage => {
    const checks = [...stage.checks]
    while (surplus > 0 && checks.length > 1) surplus -= checks.shift()!.results.length
    return { ...stage, checks }
  })
  return { ...state, progress }
}

const resultsIn = (progress: RolloutState['progress']): number =>
  progress.reduce((sum, { checks }) => sum + checks.reduce((all, { results }) => all + results.length, 0), 0)

function afterPass(plan: CountingPlan, { noDataSince: _, ...state }: RolloutState): RolloutState {
  return plan.failures === 'consecutive' ? { ...state, failures: 0 } : state
}

function afterFailure(plan: CountingPlan, state: RolloutState, why: string): RolloutState {
  const { noDataSince: _, ...counted } = { ...state, failures: state.failures + 1 }
  return counted.failures < plan.threshold ? counted : rollingBack(counted, 'failed', why)
}

function afterNoData(plan: CountingPlan, state: RolloutState, { at, results }: RolloutCheck): RolloutState {
  const names = results.filter(({ verdict }) => verdict === 'no-data').map(({ metric }) => metric)
  const why = `no data for ${names.join(' and ')}`
  if (plan.onNoData === 'fail') return afterFailure(plan, state, why)
  const noDataSince = state.noDataSince ?? at
  const waited = Date.parse(at) - Date.parse(noDataSince)
  return waited >= plan.noDataDeadline * 1000
    ? rollingBack({ ...state, noDataSince }, 'no-data', why)
    : { ...state, noDataSince }
}

/** Everything goes back to stable; `why` is a sentence without a full stop. */
export const rollingBack = (state: RolloutState, cause: RollbackCause, why: string): RolloutState => ({
  ...state,
  status: 'rolling-back',
  cause,
  why,
})

/** Which metrics failed, and by how much: `request-success-rate failed (96.1, at least 99, stable 99.6)`. */
const failureOf = ({ refused, results }: RolloutCheck): string =>
  refused
  ?? results
    .filter(({ verdict }) => verdict === 'fail')
    .map(result => `${result.metric} failed${figuresOf(result)}`)
    .join(' and ')

function figuresOf({ value, min, max, baseline }: MetricCheck): string {
  if (value === undefined) return ''
  const said = [
    digits(value),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(baseline === undefined ? [] : [`stable ${digits(baseline)}`]),
  ]
  return ` (${said.join(', ')})`
}

const digits = (value: number): string => String(Number(value.toPrecision(4)))

/** Whether the present stage has passed all its checks. */
export const hasPassed = (plan: Pick<RolloutPlan, 'checks'>, state: RolloutState): boolean =>
  state.status === 'running'
  && presentOf(state).passed >= plan.checks
  && presentOf(state).checks.at(-1)?.verdict === 'pass'

/** The step forward from a stage that has passed: the next stage, promotion, or the wait for a person. */
export function forward(plan: Pick<RolloutPlan, 'stages' | 'promote'>, state: RolloutState): RolloutState {
  if (state.stage + 1 < plan.stages.length) return nextStage(state)
  const { held: _, ...free } = state
  return { ...free, status: plan.promote === 'auto' ? 'promoting' : 'confirming' }
}
