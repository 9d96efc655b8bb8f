import type { Timers } from './stream/timers.ts'

/** The first and the longest wait, in milliseconds. */
export interface BackoffLimits {
  readonly first: number
  readonly longest: number
}

/**
 * Waits that double from one failure to the next and are spread over their upper half, so that many clients
 * do not come back together.
 */
export class Backoff {
  readonly #timers: Timers
  readonly #limits: BackoffLimits
  #failures = 0

  constructor(timers: Timers, limits: BackoffLimits) {
    this.#timers = timers
    this.#limits = limits
  }

  /** How many failures there have been since the last progress. */
  get failures(): number {
    return this.#failures
  }

  /** The next wait in milliseconds, never shorter than what the server asked for. */
  next(atLeast = 0): number {
    const { first, longest } = this.#limits
    const whole = Math.min(longest, first * 2 ** Math.min(this.#failures++, 30))
    return Math.max(atLeast, whole * (0.5 + this.#timers.random() / 2))
  }

  /** To be called on progress only: a connection that opens and breaks at once is none. */
  reset(): void {
    this.#failures = 0
  }
}
