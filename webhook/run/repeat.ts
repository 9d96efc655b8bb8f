import { setTimeout as pause } from 'node:timers/promises'

/** How soon a changed interval is noticed where there is none now. */
const idleMs = 10_000

/**
 * Does something now and again after each interval (milliseconds, asked anew each time; 0 is not at all)
 * until the signal. The action must not reject.
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
