import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { connect as netConnect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from '../../../shared/live/connection/connect.ts'
import { startFakeServer, type FakeServer } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

const host = 'api.corp.test'

interface Proxy extends AsyncDisposable {
  readonly port: number
  readonly targets: readonly string[]
}

async function listening(server: Server, targets: readonly string[]): Promise<Proxy> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    [Symbol.asyncDispose]: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Both ends give up together. */
function join2(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a)
  a.on('error', () => b.destroy())
  b.on('error', () => a.destroy())
}

/** Leads every tunnel to the fake server, whatever name was asked for. */
function httpProxy(to: number, login?: string): Promise<Proxy> {
  const targets: string[] = []
  const server = createHttpServer().on('connect', ({ url, headers }, socket: Socket) => {
    targets.push(url ?? '')
    if (login !== undefined && headers['proxy-authorization'] !== `Basic ${base64(login)}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const onward = netConnect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      join2(socket, onward)
    })
  })
  return listening(server, targets)
}

/** SOCKS5 that wants the login ann:secret, and reads byte by byte as they come. */
function socksProxy(to: number): Promise<Proxy> {
  const targets: string[] = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    void (async () => {
      const take = async (length: number): Promise<Buffer> => {
        for (;;) {
          const bytes = socket.read(length) as Buffer | null
          if (bytes !== null) return bytes
          await once(socket, 'readable')
        }
      }
      const [, methods] = await take(2)
      await take(methods!)
      socket.write(Buffer.from([5, 2]))
      const [, nameLength] = await take(2)
      const name = String(await take(nameLength!))
      const password = String(await take((await take(1))[0]!))
      if (`${name}:${password}` !== 'ann:secret') return socket.end(Buffer.from([1, 1]))
      socket.write(Buffer.from([1, 0]))
      await take(4)
      const asked = String(await take((await take(1))[0]!))
      targets.push(`${asked}:${(await take(2)).readUInt16BE()}`)
      const onward = netConnect(to, '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        join2(socket, onward)
      })
      return undefined
    })().catch(() => socket.destroy())
  })
  return listening(server, targets)
}

async function ask(
  server: FakeServer,
  {
    env = {},
    proxyUrl,
    times = 1,
  }: { readonly env?: Readonly<Record<string, string>>; readonly proxyUrl?: string; readonly times?: number },
): Promise<number> {
  const cluster = {
    server: `https://${host}:6443`,
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
