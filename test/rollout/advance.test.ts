import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { CheckVerdict } from '../../shared/analysis/check-result.ts'
import { afterCheck, forward, hasPassed } from '../../shared/rollout/advance.ts'
import { stagesOf, type RolloutPlan } from '../../shared/rollout/rollout-plan.ts'
import {
  beginning,
  entered,
  nextStage,
  presentOf,
  type RolloutState,
} from '../../shared/rollout/rollout-state.ts'
import { plan } from './plan.ts'

const second = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
const begun = entered(beginning, second(0), 'routes')

/** The state after a check at a second. */
function checked(
  state: RolloutState,
  verdict: CheckVerdict,
  { at = 45, ...changes }: { readonly at?: number } & Partial<RolloutPlan> = {},
): RolloutState {
  const results = [
    {
      metric: 'request-success-rate',
      verdict,
      reason: verdict === 'pass' ? 'in-range' : verdict === 'fail' ? 'below-min' : 'no-series',
    } as const,
  ]
  return afterCheck({ ...plan, ...changes }, state, { at: second(at), verdict, results })
}

describe('the stages of a rollout', () => {
  test('grow by a step up to the maximum, which is the last one also where no step ends there', () => {
    const percents = (step: number, max: number) =>
      stagesOf({ step, max, ofCohort: false, atOnce: false }).map(({ percent }) => percent)
    assert.deepEqual(percents(10, 50), [10, 20, 30, 40, 50])
    assert.deepEqual(percents(20, 50), [20, 40, 50])
    const usual = stagesOf({ ofCohort: false, atOnce: false })
    assert.deepEqual(
      usual.map(({ percent }) => percent),
      [10, 20, 30, 40, 50],
    )
    assert.deepEqual(percents(50, 50), [50])
    assert.deepEqual(percents(1, 1), [1])
  })

  test('begin with copies of requests where that was asked for', () => {
    assert.deepEqual(stagesOf({ steps: [5, 50], mirror: 25, ofCohort: false, atOnce: false }), [
      { kind: 'mirror', percent: 25 },
      { kind: 'weight', percent: 5 },
      { kind: 'weight', percent: 50 },
    ])
  })

  test('are one alone where a version gets everything at once', () => {
    assert.deepEqual(stagesOf({ ofCohort: true, atOnce: true }), [{ kind: 'cohort', percent: 100 }])
    assert.deepEqual(stagesOf({ mirror: 10, ofCohort: false, atOnce: true }), [
      { kind: 'mirror', percent: 10 },
    ])
  })

  test('never shrink, and end with the maximum, whatever the step is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (step, max) => {
        fc.pre(step <= max)
        const percents = stagesOf({ step, max, ofCohort: false, atOnce: false }).map(({ percent }) => percent)
        assert.equal(percents.at(-1), max)
        assert.ok(percents.every((percent, i) => i === 0 || percent > percents[i - 1]!))
        assert.equal(percents[0], Math.min(step, max))
      }),
    )
  })
})

describe('a check that passes', () => {
  test('lets the stage go forward to the next one, whose routes are not written yet', () => {
    const passed = checked(begun, 'pass')
    assert.ok(hasPassed(plan, passed))
    const next = forward(plan, passed)
    assert.equal(next.stage, 1)
    assert.equal(presentOf(next).since, undefined)
    assert.ok(!hasPassed(plan, next))
  })

  test('of the last stage promotes the version, or waits for a person', () => {
    const last = { ...checked(begun, 'pass'), stage: 2 }
    assert.equal(forward(plan, last).status, 'promoting')
    assert.equal(forward({ ...plan, promote: 'confirm' }, last).status, 'confirming')
  })

  test('has to pass as often as the plan says, and the last one has to pass', () => {
    const twice = { ...plan, checks: 2 }
    const once = checked(begun, 'pass')
    assert.ok(!hasPassed(twice, once))
    const then = checked(once, 'pass', { at: 90 })
    assert.ok(hasPassed(twice, then))
    assert.ok(!hasPassed(twice, checked(then, 'fail', { at: 135 })))
  })
})

