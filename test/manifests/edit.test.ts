import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../properties.ts'
import { isDeepEqual } from '../../shared/manifests/edit/equal.ts'
import { withValue } from '../../shared/manifests/edit/with-value.ts'
import type { Node } from '../../shared/manifests/yaml/node.ts'
import { readFull } from '../../shared/manifests/yaml/read-full.ts'
import { readSimple } from '../../shared/manifests/yaml/read-simple.ts'
import { FlowReader } from '../../shared/manifests/yaml/read-flow.ts'
import { valueOf } from '../../shared/manifests/yaml/value.ts'
import { document, habits, json, printStyled, type Json } from './styled-yaml.ts'

const read = (text: string): Node =>
  (text.startsWith('{') ? new FlowReader(text, { json: true }).readAll() : undefined)
  ?? readSimple(text)
  ?? readFull(text)
const edited = (text: string, wanted: Json): string => withValue(text, read(text), wanted)

/** Every collection of a value, with a function that gives the whole value with another one in its place. */
type Spot = { readonly value: Json; with(other: Json): Json }
function spotsOf(value: Json): Spot[] {
  const below =
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) =>
          spotsOf(inner).map((spot): Spot => ({
            value: spot.value,
            with: other =>
              Array.isArray(value)
                ? (value as readonly Json[]).with(Number(key), spot.with(other))
                : { ...value, [key]: spot.with(other) },
          })),
        )
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? [{ value, with: other => other }, ...below]
    : below
}

/** A random added item or key, the way that edits add them. */
const addition = fc.record({ spot: fc.nat(), at: fc.nat(), value: json.filter(value => value !== null) })

function addedTo(
  value: Json,
  { spot, at, value: added }: { readonly spot: number; readonly at: number; readonly value: Json },
): Json {
  const spots = spotsOf(value)
  const chosen = spots[spot % spots.length]!
  if (Array.isArray(chosen.value))
    return chosen.with((chosen.value as readonly Json[]).toSpliced(at % (chosen.value.length + 1), 0, added))
  const entries = Object.entries(chosen.value as object)
  return chosen.with(
    Object.fromEntries(entries.toSpliced(at % (entries.length + 1), 0, ['added-key', added])),
  )
}

const printJson = (value: Json, spread: boolean): string =>
  spread ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value)

test('an edit reads back as exactly the wanted value, whatever the style', () => {
  fc.assert(
    fc.property(document, document, habits, (before, wanted, how) => {
      const result = edited(printStyled(before, how), wanted)
      assert.ok(isDeepEqual(valueOf(readFull(result)), wanted), result)
    }),
    { numRuns: 800 },
  )
})

test('an edit of one place of a value reads back as the wanted value', () => {
  fc.assert(
    fc.property(document, habits, fc.tuple(addition, json), (before, how, [where, other]) => {
      const spots = spotsOf(before)
      const wanted = spots[where.spot % spots.length]!.with(other)
      fc.pre(typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted))
      const result = edited(printStyled(before, how), wanted)
      assert.ok(isDeepEqual(valueOf(readFull(result)), wanted), result)
    }),
    { numRuns: 800 },
  )
})

test('what follows a removed first item moves up to its dash, also where a blank line and other removed items stand between', () => {
  const text = 'a:\n- - null # why\n\n  - 0 # why\n  - {} # why\n- b\n'
  assert.equal(edited(text, { a: [[{}], 'b'] }), 'a:\n- - {} # why\n- b\n')
  assert.equal(edited(text, { a: [[{}, 0], 'b'] }), 'a:\n- - {} # why\n  - 0\n- b\n')
})

test('adding a list item or a key and removing it gives the bytes back', () => {
  fc.assert(
    fc.property(document, habits, addition, (before, how, where) => {
      const text = printStyled(before, how)
      const wanted = addedTo(before, where)
      const there = edited(text, wanted)
      assert.ok(isDeepEqual(valueOf(readFull(there)), wanted), there)
      assert.equal(edited(there, before), text, there)
    }),
    { numRuns: 800 },
  )
})

test('adding to JSON and removing it gives the bytes back, and stays JSON', () => {
  fc.assert(
    fc.property(document, fc.boolean(), addition, (before, spread, where) => {
      const text = printJson(before, spread)
      const wanted = addedTo(before, where)
      const there = edited(text, wanted)
      JSON.parse(there)
      // Not by JSON.parse: V8 13.6 takes the key "\\n" for "\\\\" where an object with that key at that place came before.
      assert.ok(isDeepEqual(valueOf(readFull(there)), wanted), there)
      assert.equal(edited(there, before), text)
    }),
    { numRuns: 1000 },
  )
})

test('adding an item adds lines and touches no other line', () => {
  fc.assert(
    fc.property(document, habits, addition, (before, how, where) => {
      const text = printStyled(before, { ...how, flow: false, finalBreak: true })
      const wanted = addedTo(before, where)
      const [old, now] = [text.split('\n'), edited(text, wanted).split('\n')]
      let at = 0
      for (const line of now) if (line === old[at]) at++
      // A first key behind a dash moves to a line of its own.
      const isCompact = old.some(line => /^\s*-\s+\S/.test(line))
      assert.ok(isCompact || at === old.length, now.join('\n'))
    }),
    { numRuns: 500 },
  )
})

test('JSON in an annotation and regexes stand in single quotes, unescaped, even where the file is fond of double ones', () => {
  const text = 'a: "x"\nmatch: "b"\n'
  const result = edited(text, { a: 'x', match: "^(.*?;)?\\s*(it's=1)$", record: '{"reason":"für alle ✓"}' })
  assert.equal(result, 'a: "x"\nmatch: \'^(.*?;)?\\s*(it\'\'s=1)$\'\nrecord: \'{"reason":"für alle ✓"}\'\n')
  assert.equal(
    edited(result, { a: 'x', match: 'b', record: 'a\u0085"b' }).includes('record: "a\\u0085\\"b"'),
    true,
  )
})
