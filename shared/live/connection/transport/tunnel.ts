import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as netConnect, isIP, type Socket } from 'node:net'
import { once } from 'node:events'
import { Duplex } from 'node:stream'

/** Where a tunnel leads. */
export interface TunnelTarget {
  readonly host: string
  readonly port: number
}

/** A socket to the target through a proxy: HTTP CONNECT, or SOCKS5 (RFC 1928, RFC 1929). */
export const openTunnel = (proxy: URL, target: TunnelTarget): Promise<Socket> =>
  proxy.protocol.startsWith('socks5') ? openSocks(proxy, target) : openHttp(proxy, target)

/**
 * Stands for a socket that is still to come. An agent must get something at once: those that come later it
 * does not count, and opens more
 * than it may.
 */
export function pendingSocket(opening: Promise<Socket>): Duplex {
  let socket: Socket | undefined
  const ready = opening.then(opened => {
    socket = opened
    if (duplex.destroyed) opened.destroy()
    opened.on('data', chunk => {
      if (!duplex.push(chunk)) opened.pause()
    })
    opened.once('end', () => {
      duplex.push(null)
    })
    opened.on('error', error => {
      duplex.destroy(error)
    })
    opened.once('close', () => {
      duplex.destroy()
    })
    return opened
  })
  const duplex = new Duplex({
    read: () => {
      socket?.resume()
    },
    write: (chunk, encoding, done) => {
      ready.then(opened => {
        opened.write(chunk, encoding, done)
      }, done)
    },
    final: done => {
      ready.then(opened => {
        opened.end(done)
      }, done)
    },
    destroy: (error, done) => {
      socket?.destroy()
      done(error)
    },
  })
  ready.catch((error: Error) => {
    duplex.destroy(error)
  })
  const nothing = (): Duplex => duplex
  return Object.assign(duplex, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  })
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

function openHttp(proxy: URL, { host, port }: TunnelTarget): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const login =
    proxy.username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(loginOf(proxy).join(':')).toString('base64')}` }
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const asking = request({
      host: hostOf(proxy),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      agent: false,
      headers: { host: authority, ...login },
    })
    asking.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode} ${answer.statusMessage}`))
    })
    asking.once('response', answer => {
      answer.destroy()
      reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode} ${answer.statusMessage}`))
    })
    asking.once('error', error => reject(throughProxy(proxy, error)))
    asking.end()
  })
}

const loginOf = ({ username, password }: URL): readonly [string, string] => [
  decodeURIComponent(username),
  decodeURIComponent(password),
]

const throughProxy = (proxy: URL, error: Error): Error =>
  Object.assign(new Error(`the proxy ${proxy.host}: ${error.message}`), {
    code: (error as NodeJS.ErrnoException).code,
  })

async function openSocks(proxy: URL, target: TunnelTarget): Promise<Socket> {
  const socket = netConnect(Number(proxy.port || 1080), hostOf(proxy))
  try {
    await once(socket, 'connect')
    await greet(socket, proxy)
    socket.write(
      Buffer.concat([
        Buffer.from([5, 1, 0]),
        addressOf(target.host),
        Buffer.from([target.port >> 8, target.port & 0xff]),
      ]),
    )
    const [, reply, , kind] = await take(socket, 4)
    if (reply !== 0) throw new Error(`it cannot reach ${target.host}:${target.port} (SOCKS reply ${reply})`)
    const length = kind === 1 ? 4 : kind === 4 ? 16 : (await take(socket, 1))[0]!
    await take(socket, length + 2)
    return socket
  } catch (error) {
    socket.destroy()
    throw throughProxy(proxy, error as Error)
  }
}

/** Agrees on how to log in: with a name and password if the proxy's URL has them, else not at all. */
async function greet(socket: Socket, proxy: URL): Promise<void> {
  const method = proxy.username === '' ? 0 : 2
  socket.write(Buffer.from([5, 1, method]))
  const [version, agreed] = await take(socket, 2)
  if (version !== 5 || agreed !== method)
    throw new Error(agreed === 0xff ? 'it rejects this kind of login' : 'it does not speak SOCKS5')
  if (method === 0) return
  const [name, password] = loginOf(proxy).map(text => Buffer.from(text)) as [Buffer, Buffer]
  socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([password.length]), password]))
  if ((await take(socket, 2))[1] !== 0) throw new Error('it rejects the user name or password')
}

/** The name goes to the proxy, which knows names that we may not. */
function addressOf(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([1, ...host.split('.').map(Number)])
  const name = Buffer.from(host)
  return Buffer.concat([Buffer.from([3, name.length]), name])
}

/** The next bytes, no more: what follows belongs to TLS. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  while (true) {
    const bytes = socket.read(length) as Buffer | null
    if (bytes !== null && bytes.length === length) return bytes
    if (socket.readableEnded || socket.destroyed) throw new Error('it closed the connection')
    await Promise.race([once(socket, 'readable'), once(socket, 'end')])
  }
}
