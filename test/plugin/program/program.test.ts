import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { after } from 'node:test'
import { oldestNode, stubText } from '../../build/stub.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { words } from '../run-command.ts'
import { Built } from './built.ts'

const built = await Built.make()
after(() => built.remove())

const root = join(import.meta.dirname, '../../..')

test('runs from the PATH, and edits files', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stdout, stderr } = await built.run('kubectl-canary', words(`weight v2=10 -f ${folder.path}`))
  assert.equal(code, 0, stderr)
  assert.match(stdout, /everyone → v1 90 %, v2 10 %/)
  assert.match(folder.texts()['catalog-mesh.yaml'] ?? '', /weight: 90/)
})

test('reads standard input and prints the documents', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stdout } = await built.run('kubectl-canary', words('promote v2 -f -'), {
    stdin: Object.values(folder.texts()).join('---\n'),
  })
  assert.equal(code, 0)
  assert.equal(stdout.match(/^kind: /gm)?.length, 9)
})

test('what is loaded late is there: YAML output and the regex engine', async () => {
  using folder = new ManifestsFolder('catalog')
  const yaml = await built.run('kubectl-canary', words(`status -o yaml -f ${folder.path}`))
  assert.match(yaml.stdout, /^services:\n {2}- service: catalog\n/, yaml.stderr)
  const regex = await built.run(
    'kubectl-canary',
    words(`cohort qa --to v2 --header x-team:regex=(qa -f ${folder.path}`),
  )
  assert.match(regex.stderr, /the regex \(qa is not valid: missing closing \)/)
  assert.match((await built.run('kubectl-canary', ['version'])).stdout, /^kubectl-canary v\d/)
})

test('what checks a file by its schema is there', async () => {
  using folder = new ManifestsFolder('catalog')
  const table = join(built.folder, 'table.yaml')
  writeFileSync(table, 'tests: [{ url: http://catalog/items, expect: v1 }]')
  const { code, stderr } = await built.run('kubectl-canary', words(`try --table ${table} -f ${folder.path}`))
  assert.equal(code, 0, stderr)
})

test('no kubeconfig is one clear error, without a stack', async () => {
  const { code, stdout, stderr } = await built.run('kubectl-canary', ['status'])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^error: .+\n( {2}.+\n)*$/)
})

test('a server that is not there is one clear error', async () => {
  const { code, stderr } = await built.run('kubectl-canary', words('status --server http://127.0.0.1:1'))
  assert.equal(code, 1)
  assert.match(stderr, /^error: .*127\.0\.0\.1:1.*\n( {2}.+\n)*$/)
})

test('Ctrl-C while a server keeps silent ends with 130 and one line', { timeout: 60_000 }, async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const child = built.start(
    'kubectl-canary',
    words(`weight v2=10 --server http://127.0.0.1:${(silent.address() as AddressInfo).port}`),
  )
  const [stdout, stderr] = [text(child.stdout!), text(child.stderr!)]
  await once(silent, 'request')
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  silent.closeAllConnections()
  silent.close()
  assert.deepEqual([code, await stdout, await stderr], [130, '', 'interrupted, nothing was written\n'])
})

test('a reader that leaves is not an error, and the work is still done', async () => {
  using folder = new ManifestsFolder('catalog')
  const child = built.start('kubectl-canary', words(`weight v2=10 -f ${folder.path}`))
  child.stdout!.destroy()
  const stderr = text(child.stderr!)
  const [code] = await once(child, 'exit')
  assert.deepEqual([code, await stderr], [0, ''])
  assert.match(folder.texts()['catalog-mesh.yaml'] ?? '', /weight: 90/)
})

test('a command on files loads neither the Kubernetes client nor a regex engine', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stderr } = await built.run(process.execPath, [
    '--cpu-prof',
    '--cpu-prof-dir',
    built.folder,
    '--cpu-prof-name',
    'files.cpuprofile',
    join(built.bin, 'kubectl-canary.js'),
    ...words(`cohort internal --to v2 -f ${folder.path}`),
  ])
  assert.equal(code, 0, stderr)
  const { nodes } = JSON.parse(readFileSync(join(built.folder, 'files.cpuprofile'), 'utf8')) as {
    readonly nodes: readonly { readonly callFrame: { readonly url: string } }[]
  }
  const loaded = [
    ...new Set(nodes.map(({ callFrame }) => callFrame.url).filter(url => url.includes('/canary/'))),
  ].map(url => readFileSync(new URL(url), 'utf8'))
  assert.ok(loaded.length > 1)
  assert.deepEqual(
    loaded.filter(code => /class RE2JS|KubeConfig|class Ajv/.test(code)),
    [],
  )
})

