import assert from 'node:assert/strict'
import test from 'node:test'
import { normalizeArgv } from '../../../plugin/flags/argv.ts'
import { quotedWords } from '../../../shared/objects/text/kubectl-commands.ts'
import { words } from '../run-command.ts'

const shapes = {
  booleans: new Set(['--watch', '-w', '-A', '--force']),
  shortWithValue: new Set(['-n', '-f', '-o']),
  takesNext: (flag: string) => ['-n', '-f', '-o', '--reason'].includes(flag),
}

for (const [typed, read] of [
  ['status -n=shop', 'status -n shop'],
  ['status --watch=true', 'status --watch'],
  ['status --watch=false --force=T', 'status --force'],
  ['status -wo json', 'status -w -o json'],
  ['status -Aw', 'status -A -w'],
  ['status -Awojson', 'status -A -w -ojson'],
  ['status -wo=json -fwA', 'status -w -o json -fwA'],
  ['abort --reason -wo', 'abort --reason -wo'],
  ['abort -n -wo', 'abort -n -wo'],
  ['promote --dry-run v2', 'promote --dry-run=unchanged v2'],
  ['promote --dry-run=client v2', 'promote --dry-run=client v2'],
  ['weight v2=10', 'weight v2=10'],
  ['cohort a --header x=true', 'cohort a --header x=true'],
  ['x -- -n=shop --dry-run', 'x -- -n=shop --dry-run'],
] as const) {
  test(`reads "${typed}" as kubectl does`, () =>
    assert.deepEqual(normalizeArgv(words(typed), shapes), words(read)))
}

test('quotes words so that they can be typed again', () => {
  assert.equal(
    quotedWords(['cohort', 'a', '--reason', "it's new", '--header', 'x:regex=a|b']),
    `cohort a --reason 'it'\\''s new' --header 'x:regex=a|b'`,
  )
})
