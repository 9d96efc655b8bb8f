import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import { parseWeights } from '../../../plugin/words/weights.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'

for (const [typed, expected] of [
  [['v2=10'], { v2: 10 }],
  [['v2=10,v3=5'], { v2: 10, v3: 5 }],
  [['v2=10', 'v3=5'], { v2: 10, v3: 5 }],
  [['v2=0'], { v2: 0 }],
  [['v2=-0'], { v2: 0 }],
  [['v2=100'], { v2: 100 }],
  [['v2=10%'], { v2: 10 }],
] as const) {
  test(`reads ${typed.join(' ')}`, () => assert.deepEqual(Object.fromEntries(parseWeights(typed)), expected))
}

for (const [typed, complaint] of [
  ['v2=-5', /weight of v2 is negative: -5/],
  ['v2=101', /weight of v2 is above 100: 101/],
  ['v2=70,v3=40', /add up to 110, which is more than 100/],
  ['v2=ten', /weight of v2 is not a number: "ten"/],
  ['v2=', /weight of v2 is not a number/],
  ['v2=0x10', /weight of v2 is not a number/],
  ['v2=NaN', /weight of v2 is not a number/],
  ['v2=12.5', /weight of v2 is not a whole number: 12\.5/],
  ['v2=1e1', /weight of v2 is not a number/],
  ['v2=10,v2=20', /v2 is given twice/],
  ['v2', /v2 has no percentage/],
  ['=10', /=10 names no version/],
  ['v2=10,', /a weight is empty/],
  ['', /a weight is empty/],
] as const) {
  test(`refuses ${typed === '' ? 'an empty word' : typed} with a complaint of its own`, () => {
    assert.throws(
      () => parseWeights([typed]),
      (error: unknown) => {
        assert.ok(error instanceof CanaryError)
        assert.equal(error.code, 'usage')
        assert.match(error.message, complaint)
        assert.equal(error.hints.length, 1)
        return true
      },
    )
  })
}

test('gives either a split of at most 100 in whole numbers, or a usage error', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.stringMatching(/^[a-z0-9-]{0,3}$/),
          fc.oneof(fc.integer({ min: -20, max: 120 }).map(String), fc.string({ maxLength: 4 })),
        ),
        { maxLength: 4 },
      ),
      items => {
        try {
          const weights = [
            ...parseWeights(items.map(([version, percent]) => `${version}=${percent}`)).values(),
          ]
          assert.ok(weights.every(weight => Number.isInteger(weight) && weight >= 0))
          assert.ok(weights.reduce((sum, weight) => sum + weight, 0) <= 100)
        } catch (error) {
          assert.ok(error instanceof CanaryError && error.code === 'usage', String(error))
        }
      },
    ),
  )
})
