import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withValue } from '../../shared/manifests/edit/with-value.ts'
import type { Plain } from '../../shared/manifests/edit/plain.ts'
import { SourceProblem } from '../../shared/manifests/yaml/node.ts'
import { readFull } from '../../shared/manifests/yaml/read-full.ts'
import { valueOf } from '../../shared/manifests/yaml/value.ts'
import { fc } from '../properties.ts'

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true })
const read = (text: string): Plain => valueOf(readFull(text)) as Plain
/** The text with another value, which it is checked to have. */
function edited(text: string, wanted: Plain): string {
  const result = withValue(text, readFull(text), wanted)
  assert.deepEqual(read(result), wanted, result)
  return result
}

const text = `first: &route
- to: v1 # all
  weight: 100
other: {timeout: &t 3s}
second: *route # the same
third: {u: *t, v: x}
`
const [v1, split] = [[{ to: 'v1', weight: 100 }], [{ to: 'v1', weight: 90 }]]
const whole = (change: object): Plain => ({ ...(read(text) as object), ...change })

describe('an edit of what aliases repeat', () => {
  it('is made once where all of them change alike', () => {
    assert.equal(
      edited(text, whole({ first: split, second: split })),
      text.replace('weight: 100', 'weight: 90'),
    )
    assert.equal(
      edited(text, whole({ other: { timeout: '5s' }, third: { u: '5s', v: 'x' } })),
      text.replace('&t 3s', '&t 5s'),
    )
  })
  it('writes those out that are to stay as they are, or to change alone', () => {
    const writtenOut = (weight: number): string =>
      text.replace('second: *route # the same', `second: # the same\n- to: v1\n  weight: ${weight}`)
    assert.equal(edited(text, whole({ second: split })), writtenOut(90))
    assert.equal(
      edited(text, whole({ first: split })),
      writtenOut(100).replace('weight: 100 ', 'weight: 100').replace('weight: 100', 'weight: 90'),
    )
    assert.equal(edited(text, whole({ third: { u: '9s', v: 'x' } })), text.replace('*t', '9s'))
    assert.equal(
      edited(text, whole({ other: { timeout: '5s' } })),
      text.replace('3s', '5s').replace('*t', '3s'),
    )
  })
  it('writes nothing of an alias that goes, and keeps an anchor that nothing repeats any more', () =>
    assert.equal(
      edited(text, { first: split, other: { timeout: '3s' }, third: { u: '3s', v: 'x' } }),
      text.replace('weight: 100', 'weight: 90').replace('second: *route # the same\n', ''),
    ))
  it('is refused where the alias is what a merge key takes, or the anchor would go', () => {
    const merged = 'a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  w: 2\n'
    const refused = (from: string, wanted: Plain): void =>
      assert.throws(() => edited(from, wanted), SourceProblem)
    refused(merged, { a: { x: 3, z: 2 }, b: { x: 1, z: 2, w: 2 } })
    refused(text, { ...(whole({}) as object), first: 'none' })
    assert.equal(
      edited(merged, { a: { x: 1, z: 2 }, b: { x: 4, z: 2, w: 2 } }),
      'a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  x: 4\n  w: 2\n',
    )
  })
})

it('an edit of what aliases repeat gives what is wanted, or is refused, whatever that is', () => {
  const value = fc.oneof(fc.constant(v1), fc.constant(split), fc.constantFrom('3s', '5s', 7), fc.constant([]))
  const nested = 'a: &a\n  in: &in [{x: 1}, 2]\n  w: 2\nb: *a\nc:\n- *in\n- *a\nd: {e: *in, f: *a}\n'
  const values = fc.array(fc.constantFrom<Plain>({ x: 1 }, { x: 2 }, 2, 3), { minLength: 1, maxLength: 3 })
  const a = record({ in: values, w: fc.constantFrom(2, 3) })
  const ofNested = record({ a, b: a, c: fc.tuple(values, a), d: record({ e: values, f: a }) })
  const ofText = record({
    first: value,
    other: record({ timeout: value }),
    second: value,
    third: record({ u: value, v: value }),
  })
  const holds = (from: string, wanted: Plain): void => {
    try {
      edited(from, wanted)
    } catch (error) {
      assert.ok(error instanceof SourceProblem, String(error))
    }
  }
  fc.assert(fc.property(ofNested, wanted => holds(nested, wanted as Plain)))
  fc.assert(fc.property(ofText, wanted => holds(text, wanted as Plain)))
})
