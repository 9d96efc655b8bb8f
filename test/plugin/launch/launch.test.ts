/** The compiled code that the bundled program keeps from one start to the next. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, beforeEach } from 'node:test'
import { executable } from '../../build/built-programs.ts'
import { Built, type Ended } from '../program/built.ts'

/** The executable has its code compiled in it. */
const skip = executable === undefined ? false : 'only Node compiles the code of the program'

const built = await Built.make()
after(() => built.remove())

const catalog = join(import.meta.dirname, '../../../examples/catalog')
const cache = (): string => join(built.folder, 'cache')
const code = (): string => join(cache(), 'kubectl-canary/code')
const files = (): readonly string[] => (existsSync(code()) ? readdirSync(code()) : [])
const status = (env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  built.run('kubectl-canary', ['status', '-f', catalog], { env })
beforeEach(() => rmSync(cache(), { recursive: true, force: true }))

test(
  'a command is the same with the code of earlier starts, which only its user can read',
  { skip },
  async () => {
    const first = await status()
    assert.equal(first.code, 0)
    assert.match(first.stdout, /version-v2/)
    const [file = ''] = files()
    assert.match(file, /^[\da-f]{12}-v\d+\.\d+\.\d+-\w+-status-files$/)
    assert.equal(statSync(code()).mode & 0o777, 0o700)
    assert.equal(statSync(join(code(), file)).mode & 0o777, 0o600)
    for (let run = 2; run <= 3; run++) assert.deepEqual(await status(), first)
    const kept = readFileSync(join(code(), file))
    assert.deepEqual(await status(), first)
    assert.ok(kept.equals(readFileSync(join(code(), file))), 'the fourth run writes nothing')
  },
)

test('code that is damaged is compiled anew', { skip }, async () => {
  const first = await status()
  const [file = ''] = files()
  const path = join(code(), file)
  for (const damage of [
    () => truncateSync(path, 100_000),
    () => truncateSync(path, 0),
    () => writeFileSync(path, 'nonsense'),
  ]) {
    damage()
    assert.deepEqual(await status(), first)
    assert.ok(statSync(path).size > 200_000)
  }
})

test('a command works where no cache can be kept', { skip }, async () => {
  const first = await status()
  rmSync(cache(), { recursive: true })
  writeFileSync(cache(), 'a file')
  assert.deepEqual(await status(), first)
  assert.deepEqual(await status({ XDG_CACHE_HOME: '', HOME: '' }), first)
  rmSync(cache())
  assert.deepEqual(await status({ NODE_DISABLE_COMPILE_CACHE: '1' }), first)
  assert.deepEqual(files(), [])
})

test('each verb has code of its own, and a usage error has none', { skip }, async () => {
  await status()
  assert.equal((await built.run('kubectl-canary', ['weight'])).code, 2)
  assert.equal((await built.run('kubectl-canary', ['list', '-f', catalog])).code, 0)
  assert.equal((await built.run('kubectl_complete-canary', ['-f', catalog, 'promote', ''])).code, 0)
  assert.deepEqual(
    files().map(name => name.replace(/^.*-x64-|^.*-arm64-/, '')),
    ['complete-files', 'list-files', 'status-files'],
  )
})