describe('a check that fails', () => {
  test('too often rolls everything back, with the name of the metric', () => {
    const twice = checked(checked(begun, 'fail'), 'fail', { at: 90 })
    assert.equal(twice.status, 'running')
    const state = checked(twice, 'fail', { at: 135 })
    assert.equal(state.status, 'rolling-back')
    assert.equal(state.cause, 'failed')
    assert.match(state.why!, /request-success-rate/)
  })

  test('is forgiven by one that passes later only where failures must be consecutive', () => {
    const states = (failures: 'total' | 'consecutive') =>
      (['fail', 'fail', 'pass', 'fail'] as const).reduce(
        (state, verdict, i) => checked(state, verdict, { at: 45 * (i + 1), failures }),
        begun,
      )
    assert.equal(states('total').status, 'rolling-back')
    assert.equal(states('consecutive').status, 'running')
    assert.equal(states('consecutive').failures, 1)
  })
})

describe('a check without data', () => {
  test('waits, and rolls back as no-data after the deadline', () => {
    const first = checked(begun, 'no-data', { at: 45 })
    assert.equal(first.failures, 0)
    assert.equal(checked(first, 'no-data', { at: 45 + 119 }).status, 'running')
    const late = checked(first, 'no-data', { at: 45 + 120 })
    assert.equal(late.status, 'rolling-back')
    assert.equal(late.cause, 'no-data')
  })

  test('starts its time anew after one with data', () => {
    const again = checked(checked(checked(begun, 'no-data', { at: 45 }), 'pass', { at: 90 }), 'no-data', {
      at: 170,
    })
    assert.equal(again.status, 'running')
    assert.equal(again.noDataSince, second(170))
    const failed = checked(checked(begun, 'no-data', { at: 45 }), 'fail', { at: 90 })
    assert.equal(failed.noDataSince, undefined)
  })

  test('counts as failed where the plan says so', () => {
    const state = [45, 90, 135].reduce((one, at) => checked(one, 'no-data', { at, onNoData: 'fail' }), begun)
    assert.equal(state.status, 'rolling-back')
    assert.equal(state.cause, 'failed')
  })
})

describe('checks', () => {
  test('change nothing of a run that is over or goes back already', () => {
    for (const status of ['promoted', 'failed', 'stopped', 'rolling-back'] as const) {
      const state = { ...begun, status }
      assert.equal(checked(state, 'fail'), state)
    }
  })

  test('are counted at their stage, and only the last ones are kept', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('pass', 'fail', 'no-data'), { maxLength: 40 }), verdicts => {
        const lenient = { ...plan, threshold: 1000, noDataDeadline: 1e6 }
        const state = verdicts.reduce(
          (one, verdict, i) => checked(one, verdict, { at: 45 * i, ...lenient }),
          begun,
        )
        const present = presentOf(state)
        assert.equal(present.passed, verdicts.filter(one => one === 'pass').length)
        assert.equal(present.failed, verdicts.filter(one => one === 'fail').length)
        assert.equal(present.noData, verdicts.filter(one => one === 'no-data').length)
        assert.equal(state.failures, present.failed)
        assert.deepEqual(
          present.checks.map(({ verdict }) => verdict),
          verdicts.slice(-12),
        )
      }),
    )
  })

  test('never promote a run in which the threshold was reached, and roll back exactly then', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('pass', 'fail'), { maxLength: 30 }),
        fc.constantFrom('total', 'consecutive'),
        (verdicts, failures) => {
          let [count, isReached] = [0, false]
          let state: RolloutState = begun
          for (const [i, verdict] of verdicts.entries()) {
            if (!isReached) count = verdict === 'fail' ? count + 1 : failures === 'consecutive' ? 0 : count
            isReached ||= count >= plan.threshold
            state = checked(state, verdict, { at: 45 * i, failures })
            assert.equal(state.status, isReached ? 'rolling-back' : 'running')
          }
        },
      ),
    )
  })
})

