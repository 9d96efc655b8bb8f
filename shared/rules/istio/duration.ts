const unitsInMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

/**
 * Milliseconds of a duration as Go writes it (`1h30m`, `1.5s`, `-2ms`); undefined for anything else, also for
 * a bare number other than 0.
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0
  if (!/^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/([\d.]+)([a-zµμ]+)/g)]
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitsInMs[unit!]!, 0)
  // A Go duration is an int64 of nanoseconds, some 292 years.
  return total > 9_223_372_036_854 ? undefined : text.startsWith('-') ? -total : total
}

/** What Istio says against a duration: it must be at least a millisecond and whole milliseconds. */
export function durationFault(text: string): string | undefined {
  const ms = parseDuration(text)
  if (ms === undefined) return `must be a duration such as 1.5s or 2m, not ${JSON.stringify(text)}`
  if (ms < 1) return `must be at least 1ms, not ${text}`
  // Sums of decimal fractions are not exact; a nanosecond is 1e-6 of a millisecond.
  return Math.abs(ms - Math.round(ms)) > 5e-7 ? `must be whole milliseconds, not ${text}` : undefined
}
