/** Time and chance, passed in so that tests decide both. Times are milliseconds. */
export interface Timers {
  /** Since 1970, as the clock has it, which may be set forward and back. */
  now(): number
  /** Since some moment: it only ever grows, as time passes. */
  elapsed(): number
  /** From 0 to below 1. */
  random(): number
  /** Calls back once after the time, unless cancelled by the function that it returns. */
  after(ms: number, callback: () => void): () => void
}

/** The machine's own clock and dice. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Waits, but no longer than until the signal; never rejects. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = timers.after(ms, end)
    signal.addEventListener('abort', end)
  })
}
