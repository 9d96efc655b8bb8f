import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bucketRegex, digitsOf, type Bucket } from '../../shared/objects/text/bucket-regex.ts'
import { fc } from '../properties.ts'
import { re2 } from '../routing/requests.ts'

/** The number of all values of so many digits that are in the bucket. */
function inBucket(bucket: Bucket): number {
  const matches = re2(bucketRegex(bucket))
  const base = bucket.digits === 'hex' ? 16 : 10
  const count = digitsOf(bucket)
  return Array.from({ length: base ** count }, (_, n) => n.toString(base).padStart(count, '0')).filter(
    value => matches(`user-${value}`),
  ).length
}

const percents = fc.integer({ min: 1, max: 9999 }).map(hundredths => hundredths / 100)

describe('a bucket of the values of a header', () => {
  it('holds exactly its share of decimal numbers', () => {
    for (const percent of [1, 5, 10, 50, 99, 0.5, 12.5, 33.3, 0.01, 66.67, 99.99]) {
      const bucket: Bucket = { percent, digits: 'decimal' }
      assert.equal(inBucket(bucket), Math.round((percent / 100) * 10 ** digitsOf(bucket)), String(percent))
    }
  })
  it('holds its share of hex numbers to a hundredth of a percent, in both cases', () => {
    for (const percent of [1, 5, 50, 0.01, 99.99, 33.33]) {
      const bucket: Bucket = { percent, digits: 'hex' }
      assert.ok(Math.abs(inBucket(bucket) / 65_536 - percent / 100) <= 0.0001, String(percent))
    }
    const matches = re2(bucketRegex({ percent: 99.99, digits: 'hex' }))
    assert.ok(['0abc', '0ABC', 'f0Ab'].every(end => matches(`x${end}`)))
  })
  it('keeps everybody in as it grows, and is the numbers below a threshold', () => {
    fc.assert(
      fc.property(
        percents,
        fc.constantFrom('decimal' as const, 'hex' as const),
        fc.nat(65_535),
        (percent, digits, n) => {
          const bucket: Bucket = { percent, digits }
          const [base, count] = [digits === 'hex' ? 16 : 10, digitsOf(bucket)]
          const value = n % base ** count
          const below = Math.max(1, Math.round((percent / 100) * base ** count))
          const text = `id:${value.toString(base).padStart(count, '0')}`
          assert.equal(re2(bucketRegex(bucket))(text), value < below)
        },
      ),
    )
  })
  it('does not hold values without such digits', () => {
    const matches = re2(bucketRegex({ percent: 99, digits: 'decimal' }))
    for (const value of ['', '7', 'ann', '12a', 'ab']) assert.equal(matches(value), false, value)
  })
})
