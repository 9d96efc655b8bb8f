import { parseDuration } from '../../objects/text/parse-duration.ts'

/** What Istio says against a duration: it must be at least a millisecond and whole milliseconds. */
export function durationFault(text: string): string | undefined {
  const ms = parseDuration(text)
  if (ms === undefined) return `must be a duration such as 1.5s or 2m, not ${JSON.stringify(text)}`
  if (ms < 1) return `must be at least 1ms, not ${text}`
  // Sums of decimal fractions are not exact; a nanosecond is 1e-6 of a millisecond.
  return Math.abs(ms - Math.round(ms)) > 5e-7 ? `must be whole milliseconds, not ${text}` : undefined
}
