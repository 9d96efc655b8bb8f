import { CanaryError } from '../../../objects/canary-error.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'

/**
 * The milliseconds of a `--request-timeout` as kubectl reads it: whole seconds, or a Go duration (`1s`, `2m`,
 * `1h30m`); 0 is no limit.
 */
export function requestTimeoutOf(text: string): number {
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text)
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds
  throw new CanaryError('usage', `--request-timeout ${text}: not a duration`, {
    hints: ['Write seconds, or a number with a unit: 1s, 2m, 3h; 0 means no limit.'],
  })
}
