import { CanaryError } from '../../shared/objects/canary-error.ts'
import { Backoff } from '../../shared/live/watch/backoff.ts'
import { pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { ServerNames } from './authority.ts'
import { textsOf, type ClusterAccess } from './cluster-access.ts'
import { validityOf, type KeyPair } from './key-pair.ts'
import { renewed, secretDataOf, storedCertificatesIn, type StoredCertificates } from './renewal.ts'

/** The parts of a rotator. */
export interface RotatorParts {
  readonly access: ClusterAccess
  readonly names: ServerNames
  /** Starts to use each new pair; must not throw. */
  readonly serve: (pair: KeyPair) => void
  readonly timers: Timers
  readonly onProblem: (error: unknown) => void
  readonly signal: AbortSignal
}

/** How often Secret and configuration are checked without an event, because a watch can miss a change. */
const checkMs = 15_000
/** How long API servers need to see a new authority before a certificate of it is served. */
const propagationMs = 5_000
/** No single call may delay the next check by more. */
const callMs = 10_000
const retries = { first: 500, longest: checkMs }

/**
 * Keeps the Secret's authority and certificate valid and the configuration's caBundle equal to them. Every
 * replica does the same: the resourceVersion of the Secret decides which write succeeds, and the other replicas
 * use what was written. Ends with its signal and never rejects.
 */
export class Rotator {
  readonly #parts: RotatorParts
  readonly #backoff: Backoff
  /** Authorities whose certificates may still be served if the Secret is lost. */
  #trusted = ''
  #served: KeyPair | undefined
  #isStale = false
  #wakeUp = new AbortController()

  constructor(parts: RotatorParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.timers, retries)
  }

  async run(): Promise<void> {
    const { signal, timers } = this.#parts
    while (!signal.aborted) {
      const wait = await this.#check().then(
        () => this.#succeeded(),
        error => this.#failed(error),
      )
      if (!this.#isStale) await pause(timers, wait, AbortSignal.any([signal, this.#wakeUp.signal]))
      this.#isStale = false
      this.#wakeUp = new AbortController()
    }
  }

  /** Starts the next check now, or right after the current one: Secret or configuration have changed. */
  wake(): void {
    this.#isStale = true
    this.#wakeUp.abort()
  }

  #succeeded(): number {
    this.#backoff.reset()
    return checkMs * (0.75 + this.#parts.timers.random() / 2)
  }

  #failed(error: unknown): number {
    // Another replica has written first: its certificates are read at once.
    const isRace = error instanceof CanaryError && error.code === 'conflict'
    if (!isRace && !this.#parts.signal.aborted) this.#parts.onProblem(error)
    return this.#backoff.next()
  }

  async #check(): Promise<void> {
    const stored = await this.#currentCertificates()
    const isNewAuthority = this.#trusted !== '' && stored.bundle !== this.#trusted
    try {
      await this.#parts.access.applyBundle(stored.bundle, this.#deadline())
    } catch (error) {
      // A certificate that will be trusted is better than none or an expired one.
      if (this.#mustServe()) this.#serve(stored)
      throw error
    }
    if (isNewAuthority && !this.#mustServe())
      await pause(this.#parts.timers, propagationMs, this.#parts.signal)
    this.#serve(stored)
  }

  /** The certificates in the Secret, renewed and written where due. */
  async #currentCertificates(): Promise<StoredCertificates> {
    const { access, names, timers } = this.#parts
    const secret = await access.readSecret(this.#deadline())
    const now = timers.now()
    const texts = textsOf(secret)
    const found = storedCertificatesIn(texts, now)
    // Even of an incomplete Secret: another replica may serve a certificate of an authority in it. Where the Secret
    // is lost, only the configuration knows the authority of the pods that still serve.
    const configured = found === undefined ? await access.readBundle(this.#deadline()) : ''
    const trusted = `${this.#trusted}${texts['ca.crt'] ?? ''}${configured}`
    const stored = await renewed(found, { names, trusted, now })
    if (stored !== found) await access.writeSecret(secret, secretDataOf(stored), this.#deadline())
    return stored
  }

  #serve(stored: StoredCertificates): void {
    this.#trusted = stored.bundle
    if (stored.leaf.certificate === this.#served?.certificate) return
    this.#served = stored.leaf
    this.#parts.serve(stored.leaf)
  }

  #mustServe(): boolean {
    return (
      this.#served === undefined || validityOf(this.#served.certificate).until <= this.#parts.timers.now()
    )
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([this.#parts.signal, AbortSignal.timeout(callMs)])
  }
}
