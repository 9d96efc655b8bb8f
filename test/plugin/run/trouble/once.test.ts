import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { askingOnce, tellingOnce } from '../../../../plugin/run/once.ts'
import type { RolloutPorts } from '../../../../plugin/run/rollout-ports.ts'
import type { RolloutNews } from '../../../../shared/rollout/rollout-news.ts'
import type { RolloutState } from '../../../../shared/rollout/rollout-state.ts'
import { begun } from '../scripted-run.ts'

/** The kinds of the news that are told of these. */
function told(...all: readonly (readonly [RolloutNews, Partial<RolloutState>?])[]): readonly string[] {
  const kinds: string[] = []
  const ports = tellingOnce({
    report: ({ kind }: RolloutNews) => void kinds.push(kind),
  } as unknown as RolloutPorts)
  for (const [news, state] of all) ports.report(news, { ...begun, state: { ...begun.state, ...state } })
  return kinds
}
const by = (name: string) => ({ paused: { at: '2026-01-01T00:00:00.000Z', by: name } })
const [jane, joe] = [by('jane'), by('joe')]
const [paused, note, stage] = [
  { kind: 'paused' },
  { kind: 'note', text: 'x' },
  { kind: 'stage' },
] as const satisfies readonly RolloutNews[]

describe('news that stands', () => {
  test('is told once, and again after something has happened', () => {
    assert.deepEqual(told([paused, jane], [paused, jane], [stage], [paused, jane]), [
      'paused',
      'stage',
      'paused',
    ])
  })

  test('is not told again after a note, each of which is told', () => {
    assert.deepEqual(told([paused, jane], [note], [paused, jane], [note]), ['paused', 'note', 'note'])
  })

  test('is told again where somebody else has paused, or a rollback has another reason or one at all', () => {
    assert.deepEqual(told([paused, jane], [paused, joe]), ['paused', 'paused'])
    const back = { kind: 'rolling-back' } as const
    assert.deepEqual(told([back], [back, { why: 'a' }], [back, { why: 'a' }], [back, { why: 'b' }]), [
      'rolling-back',
      'rolling-back',
      'rolling-back',
    ])
    assert.deepEqual(told([back], [back]), ['rolling-back'])
  })
})

test('a person is asked once, and nobody where nobody can be asked', async () => {
  let asked = 0
  const ports = askingOnce({
    ask: async () => {
      asked++
      return true
    },
  } as unknown as RolloutPorts)
  assert.deepEqual([await ports.ask!(begun), await ports.ask!(begun), asked], [true, true, 1])
  assert.equal('ask' in askingOnce({} as unknown as RolloutPorts), false)
})
