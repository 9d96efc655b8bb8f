import type { TLSSocket } from 'node:tls'
import { dialler, type ServerRoute } from './dial.ts'
import { http2Pool } from './http2-pool.ts'
import type * as Http1Pool from './http1-pool.ts'
import { StaleConnection, type AnswerHead, type Pool, type Sent } from './pool.ts'

/** Whom connections are opened as, in PEM. */
export interface ClientCertificate {
  readonly certificate?: string
  readonly key?: string
}

/** How often a request is sent again on another connection: every kept-alive one may be stale. */
const mostAttempts = 8

/** Kept-alive connections to one server, by HTTP/2 where it speaks that; another client certificate has others. */
export class Transport {
  readonly #route: ServerRoute
  #authority: string | undefined
  #certificate: string | undefined
  #pool: Promise<Pool> | undefined

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
    this.#retire()
  }

  /** Fails with the connection's error, or with the signal's reason. */
  async send(sent: Sent, client: ClientCertificate): Promise<AnswerHead> {
    const path = this.#route.server.pathname.replace(/\/$/, '') + sent.path
    for (let attempt = 1; ; attempt++) {
      const pool = await orAborted(this.#poolFor(client), sent.signal)
      try {
        return await orAborted(pool.send({ ...sent, path }), sent.signal)
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error
        const mayRepeat = error.isUnseen || sent.method === 'GET'
        if (!mayRepeat || attempt > mostAttempts) throw error.cause
      }
    }
  }

  async #poolFor({ certificate, key }: ClientCertificate): Promise<Pool> {
    if (certificate !== this.#certificate) this.#retire()
    this.#certificate = certificate
    const known = this.#pool
    if (known !== undefined) {
      const pool = await known
      if (pool.isOpen) return pool
      if (this.#pool === known) this.#pool = undefined
    }
    const opening = (this.#pool ??= this.#open(certificate && key ? { cert: certificate, key } : {}))
    opening.catch(() => {
      if (this.#pool === opening) this.#pool = undefined
    })
    return opening
  }

  async #open(identity: { readonly cert?: string; readonly key?: string }): Promise<Pool> {
    const { server, isHttp1 } = this.#route
    const dial = dialler({ ...this.#route, authority: this.#authority }, identity)
    if (server.protocol === 'http:') return openHttp1(server, dial)
    const dialled = dial(isHttp1 ? ['http/1.1'] : ['h2', 'http/1.1'])
    // Takes as long as the handshake, and nearly every API server speaks it.
    if (!isHttp1) await Promise.race([dialled, import('node:http2')])
    const socket = (await dialled) as TLSSocket
    return socket.alpnProtocol === 'h2' ? http2Pool(server, socket) : openHttp1(server, dial, socket)
  }

  #retire(): void {
    this.#pool?.then(
      pool => pool.retire(),
      () => {},
    )
    this.#pool = undefined
  }

  close(): void {
    this.#pool?.then(
      pool => pool.close(),
      () => {},
    )
    this.#pool = undefined
  }
}

/** Loaded late: nearly every API server speaks HTTP/2. */
async function openHttp1(...how: Parameters<typeof Http1Pool.http1Pool>): Promise<Pool> {
  const { http1Pool } = await import('./http1-pool.ts')
  return http1Pool(...how)
}

/** What a promise gives, unless the signal comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
