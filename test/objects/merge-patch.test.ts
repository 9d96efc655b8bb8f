import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../properties.ts'
import { mergePatch } from '../../shared/objects/content/merge-patch.ts'
import { isEqual } from '../../shared/objects/content/equal.ts'

type Fields = Record<string, unknown>

/** How a server applies a merge patch (RFC 7386). */
function patched(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Fields =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = patched(result[key], value)
  }
  return result
}

const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.constantFrom('', 'a', 'b'),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { noNullPrototype: true })

test('a patch makes one object of the other', () => {
  fc.assert(
    fc.property(object, object, (before, after) => {
      const patch = mergePatch(before, after)
      assert.ok(isEqual(patch === undefined ? before : patched(before, patch), after))
    }),
  )
})

test('equal objects need no patch, whatever the order of their keys', () => {
  assert.equal(mergePatch({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 }), undefined)
})

test('what goes is set to null, and lists are replaced whole', () => {
  assert.deepEqual(mergePatch({ a: 1, b: { c: 1, d: 1 }, e: [1, 2] }, { b: { c: 1 }, e: [2] }), {
    a: null,
    b: { d: null },
    e: [2],
  })
})
