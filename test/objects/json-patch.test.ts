import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonPatch, type JsonOperation } from '../../shared/objects/content/json-patch.ts'
import { fc } from '../properties.ts'

/** How a server applies the operations that we write. */
function patched(target: Record<string, unknown>, operations: readonly JsonOperation[]): unknown {
  const result = structuredClone(target)
  for (const { op, path, value } of operations) {
    const keys = path
      .split('/')
      .slice(1)
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop()!
    const parent = keys.reduce<Record<string, unknown>>(
      (at, key) => at[key] as Record<string, unknown>,
      result,
    )
    assert.equal(Object.hasOwn(parent, last), op !== 'add', `${op} ${path}`)
    if (op === 'remove') delete parent[last]
    else parent[last] = value
  }
  return result
}

const key = fc.constantFrom('a', 'b/c', 'd~e', 'f')
const value = fc.letrec<{ value: unknown; fields: Record<string, unknown> }>(tie => ({
  value: fc.oneof(fc.nat(2), fc.array(fc.nat(2), { maxLength: 2 }), tie('fields')),
  fields: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).fields

test('the patch makes the second object of the first', () => {
  fc.assert(
    fc.property(value, value, (before, after) => {
      assert.deepEqual(patched(before, jsonPatch(before, after)), after)
      assert.deepEqual(jsonPatch(after, after), [])
    }),
  )
})

test('a list is replaced whole, and an annotation has its slash escaped', () => {
  assert.deepEqual(
    jsonPatch(
      { metadata: { annotations: {} }, spec: { http: [1, 2] } },
      { metadata: { annotations: { 'kubectl-canary/stable': 'v1' } }, spec: { http: [1, 3] } },
    ),
    [
      { op: 'add', path: '/metadata/annotations/kubectl-canary~1stable', value: 'v1' },
      { op: 'replace', path: '/spec/http', value: [1, 3] },
    ],
  )
})
