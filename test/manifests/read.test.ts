import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fc } from '../properties.ts'
import { sectionsOf, SectionReader } from '../../shared/manifests/yaml/documents.ts'
import { SourceProblem } from '../../shared/manifests/yaml/node.ts'
import { readFull } from '../../shared/manifests/yaml/read-full.ts'
import { readSimple } from '../../shared/manifests/yaml/read-simple.ts'
import { valueOf, type Surprise } from '../../shared/manifests/yaml/value.ts'
import { document, habits, printStyled } from './styled-yaml.ts'

/** What `k8s.io/apimachinery/pkg/util/yaml` (v0.36.3, the decoder of kubectl) makes of texts: its documents, or that it refuses. */
interface KubectlReading {
  readonly text: string
  readonly documents?: readonly unknown[]
  readonly error?: true
}
const readings = JSON.parse(
  readFileSync(new URL('kubectl-readings.json', import.meta.url), 'utf8'),
) as readonly KubectlReading[]

async function documentsOf(text: string): Promise<readonly unknown[]> {
  const reader = new SectionReader()
  const values: unknown[] = []
  for (const section of sectionsOf(text)) {
    if (section.problem !== undefined) throw new SourceProblem(section.start, section.problem)
    values.push(valueOf(await reader.read(text.slice(section.start, section.end))))
  }
  return values.filter(value => value !== null)
}

test('reads every text as kubectl does, or refuses what kubectl refuses', async t => {
  assert.ok(readings.length > 400)
  for (const { text, documents, error } of readings) {
    await t.test(JSON.stringify(text), async () => {
      if (error) await assert.rejects(documentsOf(text), SourceProblem)
      else assert.deepEqual(JSON.parse(JSON.stringify(await documentsOf(text))), documents)
    })
  }
})

test('the simple reader agrees with the full one on values and on every range', () => {
  let simple = 0
  fc.assert(
    fc.property(document, habits, (value, how) => {
      const text = printStyled(value, how)
      const node = readSimple(text)
      const full = readFull(text)
      assert.deepEqual(valueOf(full), value)
      if (node === undefined) return
      simple++
      assert.deepEqual(JSON.parse(JSON.stringify(node)), JSON.parse(JSON.stringify(full)))
    }),
    { numRuns: 1000 },
  )
  assert.ok(simple > 100, `only ${simple} texts were simple`)
})

test('the simple reader hands over what was cut or typed into anywhere, or reads it as the full one does', () => {
  const scraps = fc.constantFrom(
    '\t',
    ' ',
    '\n',
    '- ',
    ': ',
    ':',
    '#',
    ' #',
    '"',
    "'",
    '{',
    ']',
    ',',
    '|',
    '>',
    '&a ',
    '*a',
    '!!str ',
    '...',
    '? ',
    '%',
    '<<: ',
    '|+',
    '\\',
    '-',
  )
  fc.assert(
    fc.property(document, habits, fc.tuple(scraps, fc.nat()), (value, how, [scrap, place]) => {
      const whole = printStyled(value, how)
      const at = place % (whole.length + 1)
      const text = whole.slice(0, at) + scrap + whole.slice(at + (place % 3))
      const node = readSimple(text)
      if (node !== undefined)
        assert.deepEqual(JSON.parse(JSON.stringify(node)), JSON.parse(JSON.stringify(readFull(text))), text)
    }),
    { numRuns: 2000 },
  )
})

test('unquoted texts between brackets are read by the simple reader as by the full one, or handed over', () => {
  const word = fc.stringMatching(/^[!-~]{1,6}( [!-~]{1,4})?$/)
  const ordinary = fc.stringMatching(/^[a-z][a-z0-9|:/.@%=;-]{0,8}[a-z]$/)
  const flow = (one: fc.Arbitrary<string>) =>
    fc.oneof(
      fc.array(one, { minLength: 1, maxLength: 3 }).map(all => `a: [${all.join(', ')}]\n`),
      fc
        .array(fc.tuple(one, one), { minLength: 1, maxLength: 3 })
        .map(pairs => `a: {${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')}}\n`),
    )
  let simple = 0
  fc.assert(
    fc.property(fc.oneof(flow(word), flow(ordinary)), text => {
      const node = readSimple(text)
      if (node === undefined) return
      simple++
      assert.deepEqual(JSON.parse(JSON.stringify(node)), JSON.parse(JSON.stringify(readFull(text))), text)
    }),
    { numRuns: 4000 },
  )
  assert.ok(simple > 1000, `only ${simple} texts were simple`)
  for (const text of ['image: {name: registry.example/app:1}', 'a: {regex: POST|PUT, url: http://a.b/c?d}'])
    assert.equal(readSimple(`${text}\n`) === undefined, text.includes('?'), text)
})

const surprisesOf = (text: string): readonly Surprise[] => {
  const surprises: Surprise[] = []
  valueOf(readFull(text), surprise => surprises.push(surprise))
  return surprises
}

test('tells where kubectl reads something else than YAML 1.2 does, and where a key is dropped', () => {
  assert.deepEqual(
    surprisesOf('a: on\nb: 014\nc: true\nd: "on"\ne: v1\nf: 12\na: x\n').map(({ kind, offset }) => ({
      kind,
      offset,
    })),
    [
      { kind: 'dialect', offset: 3 },
      { kind: 'dialect', offset: 9 },
      { kind: 'duplicate-key', offset: 41 },
    ],
  )
})

test('tells of a key that kubectl reads as something else', () => {
  assert.deepEqual(
    surprisesOf('on: 1\nname: 2\n"off": 3\n').map(({ offset }) => offset),
    [0],
  )
})

test('refuses a document whose aliases stand for more than memory holds', () => {
  const text = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(', ')}]`,
    ),
  ].join('\n')
  assert.throws(() => valueOf(readFull(text)), /aliases expand to too much/)
})

test('refuses a document that is nested without end', async () => {
  await assert.rejects(new SectionReader().read('[{'.repeat(200_000)), SourceProblem)
  await assert.rejects(new SectionReader().read('- '.repeat(200_000)), SourceProblem)
})

test('reads a colon before a comma or bracket as kubectl does: as a part of the text', () => {
  assert.throws(() => readFull('a: {b:[c]}\n'), SourceProblem)
  for (const [text, value] of [
    ['a: [192.0.2.7, 2001:db8::]\n', ['192.0.2.7', '2001:db8::']],
    ['a: {b:, c: d:}\n', { 'b:': null, c: 'd:' }],
    ['a: {b: , "c":[d], "e":}\n', { b: null, c: ['d'], e: null }],
    ['a: [-, "b:", \ue000:]\n', ['-', 'b:', '\ue000:']],
  ] as const)
    assert.deepEqual(valueOf(readFull(text)), { a: value }, text)
})

test('any text that ends with colons is read back from a flow list, with its range', () => {
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9:.]{0,5}:{1,2}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), all => {
      const text = `a: [${all.join(', ')}]\n`
      const root = readFull(text)
      assert.deepEqual(valueOf(root), { a: all })
      const list = root.type === 'map' ? root.entries[0]!.value : root
      assert.ok(list.type === 'seq')
      assert.deepEqual(
        list.entries.map(({ value: { start, end } }) => text.slice(start, end)),
        all,
      )
    }),
  )
})