test('the checks of a run of a hundred steps fit into one object, with the last one of each step', () => {
  const results = Array.from(
    { length: 8 },
    (_, i) => ({ metric: `m${i}`, verdict: 'pass', reason: 'in-range' }) as const,
  )
  let state: RolloutState = begun
  for (let stage = 0; stage < 100; stage++) {
    for (let at = 0; at < 12; at++)
      state = afterCheck(plan, state, { at: second(1000 * stage + at), verdict: 'pass', results })
    state = nextStage(state)
  }
  const kept = state.progress.slice(0, 100).map(({ checks }) => checks.at(-1)?.at)
  assert.deepEqual(
    kept,
    Array.from({ length: 100 }, (_, stage) => second(1000 * stage + 11)),
  )
  const all = state.progress.flatMap(({ checks }) => checks.flatMap(check => check.results))
  assert.ok(all.length <= 100 * 8 + 12 * 8, `${all.length} results`)
  assert.ok(state.progress.slice(0, 100).every(({ passed }) => passed === 12))
})

describe('what is kept of a run', () => {
  const result = { metric: 'm', verdict: 'pass', reason: 'in-range' } as const
  const after = (counts: readonly number[]): RolloutState =>
    counts.reduce(
      (state, count) =>
        afterCheck(plan, state, {
          at: second(1),
          verdict: 'pass',
          results: Array.from({ length: count }, () => result),
        }),
      begun,
    )
  const kept = (counts: readonly number[]): readonly number[] =>
    presentOf(after(counts)).checks.map(({ results }) => results.length)

  test('are the last twelve checks of a stage', () => {
    assert.equal(kept(Array.from({ length: 13 }, () => 1)).length, 12)
  })

  test('are 600 results in all, and the last check however long it is', () => {
    assert.deepEqual(kept([1, 300, 299]), [1, 300, 299])
    assert.deepEqual(kept([1, 300, 300]), [300, 300])
    assert.deepEqual(kept([2, 300, 300]), [300, 300])
    assert.deepEqual(kept([700]), [700])
  })
})

describe('why a version goes back', () => {
  const failed = {
    metric: 'success',
    verdict: 'fail',
    reason: 'below-min',
    value: 96.123_456,
    min: 99,
    baseline: 99.987_6,
  } as const
  const without = (metric: string) => ({ metric, verdict: 'no-data', reason: 'no-series' }) as const

  test('names each metric that failed, with its value, limits and stable in four digits', () => {
    const results = [
      failed,
      { ...failed, metric: 'queue', min: undefined, max: 5, value: 7, baseline: undefined },
      without('other'),
    ]
    const { why } = afterCheck({ ...plan, threshold: 1 }, begun, {
      at: second(1),
      verdict: 'fail',
      results: JSON.parse(JSON.stringify(results)),
    })
    assert.equal(why, 'success failed (96.12, at least 99, stable 99.99) and queue failed (7, at most 5)')
  })

  test('names each metric without data, and no other', () => {
    const passed = { metric: 'smoke', verdict: 'pass', reason: 'in-range' } as const
    const check = { verdict: 'no-data', results: [without('success'), passed, without('queue')] } as const
    const waiting = afterCheck(plan, begun, { at: second(1), ...check })
    const over = afterCheck(plan, waiting, { at: second(1 + plan.noDataDeadline), ...check })
    assert.equal(over.why, 'no data for success and queue')
  })
})

test('what held a run up is forgotten with the step forward, whatever comes next', () => {
  const held: RolloutState = { ...begun, held: 'a freeze' }
  const last: RolloutState = { ...held, stage: plan.stages.length - 1 }
  for (const state of [
    forward(plan, held),
    forward(plan, last),
    forward({ ...plan, promote: 'confirm' }, last),
  ])
    assert.equal(state.held, undefined)
  assert.deepEqual(
    [forward(plan, last).status, forward({ ...plan, promote: 'confirm' }, last).status],
    ['promoting', 'confirming'],
  )
})