test('the stub can be parsed by old Nodes and says what it needs', async () => {
  const stub = stubText({ program: 'kubectl-canary', start: 'command' }, 'build')
  assert.doesNotMatch(stub, /=>|\b(?:let|const|class|await)\b|\?\?|\?\.|`/)
  const old = stub.replace('process.versions.node', "'20.11.1'").replaceAll('process.version', "'v20.11.1'")
  const { code, stderr } = await built.run(process.execPath, [
    '--input-type=commonjs',
    '-e',
    old.replace(/^#!.*\n/, ''),
  ])
  assert.equal(code, 1)
  assert.match(stderr, /^error: kubectl-canary needs Node 22\.19 or newer, and .* is v20\.11\.1: .*\n$/)
})

test('an older Node runs the program with the newer one that npm ci brought', async () => {
  const stub = readFileSync(join(built.bin, 'kubectl-canary.js'), 'utf8').replace(
    'process.versions.node',
    "(process.env.AGAIN ? process.versions.node : (process.env.AGAIN = '1', '20.11.1'))",
  )
  const clone = mkdtempSync(join(tmpdir(), 'canary-clone-'))
  try {
    mkdirSync(join(clone, 'node_modules/.bin'), { recursive: true })
    const newer = join(clone, 'node_modules/newer-node')
    writeFileSync(newer, `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 })
    symlinkSync(newer, join(clone, 'node_modules/.bin/node'))
    cpSync(built.bin, join(clone, 'dist'), { recursive: true })
    writeFileSync(join(clone, 'dist/kubectl-canary.js'), stub)
    const run = (...words: readonly string[]) =>
      built.run(process.execPath, [join(clone, 'dist/kubectl-canary.js'), ...words])
    assert.match((await run('version')).stdout, /^kubectl-canary /)
    assert.equal((await run('weight')).code, 2)
  } finally {
    rmSync(clone, { recursive: true })
  }
})

test('the oldest Node is said alike in package.json, the stub and the guard of the scripts', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }
  }
  assert.equal(engines.node, `>=${oldestNode.join('.')}`)
  assert.match(
    readFileSync(join(root, 'test/build/ensure-node.cjs'), 'utf8'),
    new RegExp(
      `have\\[0\\] < ${oldestNode[0]} \\|\\| \\(have\\[0\\] === ${oldestNode[0]} && have\\[1\\] < ${oldestNode[1]}\\)`,
    ),
  )
})

test('what package.json names as programs is built, and may be executed', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>
  }
  for (const [name, file] of Object.entries(bin)) {
    assert.equal(file, `dist/${name}.js`)
    assert.equal(statSync(join(built.bin, `${name}.js`)).mode & 0o111, 0o111)
  }
  assert.ok(existsSync(join(built.bin, 'canary-guard.js')))
  assert.match(readFileSync(join(built.bin, 'THIRD-PARTY-LICENCES.txt'), 'utf8'), /^commander \d/m)
})

test('kubectl_complete-canary proposes what kubectl asks for', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stdout } = await built.run('kubectl_complete-canary', ['-f', folder.path, 'promote', ''])
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'v1\nv2\ncatalog\nwebapp\n:4\n' })
})

const kubectl = hasKubectl() ? false : 'there is no kubectl on the PATH'

test('runs as kubectl canary', { skip: kubectl }, async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stdout, stderr } = await built.run(
    'kubectl',
    words(`canary weight v2=10 -f ${folder.path} -o name`),
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^virtualservice\.networking\.istio\.io\/catalog$/m)
})

test('completes as kubectl canary', { skip: kubectl }, async () => {
  using folder = new ManifestsFolder('catalog')
  const { stdout } = await built.run('kubectl', ['__complete', 'canary', 'promote', '-f', folder.path, ''])
  assert.match(stdout, /^v2$/m)
})

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
