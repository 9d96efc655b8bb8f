/** Executables that are kept are those of the same bundle, and of no other. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { entriesBelow, keptFolder } from '../kept/kept.ts'
import { compileTo } from './compile.ts'
import { hostPlatform } from './platforms.ts'

const folder = mkdtempSync(join(tmpdir(), 'canary-compile-'))
after(() => rmSync(folder, { recursive: true, force: true }))
process.env['XDG_CACHE_HOME'] = folder

const platform = hostPlatform()
const skip = platform === undefined ? 'there is no Bun for this machine' : false
const program = join(folder, 'program')

/** What the executable of a bundle prints that prints a text. */
async function printed(text: string, anew = false): Promise<string> {
  await compileTo(program, { text: `console.log(${JSON.stringify(text)})`, platform: platform!, anew })
  return execFileSync(program, { encoding: 'utf8' }).trim()
}

/** The files that Bun has made and that are kept, by what tells a file from its copies. */
const compiled = (): readonly number[] =>
  entriesBelow(keptFolder())
    .filter(({ name }) => name.startsWith('kubectl-canary'))
    .map(({ parentPath, name }) => statSync(join(parentPath, name)).ino)

test('another bundle is compiled anew, and the same is not', { skip }, async () => {
  assert.equal(await printed('one'), 'one')
  const first = compiled()
  assert.equal(first.length, 1)
  assert.equal(await printed('one'), 'one')
  assert.deepEqual(compiled(), first)
  assert.equal(await printed('two'), 'two')
  assert.equal(compiled().length, 2)
  assert.equal(await printed('one'), 'one')
  assert.equal(compiled().length, 2)
})

test('whoever changes an executable changes no kept one', { skip }, async () => {
  await printed('one')
  writeFileSync(program, 'changed')
  assert.equal(await printed('one'), 'one')
})

test('a release is compiled by Bun whatever is kept', { skip }, async () => {
  await printed('one')
  const bytes = readFileSync(program)
  for (const name of readdirSync(keptFolder())) rmSync(join(keptFolder(), name), { recursive: true })
  assert.equal(await printed('one', true), 'one')
  assert.deepEqual(readdirSync(keptFolder()), [])
  assert.ok(readFileSync(program).equals(bytes))
})
