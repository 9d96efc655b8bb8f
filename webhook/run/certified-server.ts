import type { Logger } from 'pino'
import type { Metrics } from '../observe/metrics.ts'
import type { AdmissionServer } from '../serve/admission-server.ts'
import { validityOf, type KeyPair, type Validity } from '../certificate/server-key-pair.ts'

export interface ServingOptions {
  readonly host: string | undefined
  readonly port: number
  readonly log: Logger
  readonly metrics: Metrics
  readonly createServer: (keyPair: KeyPair) => AdmissionServer
}

/**
 * The admission server through the certificates of its life: it listens from the first usable one, and a bad
 * one changes nothing.
 */
export class Serving {
  readonly port: Promise<number>
  readonly #options: ServingOptions
  readonly #listened = Promise.withResolvers<number>()
  #server: AdmissionServer | undefined
  #validity: Validity | undefined
  #isListening = false

  constructor(options: ServingOptions) {
    this.#options = options
    this.port = this.#listened.promise
    // Who waits for the port learns of it; if nobody does, the log has it.
    this.port.catch(() => undefined)
  }

  /** Serves with this pair from now on, or, if it is not usable, with the one before. Never throws. */
  take(keyPair: KeyPair): void {
    const { log, metrics, createServer } = this.#options
    try {
      const validity = validityOf(keyPair)
      if (this.#server === undefined) void this.#listen((this.#server = createServer(keyPair)))
      else this.#server.replaceKeyPair(keyPair)
      this.#validity = validity
      metrics.certificateExpiry.set(validity.to / 1000)
      log.info({ validTo: new Date(validity.to).toISOString() }, 'serving with a certificate')
    } catch (error) {
      metrics.errors.inc({ reason: 'certificate' })
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'a certificate is not usable; the one before, if any, goes on serving',
      )
    }
  }

  /** What stands against calling it ready. */
  unready(): readonly string[] {
    const now = Date.now()
    if (!this.#isListening || this.#validity === undefined) return ['there is no certificate']
    if (now >= this.#validity.to) return ['the certificate has expired']
    return now < this.#validity.from ? ['the certificate is not yet valid'] : []
  }

  drain(): void {
    this.#server?.drain()
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  async #listen(server: AdmissionServer): Promise<void> {
    const { host, port, log } = this.#options
    try {
      const actual = await server.listen(host, port)
      this.#isListening = true
      log.info({ port: actual }, 'listening')
      this.#listened.resolve(actual)
    } catch (error) {
      log.fatal({ port, error: error instanceof Error ? error.message : String(error) }, 'cannot listen')
      this.#listened.reject(error)
    }
  }
}
