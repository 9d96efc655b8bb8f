import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Reading } from '../../shared/view/store.ts'
import type { Skipped } from '../../shared/view/sources.ts'

/**
 * The reading with a note on each document that cannot be read, for a command that does without it. Throws
 * `unreadable` where nothing else was found.
 */
export function besideUnreadable(reading: Reading): Reading {
  const { sources, notes } = reading
  const broken = sources?.skipped.filter(({ why }) => why === 'broken') ?? []
  const [first] = broken
  if (sources === undefined || first === undefined) return reading
  if (sources.count === 0)
    throw new CanaryError('unreadable', `${placeOf(first)}: ${first.reason}`, {
      hints: [...(first.fix === undefined ? [] : [first.fix]), 'No other objects were found.'],
    })
  return { ...reading, notes: [...broken.map(one => `${placeOf(one)}: skipped: ${one.reason}`), ...notes] }
}

const placeOf = ({ file, line, column }: Skipped): string =>
  `${file}${line === undefined ? '' : `:${line}:${column}`}`
