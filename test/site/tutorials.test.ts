import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { played, tutorialTexts } from '../build/texts/tutorial-texts.ts'

const root = join(import.meta.dirname, '../..')
const block = (...lines: readonly string[]): string =>
  `Some text.\n\n\`\`\`console\n${lines.join('\n')}\n\`\`\`\n`

test('tutorials show what their commands print now: npm run docs', async () => {
  const texts = await tutorialTexts()
  assert.ok(Object.keys(texts).length >= 7)
  for (const [file, text] of Object.entries(texts))
    assert.equal(readFileSync(join(root, file), 'utf8'), text, file)
})

test('output that a command does not print is replaced, and commands see what those before them wrote', async () => {
  const text = await played(
    block(
      '$ cp -r examples/catalog .',
      '$ kubectl canary weight v2=10 -f catalog/',
      'everything is fine',
      '$ kubectl canary list -f catalog/ | head -n 1',
    ),
    'some.md',
  )
  assert.doesNotMatch(text, /everything is fine/)
  assert.match(text, /catalog: everyone → v1 90 %, v2 10 %\n/)
  assert.match(text, /\nSERVICE .*\n```\n$/)
})

test('a command that fails is an error of the tutorial, unless it shows the exit code', async () => {
  const failing = ['$ cp -r examples/catalog .', '$ kubectl canary weight v2=110 -f catalog/']
  await assert.rejects(played(block(...failing), 'some.md'), /some\.md: the last command ended with 2/)
  assert.match(await played(block(...failing, '$ echo $?'), 'some.md'), /\$ echo \$\?\n2\n```/)
})

test('a tutorial neither runs other programs nor leaves the current folder changed', async () => {
  const before = process.cwd()
  await assert.rejects(played(block('$ rm -r examples'), 'some.md'), /no tutorial can run "rm -r examples"/)
  assert.equal(process.cwd(), before)
})
