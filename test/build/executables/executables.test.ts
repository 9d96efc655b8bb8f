import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { promisify } from 'node:util'
import { buildExecutables, type Executable } from './build-executables.ts'
import { lockedVersion } from '../locked-package.ts'
import { holdsSignature, withoutSignature } from './mach-o.ts'
import { hostPlatform, nameOf, platforms } from './platforms.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'canary-executables-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const host = hostPlatform()
const skip = host === undefined ? 'there is no Bun for this machine' : false
const mac = platforms.filter(({ os }) => os === 'darwin')
const built: Executable[] = []
before(async () => {
  if (host !== undefined) built.push(...(await buildExecutables(join(folder, 'one'), [host, ...mac], 'kept')))
})
const programOf = (name: string): string => built.find(({ platform }) => nameOf(platform) === name)!.path

test('one file is both programs, by the name that it is called by', { skip }, async () => {
  const program = programOf(nameOf(host!))
  const asked = ['-f', join(root, 'examples/catalog'), 'promote', '']
  for (const [i, put] of [linkSync, symlinkSync, copyFileSync].entries()) {
    const path = join(mkdtempSync(join(folder, `${i}-`)), 'kubectl_complete-canary')
    put(program, path)
    assert.match((await run(path, asked)).stdout, /^v1\nv2\n/)
  }
  assert.match((await run(program, ['version'])).stdout, /^kubectl-canary v/)
})

test('a short command ends with nearly all functions interpreted', { skip }, async () => {
  const edit = ['cohort', 'internal', '--to', 'v2', '--dry-run=client', '-f', join(root, 'examples/catalog')]
  const { stdout, stderr } = await run(programOf(nameOf(host!)), edit, {
    env: { BUN_JSC_reportCompileTimes: '1' },
  })
  assert.match(stdout, /x-istio-cohort/)
  const compiled = `${stdout}${stderr}`.match(/^Optimized .* using (Baseline|DFG|FTL)/gm)?.length ?? 0
  assert.ok(compiled < 40, `${compiled} functions were compiled, of 600 without a policy`)
})

test(
  'the same sources give the same bytes, in whatever folder, and kept ones are no others',
  { skip },
  async () => {
    const [again] = await buildExecutables(join(folder, 'again/and-deeper'), [host!], 'anew')
    assert.ok(readFileSync(again!.path).equals(readFileSync(programOf(nameOf(host!)))))
    assert.ok(!readFileSync(again!.path).includes(root), 'no path of this machine')
  },
)

test(
  'SHA256SUMS holds what sha256sum checks',
  { skip: process.platform === 'linux' ? skip : 'no sha256sum' },
  async () => {
    const { stdout } = await run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(folder, 'one') })
    assert.equal(stdout.match(/: OK$/gm)?.length, built.length)
  },
)

test('the licences of Bun and of what is bundled are beside it', { skip }, () => {
  const licences = readFileSync(join(folder, 'one/THIRD-PARTY-LICENCES.txt'), 'utf8')
  for (const name of ['bun', 'commander', 'yaml', '@kubernetes/client-node', 'hpagent'])
    assert.match(licences, new RegExp(`^${name} \\d.* \\(.*\\)$`, 'm'))
  assert.match(licences, /Lesser General Public License/)
})

test('a signature of a macOS program is right, or there is none where none is needed', { skip }, () => {
  const [intel, apple] = ['darwin-amd64', 'darwin-arm64'].map(name => readFileSync(programOf(name)))
  assert.equal(holdsSignature(intel!), undefined)
  assert.equal(holdsSignature(apple!), true)
  const changed = Buffer.from(apple!)
  changed[changed.length >> 1]! ^= 1
  assert.equal(holdsSignature(changed), false)
  assert.equal(holdsSignature(withoutSignature(apple!)), undefined)
})

test('every platform has its Bun in package-lock.json, all of one version', () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'test/bun-runtime/package.json'), 'utf8'),
  ) as { readonly optionalDependencies: Readonly<Record<string, string>> }
  assert.deepEqual(Object.keys(optionalDependencies).toSorted(), platforms.map(({ bun }) => bun).toSorted())
  const versions = platforms.map(({ bun }) => lockedVersion(bun).version)
  assert.deepEqual([...new Set(versions)], [...new Set(Object.values(optionalDependencies))])
  assert.equal(new Set(versions).size, 1)
})

test('an unknown platform is refused with those that there are', async () => {
  const failed = await run(process.execPath, [
    join(import.meta.dirname, 'build-executables.ts'),
    'plan9',
  ]).catch((error: { readonly code: number; readonly stderr: string }) => error)
  assert.ok('code' in failed)
  assert.equal(failed.code, 2)
  assert.match(failed.stderr, /^error: no platform is called plan9: there are linux-amd64, /)
})
