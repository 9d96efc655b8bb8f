import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { connect } from '../../../shared/live/connection/connect.ts'
import { startFakeServer, type FakeServer } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'
import { httpProxy, socksProxy } from './proxies.ts'

const host = 'api.corp.test'
const hasIpv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

async function ask(
  server: FakeServer,
  {
    env = {},
    proxyUrl,
    times = 1,
    to = `https://${host}:6443`,
  }: {
    readonly env?: Readonly<Record<string, string>>
    readonly proxyUrl?: string
    readonly times?: number
    readonly to?: string
  },
): Promise<number> {
  const cluster = {
    server: to,
    'certificate-authority-data': base64(server.authority.certificate),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
  }
  await using folder = await folderWith({ config: kubeconfig(cluster) })
  const connection = await connect({ kubeconfig: join(folder.path, 'config') }, surroundings(env))
  try {
    const answers = await Promise.all(
      Array.from({ length: times }, () => connection.request({ path: '/api' })),
    )
    return answers[0]!.status
  } finally {
    connection.close()
  }
}

test('goes through HTTPS_PROXY, over at most 4 tunnels', async () => {
  await using server = await startFakeServer(() => ({}), { names: [host] })
  await using proxy = await httpProxy(server.port)
  assert.equal(await ask(server, { env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, times: 40 }), 200)
  assert.ok(proxy.targets.length <= 4)
  assert.equal(proxy.targets[0], `${host}:6443`)
})

test('logs in at the proxy that the kubeconfig names, and says so where that fails', async () => {
  await using server = await startFakeServer(() => ({}), { names: [host] })
  await using proxy = await httpProxy(server.port, 'ann:se cret')
  assert.equal(await ask(server, { proxyUrl: `http://ann:se%20cret@127.0.0.1:${proxy.port}` }), 200)
  await assert.rejects(
    ask(server, { proxyUrl: `http://127.0.0.1:${proxy.port}` }),
    /cannot reach https:\/\/api\.corp\.test:6443.*the proxy 127\.0\.0\.1:\d+ answered 407/,
  )
})

test('goes through a SOCKS5 proxy, which looks the name up', async () => {
  await using server = await startFakeServer(() => ({}), { names: [host] })
  await using proxy = await socksProxy(server.port)
  assert.equal(await ask(server, { proxyUrl: `socks5://ann:secret@127.0.0.1:${proxy.port}` }), 200)
  assert.deepEqual(proxy.targets, [`${host}:6443`])
  await assert.rejects(
    ask(server, { proxyUrl: `socks5://ann:wrong@127.0.0.1:${proxy.port}` }),
    /rejects the user name or password/,
  )
})

test('a proxy that is not there is named', async () => {
  await using server = await startFakeServer(() => ({}), { names: [host] })
  const proxy = await httpProxy(1)
  await proxy[Symbol.asyncDispose]()
  await assert.rejects(ask(server, { proxyUrl: `http://127.0.0.1:${proxy.port}` }), /cannot reach/)
  await assert.rejects(ask(server, { proxyUrl: `socks5://127.0.0.1:${proxy.port}` }), /cannot reach/)
})

test('a proxy and a server may have IPv6 addresses', { skip: !hasIpv6 && 'no IPv6 here' }, async () => {
  await using server = await startFakeServer(() => ({}), { names: ['fd00::7', host] })
  const to = 'https://[fd00::7]:6443'
  await using http = await httpProxy(server.port, undefined, '::1')
  assert.equal(await ask(server, { proxyUrl: `http://[::1]:${http.port}`, to }), 200)
  assert.deepEqual(http.targets, ['[fd00::7]:6443'])
  await using socks = await socksProxy(server.port, '::1')
  assert.equal(await ask(server, { proxyUrl: `socks5://ann:secret@[::1]:${socks.port}` }), 200)
})

test('NO_PROXY keeps a server out of the tunnel', async () => {
  await using server = await startFakeServer(() => ({}))
  await using proxy = await httpProxy(server.port)
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.0/8' }
  assert.equal(await ask(server, { env, to: server.url }), 200)
  assert.deepEqual(proxy.targets, [])
})

test('is needed as long as upstream looks names up that kubectl leaves to a SOCKS5 proxy', () => {
  assert.equal(new SocksProxyAgent('socks5://127.0.0.1').shouldLookup, true)
})
