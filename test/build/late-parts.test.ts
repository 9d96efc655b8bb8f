/** Which modules a command loads: what it waits for at every start. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { listOf, startFakeServer, status, type FakeServer } from '../live/api-server.ts'
import { clusterOf } from '../live/connection/with-connection.ts'
import { folderWith, kubeconfig } from '../live/folder.ts'
import { httpProxy, socksProxy } from '../live/corrections/proxies.ts'
import { Built, type Ended } from '../plugin/program/built.ts'

const built = await Built.make()
after(() => built.remove())

/** Notes the files that a program opens, one a line. */
const noting = `import fs from 'node:fs'
const open = fs.openSync
const noted = file => fs.writeSync(notes, file + '\\n')
const notes = open(process.env.LOADED, 'a')
fs.openSync = (file, ...rest) => (noted(file), open(file, ...rest))
process.on('exit', () => fs.appendFileSync(process.env.LOADED, process.moduleLoadList.join('\\n')))
`

interface Run extends Ended {
  /** The names of the files that were loaded from the bundle. */
  readonly loaded: readonly string[]
  /** Those of Node's own modules that take a millisecond and more to load. */
  readonly slow: readonly string[]
}

const slowModule = /^NativeModule (https|child_process|fs\/promises|zlib|dns|inspector)$/

async function runAs(server: FakeServer, user: object, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  // Only a proxy knows the name.
  const url = env['HTTPS_PROXY'] === undefined ? server.url : server.url.replace('127.0.0.1', 'api.test')
  await using folder = await folderWith({
    config: kubeconfig(clusterOf(server, { server: url }), user),
    'noting.mjs': noting,
    loaded: '',
  })
  const ended = await built.run('kubectl-canary', ['status', '-n', 'shop'], {
    env: {
      KUBECONFIG: join(folder.path, 'config'),
      HOME: folder.path,
      NODE_OPTIONS: `--import ${join(folder.path, 'noting.mjs')}`,
      LOADED: join(folder.path, 'loaded'),
      ...env,
    },
  })
  const urls = readFileSync(join(folder.path, 'loaded'), 'utf8').split('\n')
  return {
    ...ended,
    loaded: urls.flatMap(url => /\/bin\/canary\/([^/]+)$/.exec(url)?.[1] ?? []),
    slow: urls.flatMap(line => slowModule.exec(line)?.[1] ?? []),
  }
}

const serve = (): Promise<FakeServer> =>
  startFakeServer(
    ({ url }) =>
      url.pathname.endsWith('/services')
        ? listOf([{ metadata: { name: 'catalog', namespace: 'shop' }, spec: { ports: [] } }])
        : url.pathname.endsWith('/configmaps/istio')
          ? status(404, 'NotFound', 'none')
          : listOf([]),
    { names: ['api.test', '127.0.0.1'], http2: true },
  )
const lateOf = ({ loaded }: Run): readonly string[] => loaded.filter(name => name.startsWith('late-'))

test('a live command loads the kubeconfig part of the client, and nothing of what that imports for others', async () => {
  await using server = await serve()
  await using proxy = await httpProxy(server.port)
  const { certificate, key } = await server.authority.client({ name: 'ann' })
  const inline = (text: string): string => Buffer.from(text).toString('base64')
  const users = [
    { token: 't' },
    { 'client-certificate-data': inline(certificate), 'client-key-data': inline(key) },
  ]
  for (const user of users) {
    const run = await runAs(server, user, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
    assert.equal(run.code, 0, run.stderr)
    assert.deepEqual(lateOf(run), ['late-hpagent.cjs'])
    const bytes = run.loaded
      .filter(name => !name.startsWith('late-'))
      .reduce((sum, name) => sum + statSync(join(built.bin, 'canary', name)).size, 0)
    assert.ok(bytes < 1_120_000, `${bytes} bytes`)
  }
})

test('a live command without a proxy loads of Node what it needs for one TLS connection', async () => {
  await using server = await serve()
  const run = await runAs(server, { token: 't' })
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual([lateOf(run), run.slow], [[], []])
  assert.ok(run.loaded.length <= 30, `${run.loaded.length} files`)
})

test('a part of the client is there when it is needed: for SOCKS, and for an old provider of tokens', async () => {
  await using server = await serve()
  await using proxy = await socksProxy(server.port)
  const config = {
    'cmd-path': process.execPath,
    'cmd-args': `-e 'console.log(JSON.stringify({ a: "fresh", b: "2120-01-01T00:00:00Z" }))'`,
    'token-key': '{.a}',
    'expiry-key': '{.b}',
  }
  const run = await runAs(
    server,
    { 'auth-provider': { name: 'gcp', config } },
    { HTTPS_PROXY: `socks5://ann:secret@127.0.0.1:${proxy.port}` },
  )
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual([...lateOf(run)].toSorted(), ['late-jsonpath-plus.cjs', 'late-socks-proxy-agent.cjs'])
  assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer fresh')
})

test('a command on files loads nothing of the client', async () => {
  await using folder = await folderWith({ 'noting.mjs': noting, loaded: '' })
  const { code } = await built.run(
    'kubectl-canary',
    ['status', '-f', join(import.meta.dirname, '../../examples/catalog')],
    {
      env: {
        NODE_OPTIONS: `--import ${join(folder.path, 'noting.mjs')}`,
        LOADED: join(folder.path, 'loaded'),
      },
    },
  )
  assert.equal(code, 0)
  const loaded = readFileSync(join(folder.path, 'loaded'), 'utf8')
  assert.ok(/\/bin\/canary\//.test(loaded) && !/open-cluster|late-/.test(loaded), loaded)
})

test('what nothing reaches of the client is not shipped', () => {
  for (const program of ['canary', 'guard'])
    assert.deepEqual(
      readdirSync(join(built.bin, program)).filter(name => name.startsWith('late-')),
      ['late-hpagent.cjs', 'late-jsonpath-plus.cjs', 'late-socks-proxy-agent.cjs'],
    )
  const licences = readFileSync(join(built.bin, 'THIRD-PARTY-LICENCES.txt'), 'utf8')
  for (const name of ['undici', 'openid-client', 'js-yaml'])
    assert.doesNotMatch(licences, new RegExp(`^${name} \\d`, 'm'))
  assert.match(licences, /^hpagent \d/m)
})
