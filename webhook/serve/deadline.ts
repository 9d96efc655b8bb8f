const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

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
  const match = typeof timeout === 'string' ? /^(\d{1,6}(?:\.\d{1,9})?)(ms|s|m)$/.exec(timeout) : null
  const granted = match === null ? defaultMs : Math.min(mostMs, Number(match[1]) * unitMs[match[2]!]!)
  return Math.max(leastMs, granted - Math.max(200, granted / 10))
}
