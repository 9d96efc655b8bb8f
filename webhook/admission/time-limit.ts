/**
 * The time of a review. Its signal and its timer are made when something first waits for an answer: most reviews read
 * nothing, and both together would cost them a twentieth.
 */
export class TimeLimit {
  readonly #endMs: number
  readonly #reason: () => Error
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined

  /** Ends after this many milliseconds from now, at least one. */
  constructor(ms: number, reason: () => Error) {
    this.#endMs = performance.now() + Math.max(1, ms)
    this.#reason = reason
  }

  /** Aborts with the reason when the time is over. */
  get signal(): AbortSignal {
    this.#controller ??= this.#started(new AbortController())
    return this.#controller.signal
  }

  /** Nothing waits any more. */
  close(): void {
    clearTimeout(this.#timer)
  }

  #started(controller: AbortController): AbortController {
    const abort = (): void => controller.abort(this.#reason())
    this.#timer = setTimeout(abort, Math.max(1, this.#endMs - performance.now()))
    return controller
  }
}
