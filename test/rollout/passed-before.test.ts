import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterCheck, forward } from '../../shared/rollout/advance.ts'
import { beginning, entered, passedBefore, type RolloutState } from '../../shared/rollout/rollout-state.ts'
import { plan } from './plan.ts'

const at = '2026-01-01T00:00:45Z'
const checked = (state: RolloutState, verdict: 'pass' | 'fail', value: number): RolloutState =>
  afterCheck(plan, state, {
    at,
    verdict,
    results: [{ metric: 'request-success-rate', verdict, reason: 'in-range', value }],
  })

test('of each stage before, the check that ended it is judged with the next ones, and none of the present stage', () => {
  const first = checked(checked(entered(beginning, at, undefined), 'fail', 97), 'pass', 99.5)
  assert.deepEqual(passedBefore(first), [])
  const second = checked(entered(forward(plan, first), at, undefined), 'pass', 99.7)
  assert.deepEqual(
    passedBefore(second).map(({ value }) => value),
    [99.5],
  )
  assert.deepEqual(
    passedBefore(forward(plan, second)).map(({ value }) => value),
    [99.5, 99.7],
  )
})
