import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatExpectation, mismatchOf, parseExpectation } from '../../shared/trial/expectation.ts'
import { simulate } from '../../shared/trial/simulate.ts'
import type { Trial, TrialShare } from '../../shared/trial/trial.ts'
import { fc } from '../properties.ts'

const to = (version: string, percent: number, more: Partial<TrialShare> = {}): TrialShare => ({
  service: 'catalog',
  namespace: 'shop',
  version,
  percent,
  ...more,
})
const trial = (...shares: readonly TrialShare[]) => ({ shares, decision: {} }) as unknown as Trial
const isMet = (text: string, ...shares: readonly TrialShare[]): boolean =>
  mismatchOf(trial(...shares), parseExpectation(text)!) === undefined

describe('an expectation', () => {
  it('is a version, a service, both, a status, or parts that add up to 100', () => {
    for (const text of ['v2', 'catalog/v2', '404', 'v1=90,v2=10', 'v1=66.7,v2=33.3'])
      assert.equal(formatExpectation(parseExpectation(text)!), text)
    assert.equal(formatExpectation(parseExpectation(' v1=90 , v2=10% ')!), 'v1=90,v2=10')
    for (const text of ['', 'v1=90', 'v1=90,v2=20', 'v1,v2', 'v1=90,v1=10', 'v 1', 'v1=x,v2=10'])
      assert.equal(parseExpectation(text), undefined, text)
  })

  it('is met by requests that all go there', () => {
    for (const text of ['v2', 'catalog', 'catalog/v2']) assert.ok(isMet(text, to('v2', 100)), text)
    for (const text of ['v1', 'orders', 'orders/v2', '503']) assert.ok(!isMet(text, to('v2', 100)), text)
    assert.ok(!isMet('v2', to('v1', 90), to('v2', 10)))
    assert.ok(isMet('v1=90,v2=10', to('v1', 90), to('v2', 10)))
    assert.ok(isMet('v2', to('v2', 60), to('v2', 40)))
  })

  it('of a version is not met by requests that are answered with an error', () => {
    assert.ok(!isMet('v2', to('v2', 100, { status: 503, failure: { flag: 'UH' } })))
    assert.ok(isMet('503', to('v2', 100, { status: 503, failure: { flag: 'UH' } })))
    assert.ok(isMet('404', { percent: 100, status: 404 }))
  })

  it('says what there is instead', () => {
    assert.deepEqual(mismatchOf(trial(to('v1', 90), to('v2', 10)), parseExpectation('v2')!), {
      expected: 'v2',
      actual: 'v1 90 %, v2 10 %',
    })
  })
})

describe('a simulation', () => {
  it('gives the same counts with the same seed, and others with another', () => {
    const shares = [to('v1', 50), to('v2', 50)]
    const counts = (seed: number) => simulate(shares, { count: 1000, seed }).map(({ count }) => count)
    assert.deepEqual(counts(1), counts(1))
    assert.notDeepEqual(counts(1), counts(2))
  })

  it('counts every request once, within five standard deviations of its share', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 1_000_000 }), (list, seed) => {
        const total = list.reduce((sum, weight) => sum + weight, 0)
        if (total === 0) return
        const shares = list.map((weight, i) => to(`v${i}`, (weight * 100) / total))
        const simulated = simulate(shares, { count: 5000, seed })
        assert.equal(
          simulated.reduce((sum, { count }) => sum + count, 0),
          5000,
        )
        for (const { count, percent } of simulated) {
          const expected = 50 * percent
          const deviation = Math.sqrt(expected * (1 - percent / 100))
          assert.ok(Math.abs(count - expected) <= 5 * deviation + 1e-6)
        }
      }),
    )
  })
})
