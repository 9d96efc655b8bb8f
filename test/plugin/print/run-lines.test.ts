import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questionsOf } from '../../../plugin/commands/run/ask.ts'
import { forPeople, lines } from '../../../plugin/commands/run/display/displays.ts'
import { paintOf } from '../../../plugin/print/colour.ts'
import { formatRunNews } from '../../../plugin/print/run/run-lines.ts'
import { formatRunScreen } from '../../../plugin/print/run/run-screen.ts'
import { afterCheck } from '../../../shared/rollout/advance.ts'
import { entered, nextStage, type RolloutCheck } from '../../../shared/rollout/rollout-state.ts'
import { Session } from '../../../plugin/session.ts'
import { streamsOf } from '../run-command.ts'
import { begun } from '../run/scripted-run.ts'

const at = '2026-01-01T00:00:00.000Z'
const paint = paintOf(false)
const check = (verdict: 'pass' | 'fail', refused?: string): RolloutCheck => ({
  at,
  verdict,
  results: [],
  ...(refused !== undefined && { refused }),
})

test('a step that cannot be entered is named, and is no check that measured something', () => {
  const { plan } = begun
  const first = afterCheck(plan, entered(begun.state, at, undefined), check('pass'))
  const refused = check('fail', 'v2 has no ready pod')
  const waiting = { ...begun, state: afterCheck(plan, nextStage(first), refused) }
  const [line] = formatRunNews({ kind: 'check', check: refused }, waiting, { at: new Date(at), paint })
  assert.match(line!, /step 2 of 2 cannot be entered, 1 of 2 failures: v2 has no ready pod/)
  const screen = formatRunScreen(waiting, { now: new Date(at), paint, columns: 100 })
  assert.match(screen, /step 2 cannot be entered: v2 has no ready pod/)
  const passed = check('pass')
  const there = { ...begun, state: afterCheck(plan, entered(waiting.state, at, undefined), passed) }
  const [next] = formatRunNews({ kind: 'check', check: passed }, there, { at: new Date(at), paint })
  assert.match(next!, /check 1: pass/)
})

test('a question that waits for an answer is asked again below the news', async () => {
  const written = { stdout: '', stderr: '' }
  const answered = Promise.withResolvers<string>()
  const answers = (async function* () {
    yield await answered.promise
  })()
  const streams = streamsOf({ stdin: Object.assign(answers, { isTTY: true }), isTTY: true }, written)
  const session = new Session([], streams, { openStore: () => Promise.reject(new Error('no store')) })
  const { ask, open } = questionsOf(session, false)
  const answer = ask!(begun)
  const display = lines(session, () => new Date(at), open)
  display.show({ kind: 'check', check: check('pass') }, begun)
  assert.match(written.stdout, /check \d+: /)
  assert.match(written.stderr, /^(promote v2 of catalog\? \[y\/N\] )\n\1$/)
  answered.resolve('y\n')
  assert.equal(await answer, true)
  display.show({ kind: 'ended' }, begun)
  assert.equal(written.stderr.match(/\[y\/N\]/g)?.length, 2)
})

for (const [where, world, asks, isDrawn] of [
  ['a terminal', { isTTY: true }, false, true],
  ['a terminal on which questions are asked', { isTTY: true }, true, false],
  ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false, false],
  ['a pipe', {}, false, false],
] as const)
  test(`on ${where} a run is ${isDrawn ? 'drawn in place' : 'a line for each piece of news'}`, async () => {
    const written = { stdout: '', stderr: '' }
    const session = new Session([], streamsOf(world, written), {
      openStore: () => Promise.reject(new Error('no store')),
    })
    const display = await forPeople(session, { asks, open: () => undefined })
    display.show({ kind: 'started' }, begun)
    display.close()
    assert.equal(written.stdout.includes('\u001b[?1049h'), isDrawn)
    assert.match(written.stdout, /catalog/)
  })
