import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import type { Proof } from '../credentials/proof.ts'
import { openTunnel, pendingSocket } from './tunnel.ts'

/** How many connections all calls share; streams that stay open have their own beside them. */
export const mostConnections = 4

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
}

/** One request on the wire. */
export interface Sent {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | undefined
  readonly proof: Proof
  /** Stays open: outside the shared connections, which it would use up. */
  readonly isStream: boolean
  readonly signal: AbortSignal | undefined
}

interface Agents {
  readonly shared: http.Agent
  readonly streams: http.Agent
}

/** Kept-alive connections to one server; another client certificate has others. */
export class Transport {
  readonly #route: ServerRoute
  #authority: string | undefined
  #certificate: string | undefined
  #agents: Agents | undefined

  constructor(route: ServerRoute) {
    this.#route = route
    this.#authority = route.authority
  }

  /** PEM of whom connections trust at this moment. */
  get authority(): string | undefined {
    return this.#authority
  }

  /**
   * Trusts this authority from now on, as the cluster may have changed its own. Requests that are under way
   * go on.
   */
  trust(authority: string | undefined): void {
    if (authority === this.#authority) return
    this.#authority = authority
    if (this.#agents !== undefined) retire(this.#agents)
    this.#agents = undefined
  }

  /**
   * The answer's head; its body is still to come. Fails with the socket's error, or with the signal's reason.
   */
  async send(sent: Sent): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const { promise, request } = this.#start(sent)
      try {
        return await promise
      } catch (error) {
        // The server closed a kept-alive connection while we took it up again: it has not seen the request.
        const isStale =
          request.reusedSocket
          && ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
        if (!isStale || sent.method !== 'GET' || attempt > mostConnections) throw error
      }
    }
  }

  #start({ method, path, headers, body, proof, isStream, signal }: Sent): {
    readonly promise: Promise<IncomingMessage>
    readonly request: ClientRequest
  } {
    signal?.throwIfAborted()
    const { server } = this.#route
    const agents = this.#agentsFor(proof)
    const request = (server.protocol === 'https:' ? https : http).request({
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (server.protocol === 'https:' ? 443 : 80),
      method,
      path: server.pathname.replace(/\/$/, '') + path,
      headers,
      agent: isStream ? agents.streams : agents.shared,
    })
    const promise = new Promise<IncomingMessage>((resolve, reject) => {
      const onAbort = (): void => {
        request.destroy(signal?.reason as Error)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      request.once('error', error => {
        signal?.removeEventListener('abort', onAbort)
        reject(error)
      })
      request.once('response', answer => {
        answer.once('close', () => signal?.removeEventListener('abort', onAbort))
        resolve(answer)
      })
      // A second error, after the answer's head, reaches whoever reads the body.
      request.on('error', () => {})
    })
    request.end(body)
    return { promise, request }
  }

  #agentsFor({ certificate, key }: Proof): Agents {
    if (this.#agents !== undefined && certificate === this.#certificate) return this.#agents
    if (this.#agents !== undefined) retire(this.#agents)
    this.#certificate = certificate
    this.#agents = this.#makeAgents(
      certificate === undefined || key === undefined ? {} : { cert: certificate, key },
    )
    return this.#agents
  }

  #makeAgents(identity: tls.SecureContextOptions): Agents {
    const make = (maxSockets: number): http.Agent => {
      const options = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets }
      if (this.#route.server.protocol === 'http:') return withWay(new http.Agent(options), this.#route)
      return withWay(new https.Agent({ ...options, ...secure }), this.#route)
    }
    const secure =
      this.#route.server.protocol === 'https:'
        ? tlsOptions({ ...this.#route, authority: this.#authority }, identity)
        : {}
    return { shared: make(mostConnections), streams: make(Infinity) }
  }

  close(): void {
    this.#agents?.shared.destroy()
    this.#agents?.streams.destroy()
    this.#agents = undefined
  }
}

/** Lets the requests that are under way end, and keeps no connection after them. */
function retire({ shared, streams }: Agents): void {
  for (const agent of [shared, streams]) {
    agent.maxFreeSockets = 0
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
  }
}

/** One context for all connections: reading the authorities takes longer than a handshake. */
function tlsOptions(
  { authority, skipVerify, serverName }: ServerRoute,
  identity: tls.SecureContextOptions,
): tls.ConnectionOptions {
  const ca =
    authority
    ?? (skipVerify
      ? undefined
      : [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])])
  const context = tls.createSecureContext({ ...(ca !== undefined && { ca }), ...identity })
  return {
    secureContext: context,
    rejectUnauthorized: !skipVerify,
    ...(serverName && { servername: serverName }),
  }
}

/** Lets the agent connect through the proxy if there is one, and give up on a server that never answers. */
function withWay(agent: http.Agent, { server, proxy }: ServerRoute): http.Agent {
  const isTls = server.protocol === 'https:'
  const direct = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    if (proxy === undefined) return withDeadline(direct(options, callback) as Socket, isTls)
    const { host, port } = options as { readonly host: string; readonly port: number }
    const socket = pendingSocket(openTunnel(proxy, { host, port }))
    return isTls ? withDeadline(tls.connect({ ...(options as tls.ConnectionOptions), socket }), true) : socket
  }
  return agent
}

function withDeadline(socket: Socket, isTls: boolean): Socket {
  const giveUp = (): void => {
    socket.destroy(
      Object.assign(new Error(`no connection within ${longestConnect / 1000} s`), { code: 'ETIMEDOUT' }),
    )
  }
  const timer = setTimeout(giveUp, longestConnect)
  const clear = (): void => clearTimeout(timer)
  socket.once(isTls ? 'secureConnect' : 'connect', clear)
  socket.once('close', clear)
  return socket
}
