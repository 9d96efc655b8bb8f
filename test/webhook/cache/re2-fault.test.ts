import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { re2FaultsOfOne } from '../../../webhook/cache/re2-fault.ts'

const faulty = (patterns: readonly string[]): readonly string[] => {
  const re2Fault = re2FaultsOfOne()
  return patterns.filter(pattern => re2Fault(pattern) !== undefined)
}

describe('the patterns of an object', () => {
  it('are checked by the syntax of RE2', () =>
    assert.deepEqual(faulty(['(?=a)b', '^/v1/.*$', '[a', 'a{2,1}']), ['(?=a)b', '[a', 'a{2,1}']))
  it('are checked with the repetitions that people write', () => {
    const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
    assert.deepEqual(faulty([`${uuid}(?=x)`, `(\\d{1,3}\\.){3}\\d{1,3}(?=x)`]).length, 2)
  })
  it('are not checked if one takes half a second to compile', () => {
    for (const long of [
      'a{1000}'.repeat(140),
      `(${'a'.repeat(900)}){1000}`,
      '\\pL{1000}',
      '((a{10}){10}){100}',
    ])
      assert.deepEqual(faulty([`${long}(?=x)`]), [], long)
  })
  it('are not measured if they are long, or after too many', () => {
    assert.deepEqual(faulty(['['.repeat(1_000_000), `(?=x)${'a'.repeat(5_000)}`]), [])
    assert.deepEqual(faulty(Array.from({ length: 300 }, (_, i) => `${'['.repeat(4_900)}${i}`)), [])
    assert.ok(faulty(Array.from({ length: 300 }, (_, i) => `${'('.repeat(4_900)}${i}`)).length < 20)
  })
  it('are checked up to a number', () => {
    const found = faulty(Array.from({ length: 10_000 }, (_, i) => `(?=${i})`)).length
    assert.ok(found > 1000 && found < 5000, String(found))
  })
})
