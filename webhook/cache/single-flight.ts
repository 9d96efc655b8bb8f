import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { RestsOn } from '../../shared/rules/rule.ts'
import { restingKey } from '../admission/evidence.ts'

/**
 * Reads one object (an empty list if there is none) or all of a kind in a namespace from the API server
 * itself.
 */
export type ReadAgain = (resting: RestsOn, signal: AbortSignal) => Promise<readonly KubeObject[]>

interface Flight {
  current: Promise<readonly KubeObject[]>
  next?: Promise<readonly KubeObject[]>
}

/**
 * Reads the same thing once for all who ask at the same time. Whoever asks while a read is under way gets the
 * next one: the one under way may have
 * left before the write that the asker is about. A read belongs to nobody's deadline but its own,
 * `timeoutMs`.
 */
export function singleFlight(read: ReadAgain, timeoutMs: number): ReadAgain {
  const flights = new Map<string, Flight>()
  const start = (resting: RestsOn): Promise<readonly KubeObject[]> =>
    read(resting, AbortSignal.timeout(timeoutMs))

  const land = (key: string, flight: Flight): void => {
    if (flight.next === undefined) {
      flights.delete(key)
    } else {
      flight.current = flight.next
      delete flight.next
    }
  }

  const join = (resting: RestsOn): Promise<readonly KubeObject[]> => {
    const key = restingKey(resting)
    const flight = flights.get(key)
    if (flight !== undefined) {
      flight.next ??= flight.current
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => start(resting))
        .finally(() => land(key, flight))
      return flight.next
    }
    const started: Flight = { current: start(resting).finally(() => land(key, started)) }
    flights.set(key, started)
    return started.current
  }

  return (resting, signal) => withSignal(join(resting), signal)
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  // Both are raced below; the loser must not become an unhandled rejection.
  aborted.catch(() => undefined)
  promise.catch(() => undefined)
  const abort = (): void => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
