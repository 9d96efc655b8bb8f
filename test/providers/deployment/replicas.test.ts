import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { divide, exactTotal } from '../../../shared/providers/deployment/edit/replicas.ts'
import { fc } from '../../properties.ts'

const counts = (total: number, ...weights: readonly number[]): readonly number[] =>
  divide(
    total,
    weights.map((weight, of) => ({ of, weight })),
  ).map(({ count }) => count)

describe('pods that are divided by weights', () => {
  test('go to the largest remainders, of equal ones to the first', () => {
    assert.deepEqual(counts(10, 80, 20), [8, 2])
    assert.deepEqual(counts(10, 33, 34, 33), [3, 4, 3])
    assert.deepEqual(counts(10, 1, 1, 1), [4, 3, 3])
    assert.deepEqual(counts(7, 26, 74), [2, 5])
  })

  test('are at least one for each part with a weight, from the part that has most, and none for the others', () => {
    assert.deepEqual(counts(3, 1, 99), [1, 2])
    assert.deepEqual(counts(4, 98, 1, 1), [2, 1, 1])
    assert.deepEqual(counts(1, 50, 50), [1, 1])
    assert.deepEqual(counts(10, 80, 0, 20), [8, 0, 2])
    assert.deepEqual(counts(5, 0, 0), [5, 0])
  })

  test('are as many as before, and no part is a pod from its quota where each has one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(100), { minLength: 1, maxLength: 4 }),
        (total, weights) => {
          const sum = weights.reduce((all, weight) => all + weight, 0)
          fc.pre(sum > 0)
          const found = counts(total, ...weights)
          const needed = Math.max(total, weights.filter(weight => weight > 0).length)
          assert.equal(
            found.reduce((all, count) => all + count, 0),
            needed,
          )
          assert.ok(found.every((count, i) => (weights[i] === 0 ? count === 0 : count >= 1)))
          if (weights.every(weight => weight === 0 || needed * weight >= sum))
            assert.ok(found.every((count, i) => Math.abs(count - (needed * weights[i]!) / sum) < 1))
        },
      ),
    )
  })
})

test('the least number of pods for whole percentages', () => {
  for (const [percents, total] of [
    [[80, 20], 5],
    [[50, 50, 0], 2],
    [[100], 1],
    [[33, 67], 100],
    [[10, 30, 60], 10],
  ] as const)
    assert.equal(exactTotal(percents), total)
})
