import { setImmediate } from 'node:timers/promises'
import type { Streams } from '../../../plugin/streams.ts'

/** A clock on which waiting takes no time; `at` is told the seconds that have passed, before each wait. */
export function fastClock(
  at: (seconds: number) => void | Promise<void> = () => undefined,
): Pick<Streams, 'now' | 'wait'> {
  const begin = Date.now()
  let passed = 0
  return {
    now: () => new Date(begin + passed),
    wait: async milliseconds => {
      await at(passed / 1000)
      passed += milliseconds
      await setImmediate()
    },
  }
}
