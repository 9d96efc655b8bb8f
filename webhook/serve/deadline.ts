import { parseDuration } from '../../shared/objects/parse-duration.ts'

/** What an API server grants where it does not say (its own default), and the most that it grants. */
const defaultMs = 10_000
const mostMs = 30_000
/** Never less than this, so that a tiny timeout still gets a verdict that needs no reading. */
const leastMs = 50

/**
 * Milliseconds in which to answer: the API server's `?timeout=` (a Go duration such as `5s`), less a tenth
 * and at least 200 ms for the way back.
 */
export function budgetOf(timeout: unknown): number {
  const asked = typeof timeout === 'string' ? parseDuration(timeout) : undefined
  const granted = asked === undefined || asked < 0 ? defaultMs : Math.min(mostMs, asked)
  return Math.max(leastMs, granted - Math.max(200, granted / 10))
}
