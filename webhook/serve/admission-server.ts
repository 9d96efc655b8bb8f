import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { fastify, type FastifyInstance } from 'fastify'
import type { AdmissionAnswer } from '../admission/response.ts'
import { limitConcurrency } from './concurrency-limit.ts'
import { knownCallers, type IsKnownAddress } from './known-callers.ts'
import { limitConnections } from './limit-connections.ts'
import { timeBudgetOf } from './deadline.ts'
import { listenOn } from './listen-on.ts'
import { usableValidityOf, type KeyPair } from '../certificate/key-pair.ts'

/** Answers the body of a review within this many milliseconds; undefined for a body that is no review. */
export type ReviewHandler = (
  body: Uint8Array,
  budgetMs: number,
  caller: Caller,
) => Promise<AdmissionAnswer | undefined>

/** Who sent a review, and by what entry. */
export interface Caller {
  /** Whether it has a client certificate of the authority that is trusted, so that it is the API server. */
  readonly isAuthenticated: boolean
  /** How the path says that a review that fails is answered; the configuration says it when undefined. */
  readonly fails?: 'closed' | 'open'
}

/** Each entry of the webhook configuration chooses one. */
const paths = {
  '/validate': undefined,
  '/validate/fail-closed': 'closed',
  '/validate/fail-open': 'open',
} as const

export interface AdmissionServerOptions {
  readonly keyPair: KeyPair
  readonly handle: ReviewHandler
  /** The authority (PEM) of client certificates; none is asked for when left out. A caller without one is served too. */
  readonly clientCA?: string | undefined
  /** Where API servers call from, of whom not everybody need have a certificate; nowhere when left out. */
  readonly isKnownAddress?: IsKnownAddress
  /** A handshake failed, most often because the caBundle does not match the certificate. */
  readonly onHandshakeError?: (error: Error) => void
  /** A review was rejected with 429, because there were too many. */
  readonly onOverload?: () => void
  /** An idle connection was closed, because there were too many. */
  readonly onConnectionClosed?: () => void
  /** Connections that are kept at a time; see `limitConnections`. */
  readonly mostConnections?: number
}

/**
 * etcd takes objects of up to 1.5 MB, an UPDATE contains the object twice, and the API server takes requests of
 * up to 3 MB.
 */
const mostBytes = 8 * 1024 * 1024
/**
 * The API server keeps idle connections for 90 s, also those that it has not used yet. It must be the one that
 * closes a connection first, or a review can get lost.
 */
const keepAliveMs = 120_000
/** No API server waits longer by default: an incomplete request and an unused connection are closed then. */
const closingMs = 10_000
/** An API server keeps a connection for each review that is under way, and each takes about 70 KB. */
const usualConnections = 1_000
const tlsOptions = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const

/** The TLS server that the API server calls: POST to one of the paths. */
export class AdmissionServer {
  readonly #app: FastifyInstance<Server>
  readonly #clients: {
    readonly ca?: string
    readonly requestCert?: boolean
    readonly rejectUnauthorized?: boolean
  }
  #isDraining = false

  constructor({
    keyPair,
    handle,
    clientCA,
    isKnownAddress = () => false,
    onHandshakeError = () => undefined,
    onOverload = () => undefined,
    onConnectionClosed = () => undefined,
    mostConnections = usualConnections,
  }: AdmissionServerOptions) {
    this.#clients =
      clientCA === undefined ? {} : { ca: clientCA, requestCert: true, rejectUnauthorized: false }
    const https = {
      ...tlsOptions,
      ...this.#clients,
      cert: keyPair.certificate,
      key: keyPair.key,
      headersTimeout: keepAliveMs,
    }
    const app = fastify({
      https,
      bodyLimit: mostBytes,
      keepAliveTimeout: keepAliveMs,
      requestTimeout: keepAliveMs,
      forceCloseConnections: 'idle',
      return503OnClosing: false,
    })
    app.removeAllContentTypeParsers()
    limitConcurrency(app, { mostBytes, onOverload, isKnown: knownCallers(isKnownAddress) })
    limitConnections(app.server, { most: mostConnections, onClosed: onConnectionClosed, isKnownAddress })
    this.#takeReviews(app, handle)
    app.addHook('onSend', async (_request, reply) => {
      if (this.#isDraining) reply.header('connection', 'close')
    })
    // The API server treats every status but 200 as a failure of the webhook; a 4xx at least shows the cause.
    app.setErrorHandler(
      (error: { readonly statusCode?: number; readonly message: string }, _request, reply) => {
        const { statusCode = 400, message } = error
        return reply.code(statusCode < 500 ? statusCode : 400).send({ error: message })
      },
    )
    app.server.on('tlsClientError', onHandshakeError)
    this.#app = app
  }

  #takeReviews(app: FastifyInstance<Server>, handle: ReviewHandler): void {
    const asksForCertificates = this.#clients.ca !== undefined
    for (const [path, fails] of Object.entries(paths))
      app.post(path, async (request, reply) => {
        const { timeout } = request.query as { readonly timeout?: unknown }
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
        const isAuthenticated = asksForCertificates && (request.raw.socket as TLSSocket).authorized
        const caller = { isAuthenticated, ...(fails && { fails }) }
        const response = await handle(body, timeBudgetOf(timeout) - reply.elapsedTime, caller)
        return response ?? reply.code(400).send({ error: 'the body is not an AdmissionReview' })
      })
  }

  /** Listens and returns the port; see `listenOn`. */
  listen(host: string | undefined, port: number): Promise<number> {
    return listenOn(this.#app, host, port)
  }

  /**
   * Uses this pair for new handshakes; open connections stay as they are. Throws a CanaryError `unreadable` for
   * an unusable pair and keeps the old one.
   */
  replaceKeyPair(keyPair: KeyPair): void {
    usableValidityOf(keyPair)
    this.#app.server.setSecureContext({
      ...tlsOptions,
      ...this.#clients,
      cert: keyPair.certificate,
      key: keyPair.key,
    })
  }

  /** Makes every further response close its connection, so that the next review goes to another replica. */
  drain(): void {
    this.#isDraining = true
  }

  /** Answers the reviews that are under way, for this many milliseconds at most, then closes. */
  async close(mostMs = closingMs): Promise<void> {
    // Repeatedly: a connection during its handshake is not yet among them.
    const timer = setInterval(() => this.#app.server.closeAllConnections(), mostMs)
    try {
      await this.#app.close()
    } finally {
      clearInterval(timer)
    }
  }
}
