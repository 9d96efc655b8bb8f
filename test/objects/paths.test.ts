import assert from 'node:assert/strict'
import test from 'node:test'
import { valueAt, withValueAt, type Path } from '../../shared/objects/paths.ts'
import { fc } from '../properties.ts'

const path: fc.Arbitrary<Path> = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
const value = fc.constantFrom<unknown>(1, 'x', [1], { d: 2 })
const object = fc.object({ key: fc.constantFrom('a', 'b', 'c'), maxDepth: 3, values: [fc.nat()] })

test('a value that is set is there, and nothing beside its path changes', () => {
  fc.assert(
    fc.property(object, path, value, (start, at, put) => {
      const copy = structuredClone(start)
      const after = withValueAt(start, at, { value: put, isItem: false })
      assert.deepEqual(valueAt(after, at), put)
      assert.deepEqual(start, copy)
      for (const key of ['a', 'b', 'c'])
        if (key !== at[0]) assert.deepEqual(valueAt(after, [key]), valueAt(start, [key]))
    }),
  )
})

test('an item comes last in its list, which is made where it is missing', () => {
  const start = { spec: { subsets: [{ name: 'v1' }] } }
  const item = { value: { name: 'v2' }, isItem: true }
  assert.deepEqual(withValueAt(start, ['spec', 'subsets'], item), {
    spec: { subsets: [{ name: 'v1' }, { name: 'v2' }] },
  })
  assert.deepEqual(withValueAt({}, ['spec', 'subsets'], item), { spec: { subsets: [{ name: 'v2' }] } })
})

test('a field without a value goes, and so does an item by its place', () => {
  const gone = { value: undefined, isItem: false }
  assert.deepEqual(withValueAt({ a: { b: 1, c: 2 } }, ['a', 'b'], gone), { a: { c: 2 } })
  assert.deepEqual(withValueAt({ a: [1, 2, 3] }, ['a', 1], gone), { a: [1, 3] })
  assert.deepEqual(withValueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'], { value: 2, isItem: false }), {
    a: [{ b: 2 }],
  })
})
