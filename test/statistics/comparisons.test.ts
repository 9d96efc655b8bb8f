import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { betaQuantile, incompleteBeta } from '../../shared/statistics/beta.ts'
import { fisherGreater } from '../../shared/statistics/fisher.ts'
import { pooledRatioProbability } from '../../shared/statistics/pooled-ratio.ts'
import { proportionInterval } from '../../shared/statistics/proportion.ts'
import { rateRatio } from '../../shared/statistics/rate-ratio.ts'
import { slowerProbability } from '../../shared/statistics/slower.ts'
import { fc } from '../properties.ts'

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`)

const shapes = fc.double({ min: 0.5, max: 200, noNaN: true })
const parts = fc.double({ min: 0.001, max: 0.999, noNaN: true })
/** So many of up to so many. */
const proportions = (most = 2000) =>
  fc
    .integer({ min: 1, max: most })
    .chain(total => fc.integer({ min: 0, max: total }).map(count => ({ count, total })))

describe('the incomplete beta function', () => {
  it('is a binomial tail for whole numbers', () => {
    // P(X >= 3) for 10 draws of 0.2: NIST's binomial example by hand, 1 - 0.6778.
    near(incompleteBeta(0.2, 3, 8), 0.322_200_473_6, 1e-10)
    near(incompleteBeta(0.5, 1, 1), 0.5, 1e-14)
    near(incompleteBeta(0.25, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(0.25)), 1e-12)
  })

  it('is symmetric, and its quantile inverts it', () => {
    fc.assert(
      fc.property(parts, shapes, shapes, (x, a, b) => {
        near(incompleteBeta(x, a, b), 1 - incompleteBeta(1 - x, b, a), 1e-10)
        near(incompleteBeta(betaQuantile(x, a, b), a, b), x, 1e-9)
      }),
    )
  })
})

describe('the interval of a proportion', () => {
  it('has the published values', () => {
    // R, ?binom.test: 682 of 925 (Conover 1971); the others are the tables of Clopper and Pearson.
    for (const [count, total, low, high] of [
      [682, 925, 0.707_668_3, 0.765_406_6],
      [0, 10, 0, 0.308_497_1],
      [1, 10, 0.002_528_6, 0.445_016_1],
      [10, 10, 0.691_502_9, 1],
    ] as const) {
      const interval = proportionInterval({ count, total }, 0.95)
      near(interval.low, low, 1e-6)
      near(interval.high, high, 1e-6)
    }
  })

  it('holds the observed part, and moves up with the count', () => {
    fc.assert(
      fc.property(proportions(), ({ count, total }) => {
        const { low, high } = proportionInterval({ count, total }, 0.95)
        assert.ok(low <= count / total && count / total <= high)
        if (count < total) assert.ok(proportionInterval({ count: count + 1, total }, 0.95).low > low)
      }),
    )
  })
})

describe('the ratio of two rates', () => {
  it('has the values of the published example', () => {
    // R, ?poisson.test, on the numbers of Martin and Austin: 11 in 800 against 21 in 3011.
    const { ratio, low, high } = rateRatio({ count: 11, total: 800 }, { count: 21, total: 3011 }, 0.95)
    near(ratio, 1.971_488, 1e-6)
    near(low, 0.858_426_4, 1e-6)
    near(high, 4.277_265_9, 1e-6)
  })

  it('is everything without an event, and has an end without one on a side', () => {
    const none = { count: 0, total: 100 }
    const some = { count: 5, total: 100 }
    const nothing = rateRatio(none, none, 0.95)
    assert.deepEqual([nothing.low, nothing.high], [0, Infinity])
    assert.equal(rateRatio(none, some, 0.95).low, 0)
    assert.equal(rateRatio(some, none, 0.95).high, Infinity)
    assert.ok(rateRatio(some, none, 0.95).low > 0)
  })

  it('is inverted when the samples are swapped, and narrower for more of the same', () => {
    fc.assert(
      fc.property(proportions(500), proportions(500), (one, other) => {
        const [there, back] = [rateRatio(one, other, 0.95), rateRatio(other, one, 0.95)]
        const product = there.low * back.high
        if (Number.isFinite(product) && product > 0) near(product, 1, 1e-6)
        const tenfold = rateRatio(
          { count: 10 * one.count, total: 10 * one.total },
          { count: 10 * other.count, total: 10 * other.total },
          0.95,
        )
        assert.ok(tenfold.low >= there.low * (1 - 1e-9) && tenfold.high <= there.high * (1 + 1e-9))
      }),
    )
  })
})

describe('Fisher’s exact test', () => {
  it('has the published values', () => {
    // The lady who tastes tea, Fisher 1935: 3 of 4 cups; and his criminal twins (R, ?fisher.test).
    near(fisherGreater({ count: 3, total: 4 }, { count: 1, total: 4 }), 17 / 70, 1e-12)
    near(fisherGreater({ count: 4, total: 4 }, { count: 0, total: 4 }), 1 / 70, 1e-12)
    near(fisherGreater({ count: 10, total: 13 }, { count: 2, total: 17 }), 0.000_465_18, 1e-8)
  })

  it('gives the two directions together one and the probability of what was seen', () => {
    fc.assert(
      fc.property(proportions(300), proportions(300), (one, other) => {
        const up = fisherGreater(one, other)
        const down = fisherGreater(other, one)
        assert.ok(up >= 0 && up <= 1 && up + down >= 1 - 1e-9, `${up} ${down}`)
        if (one.count < one.total && other.count > 0)
          assert.ok(
            fisherGreater({ ...one, count: one.count + 1 }, { ...other, count: other.count - 1 })
              <= up + 1e-9,
          )
      }),
    )
  })
})

describe('the comparison of two histograms', () => {
  const histogram = (...counts: readonly number[]) =>
    [10, 25, 50, 100, Infinity].map((le, i) => ({
      le,
      count: counts.slice(0, i + 1).reduce((sum, count) => sum + count, 0),
    }))

  it('finds a shift of all, and a longer tail alone', () => {
    const stable = histogram(100, 800, 90, 10, 0)
    assert.ok(slowerProbability(histogram(10, 60, 25, 5, 0), stable) < 0.001)
    assert.ok(slowerProbability(histogram(10, 78, 5, 1, 6), stable) < 0.001)
    assert.ok(slowerProbability(histogram(30, 65, 5, 0, 0), stable) > 0.2)
  })

  it('says nothing of two equal ones, of one bucket, or of none', () => {
    const some = histogram(10, 80, 9, 1, 0)
    assert.ok(slowerProbability(some, some) > 0.5)
    assert.equal(slowerProbability(histogram(0, 50, 0, 0, 0), histogram(0, 500, 0, 0, 0)), 1)
    assert.equal(slowerProbability([], some), 1)
  })
})

describe('the ratio of two rates over several strata', () => {
  const stratum = fc.record({ one: proportions(200), other: proportions(200) })

  it('is a binomial tail for one stratum, and for several with the same shares', () => {
    const [one, other] = [
      { count: 11, total: 800 },
      { count: 21, total: 3011 },
    ]
    near(pooledRatioProbability([{ one, other }], 1), incompleteBeta(800 / 3811, 11, 22), 1e-12)
    const [some, more] = [
      { one: { count: 4, total: 800 }, other: { count: 9, total: 3011 } },
      { one: { count: 7, total: 1600 }, other: { count: 12, total: 6022 } },
    ]
    near(pooledRatioProbability([some, more], 1), incompleteBeta(800 / 3811, 11, 22), 1e-12)
  })

  it('does not take shares and rates that change with time for a difference', () => {
    // Both fail for 1 % at 10 %, then for 20 % at 50 %: together 12 % against 3 %.
    const strata = [
      { one: { count: 10, total: 1000 }, other: { count: 90, total: 9000 } },
      { one: { count: 200, total: 1000 }, other: { count: 200, total: 1000 } },
    ]
    assert.ok(pooledRatioProbability(strata, 1) > 0.4)
  })

  it('is a probability that falls with the ratio, whatever the strata are, and near the normal one for many events', () => {
    fc.assert(
      fc.property(fc.array(stratum, { maxLength: 4 }), strata => {
        const [low, high] = [1, 2].map(ratio => pooledRatioProbability(strata, ratio))
        assert.ok(low! >= -1e-9 && high! <= 1 + 1e-9 && low! <= high! + 1e-6, `${low} ${high}`)
      }),
    )
    const many = { one: { count: 190, total: 8000 }, other: { count: 600, total: 30_110 } }
    near(pooledRatioProbability([many], 1), incompleteBeta(8000 / 38_110, 190, 601), 2e-3)
  })
})
