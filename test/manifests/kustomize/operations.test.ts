import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { editedOperations } from '../../../shared/manifests/kustomize/operations/edited-operations.ts'
import { isDeepEqual } from '../../../shared/manifests/edit/equal.ts'
import '../../properties.ts'

type Json = null | string | number | readonly Json[] | { readonly [key: string]: Json }
interface Operation {
  readonly op: 'add' | 'replace' | 'remove' | 'move' | 'copy'
  readonly path: string
  readonly from?: string
  readonly value?: Json
}

/** RFC 6902, as far as the tests need it. */
function applied(value: Json, operations: readonly Operation[]): Json {
  return operations.reduce((given, operation) => {
    const { op, path, from } = operation
    if (from !== undefined) {
      const moved = from
        .split('/')
        .slice(1)
        .reduce((at, token) => Reflect.get(at as object, token) as Json, given)
      const left = op === 'move' ? applied(given, [{ op: 'remove', path: from }]) : given
      return applied(left, [{ op: 'add', path, value: moved }])
    }
    const result = given
    const tokens = operation.path.split('/').slice(1)
    return appliedAt(result, tokens, operation)
  }, value)
}

const adds = ({ op }: Operation, rest: readonly string[]): boolean => op === 'add' && rest.length === 0

function appliedAt(value: Json, [token, ...rest]: readonly string[], operation: Operation): Json {
  if (token === undefined) return operation.value!
  const step = token.replaceAll('~1', '/').replaceAll('~0', '~')
  if (Array.isArray(value)) {
    const items = [...(value as readonly Json[])]
    const at = step === '-' ? items.length : Number(step)
    assert.ok(at < items.length || adds(operation, rest), operation.path)
    if (rest.length > 0) return items.with(at, appliedAt(items[at]!, rest, operation))
    if (operation.op === 'add') return items.toSpliced(at, 0, operation.value!)
    return operation.op === 'remove' ? items.toSpliced(at, 1) : items.with(at, operation.value!)
  }
  const fields = value as { readonly [key: string]: Json }
  assert.ok(Object.hasOwn(fields, step) || adds(operation, rest), operation.path)
  const { [step]: old, ...others } = fields
  if (rest.length > 0) return { ...fields, [step]: appliedAt(old!, rest, operation) }
  return operation.op === 'remove' ? others : { ...others, [step]: operation.value! }
}

const route = fc.record({ to: fc.constantFrom('v1', 'v2', 'v3'), weight: fc.integer({ min: 0, max: 3 }) })
const item = fc.record(
  { name: fc.constantFrom('a', 'b', 'c'), route: fc.array(route, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: ['route'] },
)
const object = fc.record(
  {
    notes: fc.dictionary(fc.constantFrom('a/b', 'c~d', 'e'), fc.constantFrom('1', '2'), { minKeys: 1 }),
    http: fc.array(item, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['http'] },
)

/** An operation that an object takes. */
function operationFor(value: Json, choice: number): Operation {
  const { http } = value as unknown as { readonly http: readonly { readonly route: readonly Json[] }[] }
  const i = choice % http.length
  const j = choice % http[i]!.route.length
  const added = { route: [{ to: 'v1', weight: choice % 5 }] }
  return [
    { op: 'replace', path: `/http/${i}/route/${j}/weight`, value: choice % 4 },
    { op: 'add', path: `/http/${i}`, value: added },
    { op: 'add', path: '/http/-', value: added },
    { op: 'replace', path: `/http/${i}/route`, value: added.route },
    {
      op: Object.hasOwn(value as object, 'notes') ? 'replace' : 'add',
      path: '/notes',
      value: { 'a/b': '1' },
    },
    { op: 'copy', from: `/http/${i}`, path: `/http/${j % http.length}` },
    { op: 'copy', from: `/http/${i}/route`, path: `/http/${(i + 1) % http.length}/route` },
    ...(http.length > 1
      ? [
          { op: 'remove', path: `/http/${i}` } as const,
          { op: 'move', from: `/http/${i}`, path: `/http/${(i + 1) % http.length}` } as const,
        ]
      : []),
  ][choice % (http.length > 1 ? 9 : 7)] as Operation
}

/** An object, operations that it takes, and what they make of it. */
const patched = fc
  .tuple(object, fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }))
  .map(([source, choices]) => {
    const operations: Operation[] = []
    let before: Json = source
    for (const choice of choices) {
      operations.push(operationFor(before, choice))
      before = applied(before, operations.slice(-1))
    }
    return { source: source, operations, before }
  })

describe('operations that are edited', () => {
  it('make the object that was meant of the one they are applied to', () => {
    let edited = 0
    fc.assert(
      fc.property(patched, object, fc.boolean(), ({ source, operations, before }, other, whole) => {
        const { http } = before as unknown as { readonly http: readonly Json[] }
        const some = { ...(before as object), http: [...other.http.slice(0, 1), ...http.slice(1)] }
        const after = (whole ? other : some) as Json
        const result = editedOperations(operations, before, after)
        if (result === undefined) return
        edited++
        assert.ok(
          isDeepEqual(applied(source, result as unknown as readonly Operation[]), after),
          JSON.stringify({ operations, result, before, after }),
        )
      }),
      { numRuns: 2000 },
    )
    assert.ok(edited > 500, String(edited))
  })
  it('are as they were once a change is taken back', () => {
    fc.assert(
      fc.property(object, fc.nat(1000), item, (source, choice, added) => {
        const operations = [operationFor(source, choice)]
        const before = applied(source, operations) as { readonly http: readonly Json[] }
        const after = { ...before, http: [added, ...before.http] }
        const result = editedOperations(operations, before, after)
        if (result === undefined) return
        assert.ok(
          isDeepEqual(editedOperations(result, after, before), operations),
          JSON.stringify({ operations, result }),
        )
      }),
      { numRuns: 1000 },
    )
  })
  it('are none where they say nothing of what changes', () => {
    const operations = [{ op: 'replace', path: '/hosts/0', value: 'a' }]
    assert.equal(
      editedOperations(operations, { hosts: ['a'], http: [1] }, { hosts: ['a'], http: [2] }),
      undefined,
    )
  })
})

describe('operations that move or copy', () => {
  it('are changed behind a move or a copy, and the value that is copied stays', () => {
    const added = { op: 'add', path: '/http/0', value: { to: 'v1' } }
    const copied = { op: 'copy', from: '/http/0', path: '/http/1' }
    const before = { http: [{ to: 'v1' }, { to: 'v1' }] }
    assert.deepEqual(editedOperations([added, copied], before, { http: [{ to: 'v2' }, { to: 'v1' }] }), [
      added,
      copied,
      { op: 'replace', path: '/http/0/to', value: 'v2' },
    ])
    assert.deepEqual(editedOperations([added, copied], before, { http: [{ to: 'v1' }, { to: 'v2' }] }), [
      added,
      copied,
      { op: 'replace', path: '/http/1/to', value: 'v2' },
    ])
    const moved = { op: 'move', from: '/http/0', path: '/http/1' }
    assert.deepEqual(
      editedOperations(
        [added, moved],
        { http: [{ to: 'v3' }, { to: 'v1' }] },
        {
          http: [{ to: 'v3' }, { to: 'v2' }],
        },
      ),
      [{ ...added, value: { to: 'v2' } }, moved],
    )
  })
})
