import assert from 'node:assert/strict'
import test from 'node:test'
import { quantileOf } from '../../shared/metrics/quantile.ts'
import { fc } from '../properties.ts'

const buckets = [
  { le: 10, rate: 0 },
  { le: 25, rate: 60 },
  { le: 100, rate: 90 },
  { le: Infinity, rate: 100 },
]

test('a quantile lies in its bucket, as if the observations were spread evenly there', () => {
  assert.equal(quantileOf(0.3, buckets), 17.5)
  assert.equal(quantileOf(0.75, buckets), 62.5)
})

test('a quantile above the last finite bound is that bound', () => {
  assert.equal(quantileOf(0.99, buckets), 100)
})

test('without observations, without an upper bound or without a finite one there is no quantile', () => {
  assert.equal(quantileOf(0.5, []), undefined)
  assert.equal(
    quantileOf(
      0.5,
      buckets.map(({ le }) => ({ le, rate: 0 })),
    ),
    undefined,
  )
  assert.equal(quantileOf(0.5, buckets.slice(0, 3)), undefined)
  assert.equal(quantileOf(0.5, buckets.slice(3)), undefined)
  assert.equal(
    quantileOf(
      0.5,
      buckets.map(({ le }) => ({ le, rate: Number.NaN })),
    ),
    undefined,
  )
})

test('quantiles grow with the share, and lie within the bounds', () => {
  const histogram = fc
    .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 12 })
    .chain(bounds =>
      fc.tuple(
        fc.constant(bounds.toSorted((one, other) => one - other)),
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), {
          minLength: bounds.length + 1,
          maxLength: bounds.length + 1,
        }),
      ),
    )
  fc.assert(
    fc.property(histogram, ([bounds, counts]) => {
      let sum = 0
      const some = [...bounds, Infinity].map((le, i) => ({ le, rate: (sum += counts[i]!) }))
      fc.pre(sum > 0)
      const values = [0.1, 0.5, 0.95, 0.99].map(share => quantileOf(share, some)!)
      values.reduce((before, value) => (assert.ok(value >= before - 1e-9), value), 0)
      assert.ok(values.every(value => value >= 0 && value <= bounds.at(-1)!))
    }),
  )
})
