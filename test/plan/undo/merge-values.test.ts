import assert from 'node:assert/strict'
import test from 'node:test'
import { alignLists } from '../../../shared/plan/undo/align-lists.ts'
import { mergeValues } from '../../../shared/plan/undo/merge-values.ts'
import { fc } from '../../properties.ts'

const route = (name: string, weight = 100) => ({ match: [{ uri: { prefix: `/${name}` } }], weight })
const merge = (base: unknown, theirs: unknown, ours: unknown) => mergeValues({ base, theirs, ours })

test('changes of different routes are merged, wherever their places are now', () => {
  const base = [route('a'), route('b'), route('c')]
  const theirs = [route('new'), route('a'), route('b'), route('c', 5)]
  const ours = [route('a', 90), route('c')]
  assert.deepEqual(merge(base, theirs, ours), {
    value: [route('new'), route('a', 90), route('c', 5)],
    conflicts: [],
  })
})

test('a change of both sides to one route is a conflict, with its place now', () => {
  const base = { spec: { http: [route('a'), route('b')] } }
  const theirs = { spec: { http: [route('first'), route('a'), { ...route('b'), timeout: '5s' }] } }
  const ours = { spec: { http: [route('a'), route('b', 10)] } }
  assert.deepEqual(merge(base, theirs, ours).conflicts, [['spec', 'http', 2]])
  const between = { spec: { http: [route('a'), route('new'), { ...route('b'), timeout: '5s' }] } }
  assert.deepEqual(merge(base, between, ours).conflicts, [['spec', 'http', 2]])
})

test('an item that was changed is found again as the one that has most of its fields', () => {
  const to = (prefix: string, subset: string) => ({ prefix, subset, timeout: '5s' })
  assert.deepEqual(alignLists([to('/a', 'v1'), to('/b', 'v1')], [to('/b', 'v2')]), [undefined, 0])
  assert.deepEqual(alignLists([to('/a', 'v1')], [to('/b', 'v3'), to('/a', 'v2')]), [1])
  assert.deepEqual(alignLists([{ name: 'a', to: 1 }], [{ name: 'b', to: 1 }]), [undefined])
  assert.deepEqual(alignLists([{ x: 1 }], [{ y: 1 }]), [undefined])
  assert.deepEqual(alignLists(['a', 'b'], ['b', 'a']).filter(place => place !== undefined).length, 1)
})

test('a route that one side changed and the other deleted is a conflict', () => {
  assert.deepEqual(merge([route('a'), route('b')], [route('a')], [route('a'), route('b', 1)]).conflicts, [
    [1],
  ])
  assert.deepEqual(merge([route('a'), route('b')], [route('a'), route('b', 1)], [route('a')]).conflicts, [
    [1],
  ])
})

test('what both sides add at one place is a conflict, because the order of routes counts', () => {
  const base = [route('a')]
  assert.deepEqual(merge(base, [route('x'), route('a')], [route('y'), route('a')]).conflicts, [[0]])
  assert.deepEqual(merge(base, [route('x'), route('a')], [route('a'), route('y')]), {
    value: [route('x'), route('a'), route('y')],
    conflicts: [],
  })
})

test('a key that only one side touched follows that side', () => {
  const base = { a: '1', b: '2', c: '3' }
  assert.deepEqual(merge(base, { a: '1', b: '9', c: '3' }, { a: '7', b: '2' }), {
    value: { a: '7', b: '9' },
    conflicts: [],
  })
  assert.deepEqual(merge(base, { ...base, a: 'x' }, { ...base, a: 'y' }).conflicts, [['a']])
})

const item = fc.record(
  { name: fc.constantFrom('a', 'b', 'c', 'd'), weight: fc.nat(3) },
  { noNullPrototype: true },
)
const list = fc.array(item, { maxLength: 5 })
const value = fc.oneof(
  list,
  fc.record({ x: list, y: fc.nat(2) }, { requiredKeys: [], noNullPrototype: true }),
)

test('where one side changes nothing the other side is taken as it is', () => {
  fc.assert(
    fc.property(value, value, (base, other) => {
      assert.deepEqual(merge(base, other, base), { value: other, conflicts: [] })
      assert.deepEqual(merge(base, base, other), { value: other, conflicts: [] })
      assert.deepEqual(merge(base, other, other), { value: other, conflicts: [] })
    }),
  )
})

test('a merge without a conflict is the same from both sides, and loses no change', () => {
  fc.assert(
    fc.property(list, list, list, (base, theirs, ours) => {
      const one = merge(base, theirs, ours)
      const other = merge(base, ours, theirs)
      assert.equal(one.conflicts.length === 0, other.conflicts.length === 0)
      if (one.conflicts.length > 0) return
      assert.deepEqual(one.value, other.value)
      const texts = (items: unknown): readonly string[] =>
        (items as unknown[]).map(each => JSON.stringify(each))
      for (const [side, rest] of [
        [theirs, ours],
        [ours, theirs],
      ] as const)
        for (const text of texts(side))
          if (!texts(base).includes(text) && !texts(rest).includes(text))
            assert.ok(texts(one.value).includes(text))
    }),
    { numRuns: 2000 },
  )
})
