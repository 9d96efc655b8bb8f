import { isForbidden, isRefused } from './stream/api-failure.ts'
import type { Timers } from './stream/timers.ts'

/**
 * How long an API server has been refusing us, and nothing else: another failure tells nothing of credentials and
 * rights, and the count begins again.
 */
export class Refusals {
  readonly #timers: Timers
  #since: number | undefined
  #first: number | undefined
  #last = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** When it first refused our credentials or rights (401, 403), in milliseconds since 1970. */
  get since(): number | undefined {
    return this.#since
  }

  /** Milliseconds from the first refusal of rights (403) to the last one; 0 without any. */
  get forbiddenMs(): number {
    return this.#first === undefined ? 0 : this.#last - this.#first
  }

  /** Takes note of a failure. */
  note(error: unknown): void {
    this.#since = isRefused(error) ? (this.#since ?? this.#timers.now()) : undefined
    this.#last = this.#timers.elapsed()
    this.#first = isForbidden(error) ? (this.#first ?? this.#last) : undefined
  }

  /** It has answered. */
  end(): void {
    this.#since = undefined
    this.#first = undefined
  }
}
