import { CanaryError } from '../../shared/objects/canary-error.ts'
import { parseDuration } from '../../shared/objects/text/parse-duration.ts'

const daysAndWeeks = { d: 86_400_000, w: 604_800_000 }

/**
 * When `--until` is: a duration from now (`2d`), a day or an RFC 3339 time, as RFC 3339 in whole seconds;
 * throws `usage` for what is neither or past.
 */
export function parseUntil(text: string, now: Date): string {
  const duration = parseDuration(text, daysAndWeeks)
  const until = duration === undefined ? parseTime(text) : now.getTime() + duration
  if (until === undefined || Number.isNaN(until) || until > 8.64e15) {
    throw new CanaryError('usage', `--until ${text} is not a duration or a time`, {
      hints: ['Write it like 2d, 36h, 2026-08-31 or 2026-08-31T18:00:00Z.'],
    })
  }
  if (until <= now.getTime())
    throw new CanaryError('usage', `--until ${text} is not in the future`, {
      hints: [`The time is now ${rfc3339(now)}.`],
    })
  return rfc3339(new Date(until))
}

const parseTime = (text: string): number | undefined =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
    ? Date.parse(text)
    : undefined

/** A time in whole seconds, as Kubernetes writes it. */
export const rfc3339 = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`
