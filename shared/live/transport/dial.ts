import { connect as connectTcp, isIP, type Socket } from 'node:net'
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import { openTunnel } from '../corrections/proxy-tunnel.ts'

/** client-go's dialler and TLS handshake give up after 30 s and 10 s. */
const longestConnect = 30_000

/** How the server is reached and known. */
export interface ServerRoute {
  readonly server: URL
  readonly proxy: URL | undefined
  /** PEM; the system's authorities where it is left out. */
  readonly authority: string | undefined
  readonly skipVerify: boolean
  readonly serverName: string | undefined
  /** Whether to speak HTTP/1.1 even where the server could do more. */
  readonly isHttp1: boolean
}

/** Opens a connection to the server. `protocols` are those to offer it, the first it speaks is taken. */
export type Dial = (protocols: readonly string[]) => Promise<Socket>

/**
 * Dials with one client certificate: one context for all connections, since reading the authorities takes longer
 * than a handshake.
 */
export function dialler(route: ServerRoute, identity: SecureContextOptions): Dial {
  const { server, proxy, skipVerify, serverName } = route
  const isTls = server.protocol === 'https:'
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const port = Number(server.port) || (isTls ? 443 : 80)
  const secureContext = isTls ? contextOf(route, identity) : undefined
  return async protocols => {
    const through = proxy && (await openTunnel(proxy, { host, port }))
    if (!isTls) return connected(through ?? connectTcp({ host, port }), 'connect')
    const servername = serverName || (isIP(host) ? undefined : host)
    const socket = connectTls({
      ...(through === undefined ? { host, port } : { socket: through, host }),
      ...(servername !== undefined && { servername }),
      secureContext,
      rejectUnauthorized: !skipVerify,
      ALPNProtocols: [...protocols],
    })
    return connected(socket, 'secureConnect')
  }
}

function contextOf({ authority, skipVerify }: ServerRoute, identity: SecureContextOptions): SecureContext {
  const ca =
    authority
    ?? (skipVerify
      ? undefined
      : [...new Set([...getCACertificates('default'), ...getCACertificates('system')])])
  return createSecureContext({ ...(ca !== undefined && { ca }), ...identity })
}

/** The socket when it can be used; fails with its error, or after `longestConnect`. */
function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  socket.setKeepAlive(true, 30_000)
  socket.setNoDelay(true)
  if (event === 'connect' && !socket.connecting) return Promise.resolve(socket)
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      const message = `no connection within ${longestConnect / 1000} s`
      socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }))
    }
    const timer = setTimeout(giveUp, longestConnect)
    socket.once('error', reject)
    socket.once(event, () => {
      socket.removeListener('error', reject)
      resolve(socket)
    })
    socket.once('close', () => reject(connectionClosed()))
    const clear = (): void => clearTimeout(timer)
    socket.once(event, clear).once('close', clear)
  })
}

/** The error for a connection that ended without saying why. */
export const connectionClosed = (cause?: unknown): Error =>
  Object.assign(new Error('the connection was closed', { cause }), { code: 'ECONNRESET' })
