import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../properties.ts'
import { unifiedDiff } from '../../shared/manifests/files/unified-diff.ts'

/** Applies a diff of one file, strictly: every line that it names must be there. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  let at = 0
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [head = '', ...lines] =
      hunk.replace(/\n\\ No newline at end of file\n/g, '\u0000').match(/[^\n\u0000]*[\n\u0000]/g) ?? []
    const [, start, count = '1', , newCount = '1'] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(head)!
    const first = Number(count) === 0 ? Number(start) : Number(start) - 1
    result.push(...old.slice(at, first))
    at = first
    const texts = lines.map(line => ({ mark: line[0]!, text: line.slice(1).replace('\u0000', '') }))
    assert.equal(texts.filter(({ mark }) => mark !== '+').length, Number(count))
    assert.equal(texts.filter(({ mark }) => mark !== '-').length, Number(newCount))
    for (const { mark, text } of texts) {
      if (mark !== '+') assert.equal(old[at++], text)
      if (mark !== '-') result.push(text)
    }
  }
  return [...result, ...old.slice(at)].join('')
}

const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', 'd\r'), { maxLength: 40 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''))

test('a diff turns the text before into the text after', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after)
      assert.equal(patched(before, unifiedDiff([{ name: 'a.yaml', before, after }])), after)
    }),
    { numRuns: 2000 },
  )
})

test('shows three lines around a change and joins changes that are close', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`)
  const after = lines.with(10, 'ten\n').with(16, 'sixteen\n').with(30, 'thirty\n').join('')
  const diff = unifiedDiff([{ name: 'x/a.yaml', before: lines.join(''), after }])
  assert.deepEqual(diff.match(/^(?:@@|---|\+\+\+).*/gm), [
    '--- a/x/a.yaml',
    '+++ b/x/a.yaml',
    '@@ -8,13 +8,13 @@',
    '@@ -28,7 +28,7 @@',
  ])
})

test('names /dev/null for a file that comes or goes, and says nothing where nothing differs', () => {
  assert.equal(
    unifiedDiff([{ name: '/tmp/a.yaml', before: undefined, after: 'a\n' }]),
    '--- /dev/null\n+++ b/tmp/a.yaml\n@@ -0,0 +1 @@\n+a\n',
  )
  assert.equal(
    unifiedDiff([{ name: 'a.yaml', before: 'a', after: undefined }]),
    '--- a/a.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n',
  )
  assert.equal(unifiedDiff([{ name: 'a.yaml', before: 'a', after: 'a' }]), '')
})

test('two long texts that have little in common are shown as one block', () => {
  const many = (word: string): string => Array.from({ length: 4000 }, (_, i) => `${word} ${i}\n`).join('')
  const diff = unifiedDiff([{ name: 'a.yaml', before: many('a'), after: many('b') }])
  assert.equal(patched(many('a'), diff), many('b'))
})
