import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scripted, type Script, type ScriptedRun } from '../scripted-run.ts'

const why = 'version v2 of catalog has 1 ready pod, and v1 has 9'

/** The promotion is refused so many times. */
const refused = (times: number, script: Script = {}): Promise<ScriptedRun> =>
  scripted({
    ...script,
    edit: (step, before) => (step === 'promotion' && before < times ? { kind: 'refused', why } : undefined),
  })

const statusOf = ({ ended }: ScriptedRun): string =>
  ended instanceof Error ? ended.message : `${ended.state.status} ${ended.state.why ?? ''}`.trim()
const promotions = ({ calls }: ScriptedRun): number => calls.filter(call => call === 'edit promotion').length

describe('a promotion that is refused as things are', () => {
  test('is tried again after each check, until it can be made, and is told once', async () => {
    const run = await refused(3)
    assert.equal(statusOf(run), 'promoted')
    assert.equal(promotions(run), 4)
    assert.equal(run.calls.filter(call => call === 'measure 1').length, 4)
    assert.deepEqual(
      run.news.filter(news => news.startsWith('held')).length,
      1,
      'the reason is the same each time',
    )
    assert.ok(!(run.ended instanceof Error) && !('refusedSince' in run.ended.state))
  })

  test('leads back where nothing changes for as long as a run may be without data', async () => {
    const run = await refused(Infinity)
    assert.equal(statusOf(run), `failed it could not be promoted: ${why}`)
    assert.equal(run.calls.at(-2), 'hook rollback')
    // Two stages of a minute, and the 15 minutes of the plan.
    assert.equal(run.seconds(), 120 + 900)
  })

  test('is not made for a version that fails meanwhile', async () => {
    const run = await refused(1, { verdict: before => (before < 2 ? 'pass' : 'fail') })
    assert.equal(statusOf(run), 'failed smoke failed')
    assert.equal(promotions(run), 1)
  })

  test('waits for a check that passes after one that failed', async () => {
    const verdicts = ['pass', 'pass', 'fail', 'pass'] as const
    const run = await refused(1, { verdict: before => verdicts[before]! })
    assert.equal(statusOf(run), 'promoted')
    assert.equal(promotions(run), 2)
    assert.equal(run.seconds(), 120 + 120)
  })

  test('waits for a person who pauses the run, and ends with a run that times out', async () => {
    const paused = await refused(Infinity, {
      plan: { timeout: 600 },
      orders: (state, call, before) =>
        call === 'edit promotion' && before === 1
          ? { ...state, paused: { at: '2026-01-01T00:00:00Z' } }
          : state,
    })
    assert.equal(promotions(paused), 2)
    assert.match(statusOf(paused), /^timed-out/)
  })
})
