import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fc } from '../properties.ts'
import { unifiedDiff } from '../../shared/objects/text/line-diff.ts'

const names = { from: 'a', to: 'b' }

/** Applies a unified diff to the text it was made from. */
function patched(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  let at = 0
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start, length] = /^@@ -(\d+)(?:,(\d+))? /.exec(hunk)!
    const first = length === '0' ? Number(start) : Number(start) - 1
    result.push(...lines.slice(at, first))
    at = first
    for (const entry of hunk.split(/\n(?=[ +-])/).slice(1)) {
      const line = entry.includes('\n\\ No newline')
        ? entry.slice(1, entry.indexOf('\n'))
        : `${entry.slice(1).replace(/\n$/, '')}\n`
      if (entry[0] !== '+') assert.equal(lines[at++], line)
      if (entry[0] !== '-') result.push(line)
    }
  }
  return [...result, ...lines.slice(at)].join('')
}

test('equal texts have no diff', () => {
  assert.equal(unifiedDiff('a\nb\n', 'a\nb\n', names), '')
})

test('shows three lines of context and the place of each change', () => {
  const before = Array.from({ length: 20 }, (_, i) => `${i}\n`)
  const after = before.with(10, 'ten\n')
  assert.equal(
    unifiedDiff(before.join(''), after.join(''), names),
    '--- a\n+++ b\n@@ -8,7 +8,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n',
  )
})

test('a text that comes or goes whole is one hunk from line 0', () => {
  assert.equal(unifiedDiff('', 'a\nb\n', names), '--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n')
  assert.equal(unifiedDiff('a\n', '', names), '--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n')
})

test('says so where the last line has no ending', () => {
  assert.equal(
    unifiedDiff('a', 'a\n', names),
    '--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n',
  )
})

test('two wholly different long texts are shown as replaced, quickly', () => {
  const side = (name: string): string => Array.from({ length: 20_000 }, (_, i) => `${name}${i}\n`).join('')
  const diff = unifiedDiff(side('a'), side('b'), names)
  assert.equal(diff.split('\n').length, 40_004)
})

const text = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'c', '', '@@ x', '- d'), { maxLength: 40 }),
    fc.constantFrom('', '\n'),
  )
  .map(([lines, ending]) => (lines.length === 0 ? '' : lines.join('\n') + ending))

test('a diff applied to the text it was made from gives the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      assert.equal(patched(before, unifiedDiff(before, after, names)), after)
    }),
  )
})

test('agrees with diff -u on how many lines change', context => {
  const folder = mkdtempSync(join(tmpdir(), 'line-diff-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const changed = (diff: string): number =>
    diff
      .split('\n')
      .slice(2)
      .filter(line => /^[+-]/.test(line)).length
  const theirs = (before: string, after: string): string => {
    writeFileSync(join(folder, 'a'), before)
    writeFileSync(join(folder, 'b'), after)
    try {
      return execFileSync('diff', ['-d', '-u', join(folder, 'a'), join(folder, 'b')], { encoding: 'utf8' })
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  }
  try {
    execFileSync('diff', ['--version'])
  } catch {
    return context.skip('no diff program here')
  }
  fc.assert(
    fc.property(text, text, (before, after) => {
      assert.ok(changed(unifiedDiff(before, after, names)) <= changed(theirs(before, after)))
    }),
    { numRuns: 50 },
  )
})
