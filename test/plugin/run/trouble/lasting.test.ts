import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { RolloutState } from '../../../../shared/rollout/rollout-state.ts'
import { scripted, unreachable, type ScriptedRun } from '../scripted-run.ts'

const statusOf = ({ ended }: ScriptedRun): string =>
  ended instanceof Error ? ended.message : ended.state.status
const pause = (state: RolloutState): RolloutState => ({
  ...state,
  paused: { at: '2026-01-01T00:00:00.000Z', by: 'jane' },
})

describe('a refusal that lasts', () => {
  const forbidden = new CanaryError('forbidden', 'no right to patch')
  const refusedFrom = (call: string, error = forbidden) =>
    scripted({ plan: { noDataDeadline: 300 }, fails: made => (made.startsWith(call) ? error : undefined) })

  test('ends a run with what is refused and how to go on, sooner before its first step', async () => {
    for (const [call, least, most] of [
      ['edit stage 0', 60, 91],
      ['edit stage 1', 60 + 300, 60 + 331],
    ] as const) {
      const run = await refusedFrom(call)
      const error = run.ended as CanaryError
      assert.match(error.message, /cannot continue at step \d of 2: no right to patch/)
      assert.match(error.hints.join('\n'), /catalog -n shop --resume\n.*abort catalog -n shop/)
      assert.ok(run.seconds() >= least && run.seconds() <= most, String(run.seconds()))
    }
  })

  test('is no refusal where the server does not answer in between, and none where it does not answer at all', async () => {
    const mixed = await scripted({
      plan: { timeout: 5000 },
      fails: (call, before) =>
        call === 'edit stage 0' ? (before % 2 === 0 ? forbidden : unreachable) : undefined,
    })
    assert.equal(statusOf(mixed), 'timed-out')
  })
})

describe('news that stands', () => {
  const kindsOf = (run: ScriptedRun, kind: string): number =>
    run.news.filter(news => news.startsWith(`${kind} `)).length

  test('of a rollback, a pause and trouble is told once, however often it is tried again', async () => {
    const run = await scripted({
      verdict: () => 'fail',
      fails: (call, before) => (call === 'edit rollback' && before < 5 ? unreachable : undefined),
    })
    assert.deepEqual(
      ['rolling-back', 'trouble'].map(kind => kindsOf(run, kind)),
      [1, 1],
    )
    const stopped = await scripted({
      plan: { timeout: 400 },
      orders: pause,
      fails: (call, before) => (call === 'look' && before % 2 === 1 ? unreachable : undefined),
    })
    assert.equal(kindsOf(stopped, 'paused'), 1)
  })

  test('is told again where its reason changes, and where something has happened since', async () => {
    const other = new CanaryError('forbidden', 'no right')
    const changing = await scripted({
      verdict: () => 'fail',
      fails: (call, before) =>
        call === 'edit rollback' && before < 6 ? (before < 3 ? unreachable : other) : undefined,
    })
    assert.equal(kindsOf(changing, 'trouble'), 2)
    const twice = await scripted({
      fails: (call, before) => (call.startsWith('measure') && before === 0 ? unreachable : undefined),
    })
    assert.equal(kindsOf(twice, 'trouble'), 2)
  })
})
