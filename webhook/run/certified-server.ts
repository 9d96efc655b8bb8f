import type { Logger } from 'pino'
import type { Metrics } from '../observe/metrics.ts'
import type { AdmissionServer } from '../serve/admission-server.ts'
import { usableValidityOf, type KeyPair, type Validity } from '../certificate/key-pair.ts'

export interface CertifiedServerOptions {
  readonly host: string | undefined
  readonly port: number
  readonly log: Logger
  readonly metrics: Metrics
  readonly createServer: (keyPair: KeyPair) => AdmissionServer
}

/** The admission server with changing certificates: it listens from the first usable one and ignores unusable ones. */
export class CertifiedServer {
  readonly port: Promise<number>
  readonly #options: CertifiedServerOptions
  readonly #listened = Promise.withResolvers<number>()
  #server: AdmissionServer | undefined
  #validity: Validity | undefined
  #isListening = false

  constructor(options: CertifiedServerOptions) {
    this.#options = options
    this.port = this.#listened.promise
    // The failure is logged too, so a caller need not wait for the port.
    this.port.catch(() => undefined)
  }

  /** Uses this pair from now on, or the previous one if it is not usable. Never throws. */
  use(keyPair: KeyPair): void {
    const { log, metrics, createServer } = this.#options
    try {
      const validity = usableValidityOf(keyPair)
      if (this.#server === undefined) void this.#listen((this.#server = createServer(keyPair)))
      else this.#server.replaceKeyPair(keyPair)
      this.#validity = validity
      metrics.certificateExpiry.set(validity.until / 1000)
      log.info({ validTo: new Date(validity.until).toISOString() }, 'certificate loaded')
    } catch (error) {
      metrics.errors.inc({ reason: 'certificate' })
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'certificate rejected; the previous one, if any, stays in use',
      )
    }
  }

  /** The reasons why it is not ready. */
  notReady(): readonly string[] {
    const now = Date.now()
    if (!this.#isListening || this.#validity === undefined) return ['there is no certificate']
    if (now >= this.#validity.until) return ['the certificate has expired']
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
