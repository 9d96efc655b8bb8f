import { setTimeout as pause } from 'node:timers/promises'

/** How soon a new interval is noticed while there is none. */
const idleMs = 10_000

/**
 * Runs an action now and after each interval until the signal. The interval, in milliseconds, is read again each
 * time; 0 pauses the action. The action must not reject.
 */
export async function repeat(
  act: () => Promise<unknown>,
  interval: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const ms = interval()
    if (ms > 0) await act()
    await pause(ms > 0 ? ms : idleMs, undefined, { signal, ref: false }).catch(() => undefined)
  }
}
