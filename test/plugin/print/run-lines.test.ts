import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paintOf } from '../../../plugin/print/colour.ts'
import { formatRunNews } from '../../../plugin/print/run/run-lines.ts'
import { formatRunScreen } from '../../../plugin/print/run/run-screen.ts'
import { afterCheck } from '../../../shared/rollout/advance.ts'
import { entered, nextStage, type RolloutCheck } from '../../../shared/rollout/rollout-state.ts'
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
