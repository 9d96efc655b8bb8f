import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { cutLine, elide, wrap } from '../../../plugin/print/status/fit.ts'
import { shareBar } from '../../../plugin/print/status/share-bar.ts'
import { colourCodes, paintOf } from '../../../plugin/print/colour.ts'
import { widthOf } from '../../../plugin/print/table.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { inputs, now } from './inputs.ts'

const cohorts = inputs['cohorts at gateway and mesh']!

async function screen(env: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
  const { stdout } = await runCommand(words('status'), { store: await cohorts(), now, env, ...more })
  return stdout
}

test('a terminal that shows only ASCII gets only ASCII', async () => {
  for (const env of [{ LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, { TERM: 'dumb' }]) {
    const text = stripVTControlCharacters(await screen(env, { isTTY: true }))
    assert.match(text, /everyone else {3}-> v1 {3}90\.0 % {2}#########\./)
    assert.match(text, /mirror {10}-> v2 {3}12\.5 % {2}=\.\.\.\.\.\.\.\.\./)
    assert.doesNotMatch(text, /[^\n\x20-\x7e]/)
  }
})

test('a locale of UTF-8, or none, gets blocks', async () => {
  for (const env of [{}, { LANG: 'C.UTF-8' }, { LC_ALL: 'de_DE.utf8', LANG: 'C' }])
    assert.match(await screen(env), /everyone else {3}→ v1 {3}90\.0 % {2}█{18}░░\n/)
})

test('-o wide cuts nothing, however narrow the terminal is', async () => {
  const { stdout } = await runCommand(words('status -o wide'), {
    store: await cohorts(),
    now,
    isTTY: true,
    columns: 40,
  })
  assert.match(stdout, /Deployment\/catalog-v2 +istioinaction\/catalog:latest/)
  assert.doesNotMatch(stdout, /…/)
})

test('a version with several workloads has a line for each', async () => {
  const store = await cohorts()
  const second = store.objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'catalog-v2')
    .map(object => ({ ...object, metadata: { ...object.metadata, name: 'catalog-v2-arm' } }))
  store.objects = [...store.objects, ...second]
  const { stdout } = await runCommand(words('status'), { store, now })
  assert.match(
    stdout,
    /v2 +2\/2 +version-v2 .* +2 workloads\n +1\/1 +5h +Deployment\/catalog-v2 .*\n +1\/1 +5h +Deployment\/catalog-v2-arm /,
  )
})

test('files say what runs a version, and not how much of it is ready', async () => {
  const { objects } = await cohorts()
  const store = new MemoryStore(objects, { live: false })
  const { stdout } = await runCommand(words('status'), { store, now })
  assert.doesNotMatch(stdout, /READY|\d\/\d/)
  const json = (await runCommand(words('status -o json'), { store, now })).stdout
  assert.doesNotMatch(json, /"ready"/)
  assert.match(json, /"wanted": 1/)
})

test('a bar is empty for nothing alone, and full for all alone', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.constantFrom(60, 120),
      (percent, columns) => {
        const bar = shareBar(percent, { columns })
        assert.equal([...bar].length, columns === 60 ? 10 : 20)
        assert.equal(bar.includes('█'), percent > 0)
        assert.equal(bar.includes('░'), percent < 100)
      },
    ),
  )
})

test('what is cut has the width that was asked for, and what is wrapped has all its words', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '漢', '→', '-'), maxLength: 60 })
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (given, columns) => {
      for (const cut of ['end', 'start', 'middle'] as const)
        assert.ok(widthOf(elide(given, columns, { cut })) <= Math.max(columns, 0))
      assert.ok(widthOf(cutLine(paintOf(true).red(given), columns)) <= columns)
      const wrapped = wrap(given, { columns })
      assert.deepEqual(wrapped.split(/\s+/).filter(Boolean), given.split(/ +/).filter(Boolean))
    }),
  )
})

test('a coloured line is cut where its text is, and its colours are ended', () => {
  const { red, green } = paintOf(true)
  const line = `${red('abc')}${green('def')}ghi`
  const partsOf = (text: string) =>
    Object.groupBy(text.split(colourCodes), (_, i) => (i % 2 === 0 ? 'text' : 'codes'))
  for (const columns of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
    const { text, codes } = partsOf(cutLine(line, columns))
    assert.equal(text!.join(''), 'abcdefghi'.slice(0, columns))
    assert.deepEqual(codes, partsOf(line).codes)
  }
  assert.equal(cutLine(line, 9), line)
})

test('lines are wrapped between words, and none is blank where words are two blanks apart', () => {
  assert.equal(wrap('abcdefgh ij', { columns: 4 }, ''), 'abcdefgh\nij')
  assert.equal(wrap('ab cd ef', { columns: 5 }), 'ab cd\n  ef')
  assert.equal(wrap('ab cd ef', {}), 'ab cd ef')
  const lines = wrap('abcd  efgh', { columns: 4 }, '').split('\n')
  assert.deepEqual(
    lines.map(line => line.trim()),
    ['abcd', 'efgh'],
  )
})

test('on a narrow terminal each of several workloads has a line with its ready pods, and a lone one has none', async () => {
  const store = await cohorts()
  const second = store.objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'catalog-v2')
    .map(object => ({ ...object, metadata: { ...object.metadata, name: 'catalog-v2-arm' } }))
  store.objects = [...store.objects, ...second]
  const { stdout } = await runCommand(words('status'), { store, now, isTTY: true, columns: 60 })
  const text = stripVTControlCharacters(stdout)
  assert.match(text, /^ +Deployment\/catalog-v2 +1\/1 +5h/m)
  assert.match(text, /^ +Deployment\/…alog-v2-arm +1\/1 +5h/m)
  assert.match(text, /^ +Deployment\/catalog +\d+d/m)
})
