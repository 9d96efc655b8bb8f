import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { CodeCache, codeFolder, type Machine } from '../../../plugin/launch/code-cache.ts'
import { packed, unpacked } from '../../../plugin/launch/packed-code.ts'
import { folderWith } from '../../live/folder.ts'

const machine: Machine = { env: {}, platform: process.platform, pid: process.pid, uid: process.getuid?.() }
const parts = fc.dictionary(fc.stringMatching(/^[a-z-]{1,9}\.cjs$/), fc.uint8Array({ maxLength: 3000 }))
const asCode = (all: Readonly<Record<string, Uint8Array>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(all).map(([file, data]) => [file, Buffer.from(data)]))

test('code is read back as it was packed', () => {
  fc.assert(
    fc.property(parts, fc.nat(9), (all, runs) => {
      const kept = { code: asCode(all), runs }
      assert.deepEqual(unpacked(packed(kept)), kept)
    }),
  )
})

test('each part begins where V8 reads it without a copy', () => {
  fc.assert(
    fc.property(parts, fc.nat(999), (all, runs) => {
      const whole = packed({ code: asCode(all), runs })
      for (const part of Object.values(unpacked(whole).code))
        assert.equal((part.byteOffset - whole.byteOffset) % 8, 0)
    }),
  )
})

test('code that was cut off or has lost a page is refused', () => {
  const data = fc
    .uint8Array({ minLength: 8200, maxLength: 20_000, size: 'max' })
    .map(bytes => bytes.map(byte => byte | 1))
  fc.assert(
    fc.property(data, fc.nat(), (bytes, at) => {
      const whole = packed({ code: { 'a.cjs': Buffer.from(bytes) }, runs: 1 })
      assert.throws(() => unpacked(whole.subarray(0, whole.length - 1 - (at % (bytes.length - 1)))))
      const start = whole.indexOf('\n') + 1
      const lost = Buffer.from(whole)
      const page = start + 4096 * (at % Math.floor(bytes.length / 4096))
      lost.fill(0, page, page + 4096)
      assert.throws(() => unpacked(lost), /a\.cjs is damaged/)
    }),
  )
})

test('the cache is where the platform keeps caches, and nowhere where that is unknown or not wanted', () => {
  const folders = (platform: string, env: Machine['env']) => codeFolder({ ...machine, platform, env })
  assert.equal(folders('linux', { HOME: '/home/ann' }), '/home/ann/.cache/kubectl-canary/code')
  assert.equal(folders('linux', { HOME: '/h', XDG_CACHE_HOME: '/c' }), '/c/kubectl-canary/code')
  assert.equal(folders('linux', { HOME: '/h', XDG_CACHE_HOME: 'c' }), '/h/.cache/kubectl-canary/code')
  assert.equal(folders('darwin', { HOME: '/Users/a' }), '/Users/a/Library/Caches/kubectl-canary/code')
  assert.equal(folders('win32', { LOCALAPPDATA: '/local', HOME: '/h' }), '/local/kubectl-canary/code')
  assert.equal(folders('linux', {}), undefined)
  assert.equal(folders('linux', { HOME: '/h', NODE_DISABLE_COMPILE_CACHE: '1' }), undefined)
})

test('three runs are collected, and more where a run has loaded what the cache lacks', async () => {
  await using folder = await folderWith({})
  const open = () => new CodeCache(join(folder.path, 'code'), 'x', machine)
  for (const run of ['first', 'second', 'third']) {
    assert.ok(open().wants(['a.cjs']), run)
    open().keep({ 'a.cjs': Buffer.from(run) })
  }
  assert.equal(open().codeOf('a.cjs')?.toString(), 'third')
  assert.ok(!open().wants(['a.cjs']))
  assert.ok(open().wants(['a.cjs', 'b.cjs']))
  open().keep({ 'b.cjs': Buffer.from('b') })
  assert.deepEqual([open().codeOf('a.cjs')?.toString(), open().codeOf('b.cjs')?.toString()], ['third', 'b'])
})

test('the kinds of commands that were collected longest ago are removed', async () => {
  await using folder = await folderWith({})
  const code = join(folder.path, 'code')
  mkdirSync(code, { mode: 0o700 })
  for (let i = 0; i < 20; i++) {
    writeFileSync(join(code, `old-${i}`), '')
    utimesSync(join(code, `old-${i}`), 1000 + i, 1000 + i)
  }
  new CodeCache(code, 'new', machine).keep({ 'a.cjs': Buffer.from('a') })
  const expected = ['new', ...Array.from({ length: 15 }, (_, i) => `old-${i + 5}`)]
  assert.deepEqual(readdirSync(code).toSorted(), expected.toSorted())
})

test('nothing is read from a folder that others can write, and nothing is written there', async () => {
  await using folder = await folderWith({})
  const code = join(folder.path, 'code')
  new CodeCache(code, 'x', machine).keep({ 'a.cjs': Buffer.from('a') })
  assert.ok(new CodeCache(code, 'x', machine).codeOf('a.cjs'))
  const stranger = { ...machine, uid: (machine.uid ?? 0) + 1 }
  assert.equal(new CodeCache(code, 'x', stranger).codeOf('a.cjs'), undefined)
  chmodSync(code, 0o777)
  assert.equal(new CodeCache(code, 'x', machine).codeOf('a.cjs'), undefined)
  new CodeCache(code, 'y', machine).keep({ 'a.cjs': Buffer.from('a') })
  assert.ok(!existsSync(join(code, 'y')))
})
