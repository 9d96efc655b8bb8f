import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { rolloutPlanOf, type PlanFields } from '../../../plugin/words/rollout/run-plan.ts'

const percents = async (fields: PlanFields) =>
  (await rolloutPlanOf(fields)).stages.map(({ kind, percent }) => `${kind} ${percent}`)

test('scenario 3: every 45 s, threshold 5, up to 50 % by 10', async () => {
  const plan = await rolloutPlanOf({
    step: 10,
    max: 50,
    interval: '45s',
    threshold: 5,
    metrics: ['request-success-rate:min=99:1m', 'request-duration:max=500:30s'],
  })
  assert.deepEqual(
    plan.stages.map(({ percent }) => percent),
    [10, 20, 30, 40, 50],
  )
  assert.equal(plan.interval, 45)
  assert.deepEqual(
    plan.metrics.map(({ name, min, max, window }) => [name, min, max, window]),
    [
      ['request-success-rate', 99, undefined, 60],
      ['request-duration', undefined, 500, 30],
    ],
  )
})

test('conditions make it a cohort: without steps the whole of it, with steps a growing part', async () => {
  const cohort = { sourceLabel: ['app=webapp'] }
  assert.deepEqual(await percents({ cohort }), ['cohort 100'])
  assert.deepEqual(await percents({ cohort, step: 20, max: 40 }), ['cohort 20', 'cohort 40'])
  const { cohort: made } = await rolloutPlanOf({ cohort })
  assert.deepEqual(
    [made?.name, made?.conditions.map(({ on, name }) => `${on} ${name}`)],
    ['canary', ['source-label app']],
  )
})

test('blue/green is judged by a preview alone, or by copies alone', async () => {
  assert.deepEqual(await percents({ atOnce: true }), ['cohort 100'])
  assert.equal((await rolloutPlanOf({ atOnce: true })).cohort?.name, 'preview')
  assert.deepEqual(await percents({ atOnce: true, mirror: '25%' }), ['mirror 25'])
  assert.deepEqual(await percents({ mirror: 25, steps: [50] }), ['mirror 25', 'weight 50'])
})

test('where the share does not grow, ten checks have to pass, else one; both can be said', async () => {
  const checks = async (fields: PlanFields) => (await rolloutPlanOf(fields)).checks
  assert.deepEqual(
    await Promise.all([
      checks({}),
      checks({ atOnce: true }),
      checks({ cohort: {} }),
      checks({ iterations: 3 }),
    ]),
    [1, 10, 10, 3],
  )
})

const refused: readonly (readonly [PlanFields, RegExp])[] = [
  [{ step: 60 }, /--step 60 is more than --max 50/],
  [{ step: 0 }, /--step 0/],
  [{ max: 101 }, /--max 101/],
  [{ steps: [10, 10] }, /does not grow: 10 comes after 10/],
  [{ steps: [50, 10] }, /does not grow/],
  [{ steps: [10], step: 5 }, /cannot be used with/],
  [{ atOnce: true, max: 10 }, /--at-once cannot be used with steps/],
  [{ mirror: '0%' }, /--mirror 0%/],
  [{ mirror: '101' }, /--mirror 101/],
  [{ interval: '0s' }, /--interval 0s/],
  [{ interval: '5' }, /--interval 5/],
  [{ gates: ['ftp://x'] }, /--gate/],
  [{ hooks: ['not a url'] }, /--hook/],
  [{ metrics: ['request-successrate'] }, /request-successrate/],
  [{ cohort: { name: 'Not A Name' } }, /not a valid cohort name/],
  [{ timeout: 'soon' }, /--timeout soon/],
]
for (const [fields, message] of refused)
  test(`refuses ${JSON.stringify(fields)} with one usage error that says what to do`, async () => {
    await assert.rejects(rolloutPlanOf(fields), (error: unknown) => {
      assert.ok(error instanceof CanaryError)
      assert.equal(error.code, 'usage')
      assert.match(error.message, message)
      assert.ok(error.hints.length > 0)
      return true
    })
  })
