import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOf, isOver, statuses } from '../../shared/rollout/rollout-state.ts'

test('every end of a run is said as the end of a sentence, with why', () => {
  const said = statuses.filter(status => isOver({ status })).map(status => endOf({ status }))
  assert.deepEqual(said, [
    'was promoted',
    'failed and was rolled back',
    'had no data to judge by and was rolled back',
    'took too long and was rolled back',
    'was aborted',
    'was stopped without a rollback',
  ])
  assert.equal(
    endOf({ status: 'stopped', why: 'the routes were changed' }),
    'was stopped without a rollback: the routes were changed',
  )
})
