import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { beginning, entered, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { RunTaken } from '../../../plugin/run/keeper.ts'
import { scripted, unreachable, type Script, type ScriptedRun } from './scripted-run.ts'

const begin = '2026-01-01T00:00:00.000Z'
const paused = { at: begin, by: 'jane' }
const pause = (state: RolloutState): RolloutState => ({ ...state, paused })
const abort = (state: RolloutState): RolloutState => ({ ...state, status: 'aborted', ended: begin })

const statusOf = ({ ended }: ScriptedRun): string =>
  ended instanceof Error ? `${ended.constructor.name}: ${ended.message}` : ended.state.status
const editsOf = ({ calls }: ScriptedRun): readonly string[] => calls.filter(call => call.startsWith('edit'))
/** Before the last stage has ended. */
const confirming: RolloutState = {
  ...entered(
    { ...beginning, stage: 1, progress: [...beginning.progress, ...beginning.progress] },
    begin,
    'stage',
  ),
  status: 'confirming',
}
/** A promise that settles after some turns of the loop. */
const after = async <T>(turns: number, value: T): Promise<T> => {
  for (let i = 0; i < turns; i++) await Promise.resolve()
  return value
}

const wholeRun = `hold, edit stage 0, save running, hook start, measure 0, save running, hold
save running, edit stage 1, save running, hook step, measure 1, save running, hold
save promoting, edit promotion, save promoted, hook promotion, hook end`.split(/, |\n/)

describe('a run', () => {
  test('edits each stage before its check, asks before each step forward, and promotes', async () => {
    const run = await scripted({})
    assert.deepEqual(
      run.calls.filter(call => !/^(look|wait)/.test(call)),
      wholeRun,
    )
    assert.equal(run.seconds(), 120)
  })

  test('goes back at the threshold, and never promotes then', async () => {
    const run = await scripted({ verdict: before => (before === 0 ? 'pass' : 'fail') })
    assert.equal(statusOf(run), 'failed')
    assert.deepEqual(editsOf(run), ['edit stage 0', 'edit stage 1', 'edit rollback'])
    assert.equal(run.seconds(), 180)
  })

  test('goes back at once where the last refusal of a stage reaches the threshold', async () => {
    const run = await scripted({
      edit: step => (step === 'stage' ? { kind: 'refused', why: 'no ready pods' } : undefined),
    })
    assert.equal(statusOf(run), 'failed')
    assert.equal(run.seconds(), 60)
  })

  test('judges a stage that was refused at first an interval after it is entered', async () => {
    const edit = (_: string, before: number) =>
      before === 0 ? ({ kind: 'refused', why: 'no ready pods' } as const) : undefined
    const run = await scripted({ plan: { threshold: 4 }, edit })
    assert.equal(statusOf(run), 'promoted')
    assert.equal(run.seconds(), 300)
  })

  test('waits while a gate is closed, says so once, and goes on', async () => {
    const run = await scripted({ hold: before => (before < 3 ? 'the gate is closed' : undefined) })
    assert.equal(statusOf(run), 'promoted')
    assert.equal(run.news.filter(news => news.startsWith('held')).length, 1)
    assert.equal(run.seconds(), 300)
  })

  test('posts no step and no promotion of a run that somebody ended meanwhile', async () => {
    for (const call of ['edit stage 0', 'edit stage 1', 'edit promotion']) {
      const run = await scripted({ orders: (state, made) => (made === call ? abort(state) : state) })
      assert.equal(statusOf(run), 'aborted')
      assert.equal(run.calls[run.calls.indexOf(call) + 2], 'hook end', call)
    }
  })
})

describe('a run of which a controller does not carry out what was written', () => {
  test('goes back at once, and checks nothing before', async () => {
    for (const step of ['stage', 'promotion'] as const) {
      const run = await scripted({
        edit: made =>
          made === step ? { kind: 'not-accepted', print: 'as written', why: 'not accepted' } : undefined,
      })
      assert.equal(statusOf(run), 'failed')
      const at = run.calls.findIndex(call => call.startsWith(`edit ${step}`))
      assert.deepEqual(run.calls.slice(at + 1, at + 3), ['save rolling-back', 'edit rollback'])
      assert.ok(!(run.ended instanceof Error) && run.ended.state.why?.endsWith('not accepted'))
    }
  })

  test('ends where it is the way back that is not carried out, and says so', async () => {
    const run = await scripted({
      verdict: () => 'fail',
      edit: step =>
        step === 'rollback' ? { kind: 'not-accepted', print: 'back', why: 'not accepted' } : undefined,
    })
    assert.equal(statusOf(run), 'failed')
    assert.equal(run.news.filter(news => news.startsWith('note')).length, 1)
  })
})

describe('a timeout', () => {
  const timeout = (script: Script, seconds = 90) =>
    scripted({ ...script, plan: { timeout: seconds, ...script.plan } })

  test('is noticed in time, however long the interval is', async () => {
    for (const script of [
      { plan: { interval: 86_400 } },
      { plan: { interval: 86_400 }, hold: () => 'closed' },
      {
        plan: { interval: 86_400 },
        edit: (step: string) => (step === 'stage' ? ({ kind: 'held', why: 'freeze' } as const) : undefined),
      },
      { plan: { interval: 60 }, verdict: () => 'no-data' as const },
    ] satisfies Script[]) {
      const run = await timeout(script)
      assert.equal(statusOf(run), 'timed-out')
      assert.equal(run.seconds(), 90)
      assert.equal(editsOf(run).at(-1), 'edit rollback')
    }
  })

  test('ends a promotion that a freeze holds up, a pause, and the wait for a person', async () => {
    const held = await timeout({
      state: { ...confirming, status: 'promoting' },
      edit: step => (step === 'promotion' ? { kind: 'held', why: 'freeze' } : undefined),
    })
    const stopped = await timeout({ orders: pause })
    const asked = await timeout({ state: confirming, ask: () => new Promise<boolean>(() => undefined) })
    assert.deepEqual([held, stopped, asked].map(statusOf), ['timed-out', 'timed-out', 'timed-out'])
    assert.ok([held, stopped, asked].every(run => run.seconds() <= 92))
  })
})

test('a run that goes on after a pause begins the time without data anew', async () => {
  const run = await scripted({
    plan: { noDataDeadline: 120 },
    verdict: before => (before < 2 ? 'no-data' : 'pass'),
    orders: ({ paused: _, ...state }, call, before) =>
      call === 'look' && before >= 40 && before < 200 ? pause(state) : state,
  })
  assert.equal(statusOf(run), 'promoted')
})

describe('an order', () => {
  test('to pause keeps a run from every edit, at whatever call it comes', async () => {
    const whole = await scripted({})
    for (const call of new Set(
      whole.calls.filter(one => !one.startsWith('hook') && !one.startsWith('edit')),
    )) {
      let isPaused = false
      const run = await scripted({
        plan: { timeout: 1000 },
        orders: (state, made) => {
          if (made === call) isPaused = true
          return isPaused ? pause(state) : state
        },
      })
      if (call === 'save promoted') continue
      const since = run.calls.slice(run.calls.indexOf(call))
      assert.deepEqual(
        since.filter(one => one.startsWith('edit')),
        ['edit rollback'],
        call,
      )
      assert.equal(statusOf(run), 'timed-out', call)
    }
  })

  test('to pause holds a promotion that waits for the end of a freeze, without a rush of requests', async () => {
    const run = await scripted({
      plan: { timeout: 1000 },
      state: { ...confirming, status: 'promoting' },
      edit: step => (step === 'promotion' ? { kind: 'held', why: 'freeze' } : undefined),
      orders: (state, call, before) => (call === 'look' && before > 3 ? pause(state) : state),
    })
    assert.equal(statusOf(run), 'timed-out')
    assert.equal(editsOf(run).filter(edit => edit === 'edit promotion').length, 1)
  })

  test('to end is seen while something does not answer', async () => {
    const run = await scripted({
      fails: call => (call.startsWith('edit') ? unreachable : undefined),
      orders: (state, call, before) => (call === 'wait' && before === 2 ? abort(state) : state),
    })
    assert.equal(statusOf(run), 'aborted')
    assert.equal(editsOf(run).length, 3)
  })
})

describe('a run that is held up', () => {
  const holdsTwice = (first: number) => (before: number) =>
    before >= first && before < first + 3 ? 'the gate is closed' : undefined

  test('is written and told once for one reason, before its first step and before a later one', async () => {
    for (const first of [0, 1]) {
      const run = await scripted({ hold: holdsTwice(first), plan: { checks: 1 } })
      assert.equal(statusOf(run), 'promoted')
      assert.equal(run.news.filter(news => news.startsWith('held')).length, 1, String(first))
      const saves = run.calls.filter(call => call === 'save running').length
      // Two steps with a check each, the step between them, what holds it up, and the checks that are made meanwhile.
      assert.equal(saves, first === 0 ? 6 : 9)
    }
  })

  test('stays at its step where it is paused while the gate is asked', async () => {
    const run = await scripted({
      plan: { timeout: 500 },
      orders: (state, call, before) => (call === 'hold' && before === 1 ? pause(state) : state),
    })
    assert.ok(!(run.ended instanceof Error) && run.ended.state.stage === 0)
  })
})

test('nothing is measured any more when a run has timed out', async () => {
  const run = await scripted({ plan: { timeout: 90 }, verdict: () => 'no-data' })
  assert.equal(run.calls.filter(call => call.startsWith('measure')).length, 1)
})

test('an order to end a promotion is seen while the routes cannot be written', async () => {
  const run = await scripted({
    state: { ...confirming, status: 'promoting' },
    fails: call => (call.startsWith('edit') ? unreachable : undefined),
    orders: (state, call, before) => (call === 'wait' && before === 2 ? abort(state) : state),
  })
  assert.equal(statusOf(run), 'aborted')
  assert.equal(editsOf(run).length, 3)
})

const asked = (script: Script) => scripted({ state: confirming, plan: { promote: 'confirm' }, ...script })

describe('the question whether a version is promoted', () => {
  test('promotes after yes, and waits with no, with an error, and where nobody can be asked', async () => {
    assert.equal(statusOf(await asked({ ask: async () => true })), 'promoted')
    for (const ask of [async () => false, () => Promise.reject(new Error('closed')), undefined]) {
      const run = await asked({ ...(ask !== undefined && { ask }) })
      assert.equal(statusOf(run), 'confirming')
      assert.deepEqual(editsOf(run), [])
    }
  })

  test('is asked once, also where the cluster does not answer meanwhile', async () => {
    const run = await asked({
      ask: () => after(200, true),
      fails: (call, before) => (call === 'look' && before % 3 === 1 ? unreachable : undefined),
    })
    assert.equal(statusOf(run), 'promoted')
    assert.equal(run.calls.filter(call => call === 'ask').length, 1)
  })

  test('is not answered for a version that failed, was ended or paused while the person thought', async () => {
    for (let turns = 0; turns < 60; turns++) {
      let answered = false
      const ask = async () => {
        await after(turns * 25, true)
        return (answered = true)
      }
      const failing = await asked({
        ask,
        plan: { promote: 'confirm', threshold: 1, interval: 1 },
        verdict: () => 'fail',
      })
      const failedAt = failing.calls.indexOf('save rolling-back')
      if (failedAt >= 0) assert.ok(!failing.calls.includes('edit promotion'), `${turns} ${answered}`)
      const ended = await asked({
        ask,
        orders: (state, call, before) => (call === 'look' && before === 1 ? abort(state) : state),
      })
      if (statusOf(ended) === 'aborted') assert.deepEqual(editsOf(ended), [])
    }
    const run = await asked({
      ask: () => after(3, true),
      plan: { promote: 'confirm', timeout: 100 },
      orders: (state, call) => (call === 'wait' || call === 'look' ? pause(state) : state),
    })
    assert.deepEqual(editsOf(run), ['edit rollback'])
  })
})

describe('a question that is answered with no', () => {
  test('gives the run as it is then, with the checks that were made meanwhile', async () => {
    const run = await asked({ ask: () => after(40, false), plan: { promote: 'confirm', interval: 1 } })
    assert.ok(!(run.ended instanceof Error) && run.ended.state.progress[1]!.checks.length > 0)
  })
})

describe('an error', () => {
  const codes = [
    'unreachable',
    'timeout',
    'conflict',
    'unauthorized',
    'forbidden',
    'rejected',
    'failed',
  ] as const

  test('of a server is survived at each call, and told', async () => {
    const whole = await scripted({})
    for (const [i, call] of [...new Set(whole.calls)].entries()) {
      if (call === 'wait' || call.startsWith('hook')) continue
      const error = new CanaryError(codes[i % codes.length]!, 'no')
      const run = await scripted({
        fails: (made, before) => (made === call && before < 2 ? error : undefined),
      })
      assert.equal(statusOf(run), 'promoted', call)
      assert.ok(
        run.news.some(news => news.startsWith('trouble')),
        call,
      )
    }
  })

  test('of a run that another process took, or of the program, ends it at once, at each call', async () => {
    const whole = await scripted({})
    for (const call of new Set(whole.calls))
      for (const error of [new RunTaken('another process has it'), new CanaryError('half-written', 'half')]) {
        const run = await scripted({ fails: made => (made === call ? error : undefined) })
        assert.equal(run.ended, error)
        assert.equal(run.calls.at(-1), `${call} fails`)
      }
  })

  test('is waited for longer and longer, up to ten seconds', async () => {
    const run = await scripted({
      fails: (call, before) => (call === 'hold' && before < 8 ? unreachable : undefined),
    })
    assert.equal(run.seconds(), 1 + 2 + 4 + 8 + 10 + 10 + 10 + 10 + 120)
  })
})

const ends = ['promoted', 'failed', 'no-data', 'timed-out', 'aborted', 'stopped', 'confirming']

function assertSound(run: ScriptedRun): void {
  assert.ok(ends.includes(statusOf(run)), statusOf(run))
  const last = run.calls.findLastIndex(call => /^save (promoted|failed|no-data|timed-out|stopped)/.test(call))
  if (last >= 0)
    assert.deepEqual(
      run.calls.slice(last).filter(call => call.startsWith('edit')),
      [],
    )
  const back = run.calls.indexOf('save rolling-back')
  if (back >= 0 && run.calls.includes('edit rollback'))
    assert.ok(!run.calls.slice(run.calls.indexOf('edit rollback')).includes('edit promotion'))
  for (const stage of [0, 1]) {
    const measured = run.calls.indexOf(`measure ${stage}`)
    if (measured >= 0) assert.ok(run.calls.slice(0, measured).includes(`edit stage ${stage}`))
  }
  const rolled = run.calls.indexOf('edit rollback')
  if (rolled >= 0) assert.ok(!run.calls.slice(rolled).includes('hold'))
}

test('whatever happens, a run ends, edits nothing after its end, and never promotes after a rollback began', async () => {
  const script = fc.record({
    verdicts: fc.array(fc.constantFrom('pass', 'fail', 'no-data' as const), { minLength: 1, maxLength: 8 }),
    edits: fc.array(fc.constantFrom('done', 'done', 'held', 'refused', 'changed'), {
      minLength: 1,
      maxLength: 5,
    }),
    holds: fc.array(fc.boolean(), { maxLength: 4 }),
    fails: fc.array(fc.nat(60), { maxLength: 6 }),
    pauseAt: fc.nat(80),
    promote: fc.constantFrom('auto', 'confirm' as const),
    answer: fc.option(fc.boolean(), { nil: undefined }),
    failures: fc.constantFrom('total', 'consecutive' as const),
    onNoData: fc.constantFrom('wait', 'fail' as const),
  })
  await fc.assert(
    fc.asyncProperty(script, async s => {
      let calls = 0
      const run = await scripted({
        plan: { timeout: 1500, promote: s.promote, failures: s.failures, onNoData: s.onNoData },
        verdict: before => s.verdicts[before % s.verdicts.length] as 'pass',
        edit: (step, before) => {
          const kind = s.edits[before]
          if (step === 'rollback' || kind === undefined || kind === 'done') return undefined
          return kind === 'changed' ? { kind, as: 'stopped', why: 'x' } : { kind: kind as 'held', why: 'x' }
        },
        hold: before => (s.holds[before] === true ? 'closed' : undefined),
        fails: call =>
          s.fails.includes(calls++) && call !== 'wait' && !call.startsWith('hook') ? unreachable : undefined,
        orders: state =>
          calls > s.pauseAt && calls < s.pauseAt + 10
            ? pause(state)
            : ({ ...state, paused: undefined } as unknown as RolloutState),
        ...(s.answer !== undefined && { ask: () => after(30, s.answer!) }),
      })
      assertSound(run)
    }),
    { numRuns: 300 },
  )
})
