import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { intentsOf } from '../../../../plugin/run/intents.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import type { Stage } from '../../../../shared/rollout/rollout-plan.ts'
import { begun } from '../scripted-run.ts'

const cohort = { name: 'beta', conditions: [{ on: 'cookie', name: 'beta', value: 'yes' }] } as const
const stages: readonly Stage[] = [
  { kind: 'mirror', percent: 25 },
  { kind: 'cohort', percent: 50 },
  { kind: 'cohort', percent: 100 },
  { kind: 'weight', percent: 10 },
]
const at = (stage: number, fields: Partial<RolloutRecord> = {}): RolloutRecord => ({
  ...begun,
  plan: { ...begun.plan, stages, cohort },
  state: { ...begun.state, stage },
  ...fields,
})
const own = { service: 'catalog', stable: 'v1', force: false }
const ofCohort = {
  ...own,
  kind: 'set-cohort',
  name: 'beta',
  to: 'v2',
  conditions: cohort.conditions,
  since: begun.started,
}

describe('the edits of a step of a run', () => {
  test('set copies, then end them with the first step that gives the version answers, and set its share', () => {
    assert.deepEqual(intentsOf(at(0), 'stage'), [
      { ...own, kind: 'set-mirrors', mirrors: new Map([['v2', 25]]) },
    ])
    assert.deepEqual(intentsOf(at(1), 'stage'), [
      { ...own, kind: 'set-mirrors', mirrors: new Map() },
      { ...ofCohort, share: 50 },
    ])
    assert.deepEqual(intentsOf(at(2), 'stage'), [ofCohort])
    assert.deepEqual(intentsOf(at(3), 'stage'), [
      { ...own, kind: 'set-weights', weights: new Map([['v2', 10]]) },
    ])
  })

  test('keep to the reason and the force that the run was given', () => {
    const [forced] = intentsOf(at(2, { reason: 'new search', force: true }), 'stage')
    assert.deepEqual(forced, { ...ofCohort, reason: 'new search', force: true })
    for (const step of ['stage', 'promotion', 'rollback'] as const)
      assert.ok(intentsOf(at(1, { force: true }), step).every(intent => 'force' in intent && intent.force))
  })

  test('promote the version of the run, and take everything back to its stable version', () => {
    assert.deepEqual(intentsOf(at(3), 'promotion'), [
      { kind: 'promote', service: 'catalog', version: 'v2', force: false },
    ])
    assert.deepEqual(intentsOf(at(3), 'rollback'), [{ ...own, kind: 'abort' }])
  })
})
