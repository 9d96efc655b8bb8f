import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import test, { after, before } from 'node:test'
import { promisify } from 'node:util'
import { packNpm } from './npm-package.ts'
import { root, version } from './release.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'canary-npm-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const prefix = join(folder, 'prefix')
const installed = join(prefix, 'lib/node_modules/kubectl-canary')
/** No registry can be asked: the package must bring all that it needs. */
const offline = { npm_config_registry: 'http://127.0.0.1:1', npm_config_cache: join(folder, 'cache') }
before(async () => {
  const archive = await packNpm(folder)
  await run('npm', ['install', '--global', archive, '--prefix', prefix, '--no-audit', '--no-fund'], {
    env: { ...process.env, ...offline, npm_config_update_notifier: 'false' },
  })
})

const env = {
  PATH: [join(prefix, 'bin'), join(process.execPath, '..'), '/usr/bin', '/bin'].join(delimiter),
  HOME: folder,
}

test('npm installs it without a registry, and both programs run from the PATH', async () => {
  assert.equal((await run('kubectl-canary', ['version'], { env })).stdout, `kubectl-canary v${version}\n`)
  const example = join(root, 'examples/catalog')
  const edit = await run('kubectl-canary', ['weight', 'v2=10', '-f', example, '--dry-run=client'], { env })
  assert.match(edit.stdout, /v1 90 %, v2 10 %/)
  const completed = await run('kubectl_complete-canary', ['-f', example, 'promote', ''], { env })
  assert.match(completed.stdout, /^v1\nv2\n/)
})

test('it depends on nothing and runs nothing when it is installed', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >
  for (const field of [
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'workspaces',
    'scripts',
    'private',
  ])
    assert.equal(manifest[field], undefined, field)
  assert.deepEqual(readdirSync(join(prefix, 'lib/node_modules')), ['kubectl-canary'])
})

test('it holds the licences, the documents and no source', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
  for (const file of ['LICENSE', 'README.md', 'dist/THIRD-PARTY-LICENCES.txt', 'docs/commands.md'])
    assert.ok(files.includes(file), file)
  assert.deepEqual(
    files.filter(file => /\.ts$|^dist\/(executables|release)/.test(file)),
    [],
  )
})
