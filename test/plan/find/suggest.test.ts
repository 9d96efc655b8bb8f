import assert from 'node:assert/strict'
import test from 'node:test'
import { mistyped } from '../../../shared/objects/text/closest.ts'
import { suggest } from '../../../shared/plan/find/suggest.ts'

for (const [said, names, expected] of [
  ['catalogue', ['catalog', 'orders'], ' Did you mean catalog?'],
  ['V2', ['v1', 'v2'], ' Did you mean v2?'],
  ['v9', ['v1', 'v2'], ''],
  ['v2', ['v2'], ''],
  ['v2', ['v1'], ''],
  ['payments', ['catalog'], ''],
] as const)
  test(`for ${said} among ${names.join(', ')} it proposes${expected === '' ? ' nothing' : expected.slice(13, -1)}`, () =>
    assert.equal(suggest(said, names), expected))

test('a mistyped name is proposed among a thousand names, and none among more', () => {
  const others = Array.from({ length: 999 }, (_, i) => `service-${i}`)
  assert.equal(mistyped('catlog', [...others, 'catalog']), 'catalog')
  assert.equal(mistyped('catlog', [...others, 'more', 'catalog']), undefined)
})
