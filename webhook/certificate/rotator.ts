import { CanaryError } from '../../shared/objects/canary-error.ts'
import { Backoff } from '../../shared/live/watch/backoff.ts'
import { pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { KeyPair } from './server-key-pair.ts'
import type { ServerNames } from './authority.ts'
import { textsOf, type ClusterAccess } from './cluster-access.ts'
import { lifetimeOf } from './key-pair.ts'
import { dataOf, holdingsOf, renewed, type Holdings } from './renewal.ts'

/** What a rotator works with. */
export interface RotatorParts {
  readonly access: ClusterAccess
  readonly names: ServerNames
  /** Takes each new pair into use; must not throw. */
  readonly serve: (pair: KeyPair) => void
  readonly timers: Timers
  readonly onProblem: (error: unknown) => void
  readonly signal: AbortSignal
}

/**
 * How often Secret and configuration are looked at, whether somebody has woken us or not: a watch can miss a
 * change.
 */
const everyMs = 15_000
/** How long the API servers are given to hear of a new authority before a certificate of it is served. */
const settleMs = 5_000
/** No single call may hold up the next look. */
const callMs = 10_000
const retries = { first: 500, longest: everyMs }

/**
 * Keeps authority and certificate in the Secret and the configuration's caBundle as they should be. Every
 * replica does the same: the Secret's
 * version decides who wins, and the others take what is there. Ends with its signal and never rejects.
 */
export class Rotator {
  readonly #parts: RotatorParts
  readonly #backoff: Backoff
  /** Authorities that certificates of ours may still be served under, should the Secret be lost. */
  #trusted = ''
  #served: KeyPair | undefined
  #isStale = false
  #wakening = new AbortController()

  constructor(parts: RotatorParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.timers, retries)
  }

  async run(): Promise<void> {
    const { signal, timers } = this.#parts
    while (!signal.aborted) {
      const wait = await this.#look().then(
        () => this.#rest(),
        error => this.#fail(error),
      )
      if (!this.#isStale) await pause(timers, wait, AbortSignal.any([signal, this.#wakening.signal]))
      this.#isStale = false
      this.#wakening = new AbortController()
    }
  }

  /**
   * Secret or configuration have changed: the next look comes at once, or right after the one that is under
   * way.
   */
  wake(): void {
    this.#isStale = true
    this.#wakening.abort()
  }

  #rest(): number {
    this.#backoff.reset()
    return everyMs * (0.75 + this.#parts.timers.random() / 2)
  }

  #fail(error: unknown): number {
    // Another replica was faster: what it wrote is read at once.
    const isRace = error instanceof CanaryError && error.code === 'conflict'
    if (!isRace && !this.#parts.signal.aborted) this.#parts.onProblem(error)
    return this.#backoff.next()
  }

  async #look(): Promise<void> {
    const held = await this.#holdings()
    const isNewAuthority = this.#trusted !== '' && held.bundle !== this.#trusted
    try {
      await this.#parts.access.applyBundle(held.bundle, this.#deadline())
    } catch (error) {
      // Without a configuration nobody calls us; to serve what will be trusted is still better than nothing,
      // or than what has expired.
      if (this.#mustServe()) this.#serve(held)
      throw error
    }
    if (isNewAuthority && !this.#mustServe()) await pause(this.#parts.timers, settleMs, this.#parts.signal)
    this.#serve(held)
  }

  /** What the Secret holds, renewed and written where that is due. */
  async #holdings(): Promise<Holdings> {
    const { access, names, timers } = this.#parts
    const secret = await access.readSecret(this.#deadline())
    const now = timers.now()
    const texts = textsOf(secret)
    const found = holdingsOf(texts, now)
    // Whatever else the Secret lacks, another replica may be serving under an authority that it names.
    const held = await renewed(found, { names, trusted: `${this.#trusted}${texts['ca.crt'] ?? ''}`, now })
    if (held !== found) await access.writeSecret(secret, dataOf(held), this.#deadline())
    return held
  }

  #serve(held: Holdings): void {
    this.#trusted = held.bundle
    if (held.leaf.certificate === this.#served?.certificate) return
    this.#served = held.leaf
    this.#parts.serve(held.leaf)
  }

  #mustServe(): boolean {
    return (
      this.#served === undefined || lifetimeOf(this.#served.certificate).until <= this.#parts.timers.now()
    )
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([this.#parts.signal, AbortSignal.timeout(callMs)])
  }
}
