import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../properties.ts'
import { compareNaturally } from '../../shared/objects/text/natural-order.ts'

test('orders versions as people count them', () => {
  assert.deepEqual(['v10', 'v2', 'v1', 'canary', 'v1.10', 'v1.9'].toSorted(compareNaturally), [
    'canary',
    'v1',
    'v1.9',
    'v1.10',
    'v2',
    'v10',
  ])
})

test('orders any names in one way, whatever order they come in', () => {
  const name = fc.stringMatching(/^[a-z0-9.-]{0,6}$/)
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assert.equal(Math.sign(compareNaturally(a, b)) + Math.sign(compareNaturally(b, a)), 0)
      if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0) assert.ok(compareNaturally(a, c) <= 0)
    }),
  )
})
