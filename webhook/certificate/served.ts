import { validityOf, type KeyPair } from './key-pair.ts'

/** The certificate that is served, for those who serve it and those who watch over it. */
export interface Served {
  /** Undefined until there is one. */
  current(): KeyPair | undefined
  /** Tells of every new pair; call it before `ready`. What the callback throws is reported, and the pair stays current. */
  onRotate(callback: (pair: KeyPair) => void): void
  /** When the current certificate expires, in milliseconds since 1970. */
  expiresAt(): number | undefined
  /** Resolves with the first certificate, or when stopped; never rejects. */
  readonly ready: Promise<void>
}

/** Holds the pair in use and tells of new ones. */
export class ServedPair implements Served {
  readonly ready: Promise<void>
  readonly #settle: () => void
  readonly #callbacks: ((pair: KeyPair) => void)[] = []
  readonly #onProblem: (error: unknown) => void
  #pair: KeyPair | undefined

  constructor(onProblem: (error: unknown) => void) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ready = promise
    this.#settle = resolve
    this.#onProblem = onProblem
  }

  current(): KeyPair | undefined {
    return this.#pair
  }

  onRotate(callback: (pair: KeyPair) => void): void {
    this.#callbacks.push(callback)
  }

  expiresAt(): number | undefined {
    return this.#pair === undefined ? undefined : validityOf(this.#pair.certificate).until
  }

  /** Takes a checked pair into use, unless it is the one in use. */
  take(pair: KeyPair): void {
    if (pair.certificate === this.#pair?.certificate && pair.key === this.#pair.key) return
    this.#pair = pair
    for (const callback of this.#callbacks) {
      try {
        callback(pair)
      } catch (error) {
        this.#onProblem(error)
      }
    }
    this.#settle()
  }

  settle(): void {
    this.#settle()
  }
}
