import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { mirrorIntentOf } from '../../../plugin/commands/mirror/mirror.ts'
import { parseMirrors } from '../../../plugin/words/mirrors.ts'
import { fc } from '../../properties.ts'

test('mirrors are versions with their percentages, each for itself', () => {
  assert.deepEqual(
    [...parseMirrors(['v2=25,v3=100%', 'v4=0.0001', 'v5=0'])],
    [
      ['v2', 25],
      ['v3', 100],
      ['v4', 0.0001],
      ['v5', 0],
    ],
  )
})

test('every percentage with at most four decimals is taken, and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), millionths => {
      const percent = (millionths / 10_000).toFixed(4)
      assert.equal(parseMirrors([`v2=${percent}`]).get('v2'), Number(percent))
      const finer = `${percent}5`
      assert.throws(() => parseMirrors([`v2=${finer}`]), { code: 'usage' })
    }),
  )
})

for (const [words, message] of [
  [['v2'], /v2 has no percentage/],
  [['v2=-1'], /the mirrored percentage of v2 is negative: -1/],
  [['v2=101'], /the mirrored percentage of v2 is above 100: 101/],
  [['v2=x'], /the mirrored percentage of v2 is not a number: "x"/],
  [['v2=0.00001'], /the mirrored percentage of v2 is too fine: 0\.00001/],
  [['v2=1', 'v2=2'], /v2 is given twice/],
] as const)
  test(`${words.join(' ')} is refused with what is wrong with it`, () => {
    assert.throws(
      () => parseMirrors(words),
      error => error instanceof CanaryError && error.code === 'usage' && message.test(error.message),
    )
  })

test('--off ends all mirrors, and takes no versions or routes', () => {
  assert.deepEqual(mirrorIntentOf([], { off: true, force: false, service: 'catalog' }), {
    kind: 'set-mirrors',
    mirrors: new Map(),
    force: false,
    service: 'catalog',
  })
  for (const more of [
    { words: ['v2=5'] },
    { words: [], route: ['/a'] },
    { words: [], virtualService: ['a'] },
  ])
    assert.throws(() => mirrorIntentOf(more.words, { off: true, force: false, ...more }), { code: 'usage' })
})
