import assert from 'node:assert/strict'
import { it } from 'node:test'
import { normalTail } from '../../shared/statistics/normal.ts'
import { binomialDraw, normalDraw, poissonDraw, seeded, type Random } from '../../shared/statistics/random.ts'
import { fc } from '../properties.ts'

/** The mean and the variance of many draws. */
function moments(draw: (random: Random) => number): readonly [mean: number, variance: number] {
  const random = seeded(7)
  const draws = Array.from({ length: 20_000 }, () => draw(random))
  const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length
  return [mean, draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length]
}

const near = (actual: number, expected: number, part: number): void =>
  assert.ok(
    Math.abs(actual - expected) <= part * Math.max(0.05, Math.abs(expected)),
    `${actual} is not near ${expected}`,
  )

it('the same seed gives the same numbers, another one others, from 0 up to 1', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const [one, again, other] = [seeded(seed), seeded(seed), seeded(seed + 1)]
      const numbers = Array.from({ length: 10 }, one)
      assert.deepEqual(numbers, Array.from({ length: 10 }, again))
      assert.notDeepEqual(numbers, Array.from({ length: 10 }, other))
      assert.ok(numbers.every(number => number >= 0 && number < 1))
    }),
  )
})

it('draws have the mean and the variance of their distribution, for few and for many', () => {
  const [normalMean, normalVariance] = moments(normalDraw)
  assert.ok(Math.abs(normalMean) < 0.03)
  near(normalVariance, 1, 0.05)
  for (const expected of [0.5, 8, 400]) {
    const [mean, variance] = moments(random => poissonDraw(expected, random))
    near(mean, expected, 0.05)
    near(variance, expected, 0.1)
  }
  for (const [total, part] of [
    [10, 0.3],
    [1000, 0.002],
    [5000, 0.2],
    [40, 0.95],
  ] as const) {
    const [mean, variance] = moments(random => binomialDraw(total, part, random))
    near(mean, total * part, 0.05)
    near(variance, total * part * (1 - part), 0.1)
  }
})

it('a binomial draw is between none and all', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.nat(5000), probability, fc.nat(), (total, part, seed) => {
      const drawn = binomialDraw(total, part, seeded(seed))
      assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn <= total)
    }),
  )
})

it('the tail of the normal distribution has the values of its table', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1.
  for (const [z, below] of [
    [0, 0.5],
    [1, 0.841_34],
    [1.96, 0.975],
    [2.58, 0.995_06],
    [-1, 0.158_66],
  ] as const)
    assert.ok(Math.abs(1 - normalTail(z) - below) < 1e-5, `${z}`)
})
