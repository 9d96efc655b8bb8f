/** How the program that ships reaches a server, which depends on the runtime it is made of. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { after } from 'node:test'
import {
  listOf,
  startFakeServer,
  status,
  type FakeOptions,
  type FakeServer,
  type Seen,
} from '../../live/api-server.ts'
import { clusterOf } from '../../live/connection/with-connection.ts'
import { httpProxy, socksProxy } from '../../live/corrections/proxies.ts'
import { base64, folderWith, kubeconfig } from '../../live/folder.ts'
import { words } from '../run-command.ts'
import { Built, type Ended } from './built.ts'

const built = await Built.make()
after(() => built.remove())

const service = { metadata: { name: 'catalog', namespace: 'shop' }, spec: { ports: [] } }
const answer = ({ url }: Seen) =>
  url.pathname.endsWith('/configmaps/istio')
    ? status(404, 'NotFound', 'none')
    : listOf(url.pathname.endsWith('/services') ? [service] : [])

const serve = (options: FakeOptions = {}): Promise<FakeServer> => startFakeServer(answer, options)

interface Asked {
  readonly cluster?: object
  readonly user?: object
  readonly env?: NodeJS.ProcessEnv
  /** Besides the kubeconfig, in the folder where the program runs. */
  readonly files?: Readonly<Record<string, unknown>>
}

/** `status -n shop` with a kubeconfig for a server. */
async function statusOf(
  server: FakeServer,
  { cluster, user = {}, env = {}, files = {} }: Asked = {},
): Promise<Ended> {
  await using folder = await folderWith({
    config: kubeconfig(cluster ?? clusterOf(server), user),
    ...files,
  })
  return await built.run('kubectl-canary', ['status', '-n', 'shop'], {
    cwd: folder.path,
    env: { KUBECONFIG: join(folder.path, 'config'), HOME: folder.path, ...env },
  })
}

const reached = ({ code, stderr }: Ended): void => {
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^(called\n)?No routed services found in namespace shop\.\n {2}To /)
}

for (const http2 of [false, true])
  test(`a server with a private authority is reached by HTTP/${http2 ? 2 : 1}, and refused without it`, async () => {
    await using server = await serve({ http2 })
    reached(await statusOf(server))
    const { code, stderr } = await statusOf(server, { cluster: { server: server.url } })
    assert.equal(code, 1)
    assert.match(stderr, /^error: .*certificate/)
    reached(await statusOf(server, { cluster: { server: server.url, 'insecure-skip-tls-verify': true } }))
    const other = await statusOf(server, { cluster: clusterOf(server, { 'tls-server-name': 'other.test' }) })
    assert.equal(other.code, 1)
    assert.match(other.stderr, /other\.test/)
  })

for (const http2 of [false, true])
  test(`shows a client certificate by HTTP/${http2 ? 2 : 1}`, async () => {
    await using server = await serve({ http2 })
    const { certificate, key } = await server.authority.client({ name: 'ann' })
    reached(
      await statusOf(server, {
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      }),
    )
    assert.ok(server.seen.every(({ subject }) => subject === 'ann'))
  })

const credential = {
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  status: { token: 'from-program' },
}
const program = (script: string) => ({
  exec: { apiVersion: credential.apiVersion, command: './login', interactiveMode: 'Never', args: [script] },
})
const files = { login: `#!/bin/sh\neval "$1"\n`, 'answer.json': credential }

test('a credential program is run once, and its token is sent', async () => {
  await using server = await serve({ http2: true })
  reached(await statusOf(server, { user: program('echo called >&2; cat "$HOME/answer.json"'), files }))
  assert.ok(server.seen.every(({ headers }) => headers.authorization === 'Bearer from-program'))
})

test('what a credential program says on stderr is shown, and its failure is one error', async () => {
  await using server = await serve()
  const { code, stderr } = await statusOf(server, { user: program('echo no session >&2; exit 3'), files })
  assert.equal(code, 1)
  assert.match(stderr, /^no session\nerror: .*login.*3/)
  assert.doesNotMatch(stderr, /\n\s+at /)
  assert.deepEqual(server.seen, [])
})

test('goes through HTTPS_PROXY, but not to whom NO_PROXY names', async () => {
  await using server = await serve({ names: ['api.test', 'localhost'] })
  await using proxy = await httpProxy(server.port)
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  const named = clusterOf(server, { server: `https://api.test:${server.port}` })
  reached(await statusOf(server, { cluster: named, env }))
  assert.deepEqual([...new Set(proxy.targets)], [`api.test:${server.port}`])
  const around = await statusOf(server, { cluster: named, env: { ...env, NO_PROXY: '.test' } })
  assert.equal(around.code, 1)
  assert.match(around.stderr, /api\.test/)
})

test('goes through a SOCKS proxy', async () => {
  await using server = await serve({ names: ['api.test'], http2: true })
  await using proxy = await socksProxy(server.port)
  const cluster = clusterOf(server, { server: `https://api.test:${server.port}` })
  reached(
    await statusOf(server, { cluster, env: { HTTPS_PROXY: `socks5://ann:secret@127.0.0.1:${proxy.port}` } }),
  )
  assert.deepEqual([...new Set(proxy.targets)], [`api.test:${server.port}`])
})

test('what lies in the folder where it runs changes neither its environment nor its code', async () => {
  await using server = await serve()
  reached(
    await statusOf(server, {
      files: {
        '.env': 'HTTPS_PROXY=http://127.0.0.1:1\nKUBECONFIG=/nonexistent\n',
        'bunfig.toml': 'preload = ["./first.ts"]\n',
        'first.ts': 'process.exit(9)\n',
        'package.json': { type: 'commonjs', imports: { '#x': './first.ts' } },
        'tsconfig.json': '{ "compilerOptions": { "paths": { "*": ["./first.ts"] } } }',
      },
    }),
  )
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} ends a watch with ${expected}`, { timeout: 60_000 }, async () => {
    await using server = await serve({ plain: true })
    const child = built.start('kubectl-canary', words(`status -n shop -w --server ${server.url}`))
    const stderr = text(child.stderr!)
    await once(child.stdout!, 'data')
    child.kill(signal)
    child.stdout!.resume()
    const [code] = await once(child, 'exit')
    assert.equal(code, expected, await stderr)
  })

test('megabytes are read from standard input, and written to a reader that is slow', async () => {
  await using folder = await folderWith({})
  const file = join(folder.path, 'many.yaml')
  const many = Array.from(
    { length: 800 },
    (_, i) =>
      `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: s${i}, namespace: shop }\nspec: { hosts: [s${i}], http: [{ route: [{ destination: { host: s${i} }, weight: 50 }, { destination: { host: t } , weight: 40 }] }] }\n`,
  ).join('---\n')
  await writeFile(file, many)
  const given = await built.run('kubectl-canary', words('lint -f - -o json'), { stdin: many })
  const { code, stdout } = await built.run('kubectl-canary', words(`lint -f ${file} -o json`))
  assert.deepEqual([given.code, code], [3, 3], given.stderr)
  const countOf = (text: string): number => text.match(/weights-sum-to-100/g)?.length ?? 0
  assert.ok(countOf(stdout) >= 800)
  assert.equal(countOf(given.stdout), countOf(stdout))
})
