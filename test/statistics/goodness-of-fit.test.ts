import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logGamma, upperGamma } from '../../shared/statistics/gamma.ts'
import { goodnessOfFit } from '../../shared/statistics/goodness-of-fit.ts'
import { fc } from '../properties.ts'

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`)

describe('the gamma functions', () => {
  it('have the values of factorials and of one half', () => {
    for (const [x, value] of [
      [1, 1],
      [2, 1],
      [5, 24],
      [11, 3_628_800],
      [0.5, Math.sqrt(Math.PI)],
    ] as const)
      near(logGamma(x), Math.log(value), 1e-12)
  })

  it('of one variable more are those of an exponential distribution for a = 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), x =>
        near(upperGamma(1, x), Math.exp(-x), 1e-12),
      ),
    )
  })

  it('meet the recurrence Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1)', () => {
    const numbers = fc.double({ min: 0.1, max: 40, noNaN: true })
    fc.assert(
      fc.property(numbers, numbers, (a, x) => {
        const step = Math.exp(a * Math.log(x) - x - logGamma(a + 1))
        near(upperGamma(a + 1, x), upperGamma(a, x) + step, 1e-10)
      }),
    )
  })
})

describe('a chi-squared test of shares', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4: critical values by degrees of freedom.
  it('has the critical values of the published table', () => {
    for (const [degrees, p, critical] of [
      [1, 0.1, 2.706],
      [1, 0.05, 3.841],
      [1, 0.001, 10.828],
      [2, 0.05, 5.991],
      [3, 0.01, 11.345],
      [5, 0.05, 11.07],
      [10, 0.001, 29.588],
      [100, 0.05, 124.342],
    ] as const)
      near(upperGamma(degrees / 2, critical / 2), p, p * 1e-3)
  })

  it('counts what differs by its expected count', () => {
    const { statistic, degreesOfFreedom, p, isSound } = goodnessOfFit([
      { count: 80, expected: 0.9 },
      { count: 20, expected: 0.1 },
    ])
    near(statistic, 100 / 90 + 100 / 10, 1e-12)
    assert.equal(degreesOfFreedom, 1)
    near(p, 0.000_858, 1e-6)
    assert.ok(isSound)
  })
})

describe('a chi-squared test of few counts', () => {
  it('does not count an outcome that is neither expected nor seen', () => {
    const parts = [
      { count: 80, expected: 0.9 },
      { count: 20, expected: 0.1 },
    ]
    assert.deepEqual(goodnessOfFit([...parts, { count: 0, expected: 0 }]), goodnessOfFit(parts))
  })

  it('of no counts says nothing: the probability is 1, and it is not sound', () => {
    const none = [
      { count: 0, expected: 0.9 },
      { count: 0, expected: 0.1 },
    ]
    assert.deepEqual(goodnessOfFit(none), { statistic: 0, degreesOfFreedom: 1, p: 1, isSound: false })
  })

  it('is not sound where fewer than five are expected of something', () => {
    const parts = (total: number) => [
      { count: total, expected: 0.99 },
      { count: 0, expected: 0.01 },
    ]
    assert.ok(!goodnessOfFit(parts(499)).isSound)
    assert.ok(goodnessOfFit(parts(500)).isSound)
  })

  it('takes what is not expected at all for impossible, and one certain outcome for sure', () => {
    assert.equal(goodnessOfFit([{ count: 100, expected: 1 }]).p, 1)
    assert.equal(
      goodnessOfFit([
        { count: 99, expected: 1 },
        { count: 1, expected: 0 },
      ]).p,
      0,
    )
  })
})
