/** Proxies of the tests' own: each leads every tunnel to one port, whatever name was asked for. */
import { createServer as createHttpServer } from 'node:http'
import { connect as netConnect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { base64 } from '../folder.ts'

export interface Proxy extends AsyncDisposable {
  readonly port: number
  readonly targets: readonly string[]
}

async function listening(server: Server, targets: readonly string[], host = '127.0.0.1'): Promise<Proxy> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, host)
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

/** HTTP CONNECT. */
export function httpProxy(to: number, login?: string, host?: string): Promise<Proxy> {
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
  return listening(server, targets, host)
}

/** SOCKS5 that wants the login ann:secret, and reads byte by byte as they come. */
export function socksProxy(to: number, host?: string): Promise<Proxy> {
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
  return listening(server, targets, host)
}
