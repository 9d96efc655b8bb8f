import assert from 'node:assert/strict'
import test from 'node:test'
import { formatPercent, roundPercent } from '../../shared/routing/shares.ts'

test('a share is rounded to one decimal', () => {
  assert.equal(formatPercent(200 / 3), '66.7 %')
  assert.deepEqual([0, 12.34, 100].map(roundPercent), [0, 12.3, 100])
})

test('a version that gets a few requests is not shown as one that gets none, nor the other one as if it had all', () => {
  assert.deepEqual([0.01, 99.99].map(roundPercent), [0.1, 99.9])
})

test('what sums of parts are off by is no share', () => {
  assert.equal(roundPercent(33.3 + 33.3 + 33.4 - 1e-12), 100)
})
