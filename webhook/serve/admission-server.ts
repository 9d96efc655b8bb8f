import type { Server } from 'node:https'
import { fastify, type FastifyInstance } from 'fastify'
import type { AdmissionAnswer } from '../admission/response.ts'
import { limitCrowd } from './concurrency-limit.ts'
import { budgetOf } from './deadline.ts'
import { listenOn } from './listen-on.ts'
import { validityOf, type KeyPair } from '../certificate/server-key-pair.ts'

/** The answer to a review's body within so many milliseconds; undefined for what is no review. */
export type Answer = (body: Uint8Array, budgetMs: number) => Promise<AdmissionAnswer | undefined>

export interface AdmissionServerOptions {
  readonly keyPair: KeyPair
  readonly answer: Answer
  /** A handshake failed: most often a caBundle that does not fit the certificate. */
  readonly onHandshakeError?: (error: Error) => void
  /** A review was sent away, as there were too many. */
  readonly onCrowded?: () => void
}

/**
 * An object has 1.5 MB at most in etcd, its UPDATE comes with both sides, and a request with 3 MB at most
 * passes the API server.
 */
const mostBytes = 8 * 1024 * 1024
/**
 * The API server's client keeps idle connections for 90 s, those too that it opened ahead and has not used
 * yet; whoever closes first must be the client,
 * or a review gets lost.
 */
const keepAliveMs = 120_000
/**
 * No API server waits longer by default; what has not come or gone by then, such as half a request, or a
 * connection without any, never will.
 */
const closingMs = 10_000
const tlsOptions = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const

/** The TLS server that the API server calls: POST /validate. */
export class AdmissionServer {
  readonly #app: FastifyInstance<Server>
  #isDraining = false

  constructor({
    keyPair,
    answer,
    onHandshakeError = () => undefined,
    onCrowded = () => undefined,
  }: AdmissionServerOptions) {
    const https = { ...tlsOptions, cert: keyPair.certificate, key: keyPair.key, headersTimeout: keepAliveMs }
    const app = fastify({
      https,
      bodyLimit: mostBytes,
      keepAliveTimeout: keepAliveMs,
      requestTimeout: keepAliveMs,
      forceCloseConnections: 'idle',
      return503OnClosing: false,
    })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.post('/validate', async (request, reply) => {
      const { timeout } = request.query as { readonly timeout?: unknown }
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      const answered = await answer(body, budgetOf(timeout) - reply.elapsedTime)
      return answered ?? reply.code(400).send({ error: 'the body is no AdmissionReview' })
    })
    limitCrowd(app, { mostBytes, onCrowded })
    app.addHook('onSend', async (_request, reply) => {
      if (this.#isDraining) reply.header('connection', 'close')
    })
    // The API server takes every status but 200 for a failure of ours; a 4xx at least says whose fault it
    // was.
    app.setErrorHandler(
      (error: { readonly statusCode?: number; readonly message: string }, _request, reply) => {
        const { statusCode = 400, message } = error
        return reply.code(statusCode < 500 ? statusCode : 400).send({ error: message })
      },
    )
    app.server.on('tlsClientError', onHandshakeError)
    this.#app = app
  }

  /** Listens and returns the port; see `listenOn`. */
  listen(host: string | undefined, port: number): Promise<number> {
    return listenOn(this.#app, host, port)
  }

  /**
   * New handshakes get this certificate; connections that stand are not touched. Throws a CanaryError
   * `unreadable` for a bad pair and goes on with the old one.
   */
  replaceKeyPair(keyPair: KeyPair): void {
    validityOf(keyPair)
    this.#app.server.setSecureContext({ ...tlsOptions, cert: keyPair.certificate, key: keyPair.key })
  }

  /**
   * From now on every answer asks the client to come back on another connection, which leads to another
   * replica.
   */
  drain(): void {
    this.#isDraining = true
  }

  /** Answers what is under way, for so many milliseconds at most, then closes. */
  async close(mostMs = closingMs): Promise<void> {
    // Again and again: one that is only shaking hands is not yet among them.
    const timer = setInterval(() => this.#app.server.closeAllConnections(), mostMs)
    try {
      await this.#app.close()
    } finally {
      clearInterval(timer)
    }
  }
}
