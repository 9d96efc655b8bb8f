import { parseDuration } from '../../shared/objects/text/parse-duration.ts'

/** The API server's default timeout, and the longest that it allows. */
const defaultMs = 10_000
const mostMs = 30_000
/** Enough for a verdict that needs no read, even with a tiny timeout. */
const leastMs = 50

/**
 * Milliseconds in which to answer: the API server's `?timeout=` (a Go duration such as `5s`), less a tenth and
 * at least 200 ms for the way back.
 */
export function timeBudgetOf(timeout: unknown): number {
  if (timeout === last.timeout) return last.ms
  const parsed = typeof timeout === 'string' ? parseDuration(timeout) : undefined
  const grantedMs = parsed === undefined || parsed < 0 ? defaultMs : Math.min(mostMs, parsed)
  const ms = Math.max(leastMs, grantedMs - Math.max(200, grantedMs / 10))
  last = { timeout, ms }
  return ms
}

/** API servers send the same timeout with every review. */
let last: { readonly timeout: unknown; readonly ms: number } = { timeout: NaN, ms: 0 }
