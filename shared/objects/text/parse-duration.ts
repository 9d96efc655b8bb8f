type Units = Readonly<Record<string, number>>

const goUnits: Units = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

/** A Go duration is an int64 of nanoseconds, some 292 years. */
const mostMs = 9_223_372_036_854

/**
 * The milliseconds of a duration as Go writes it (`1h30m`, `1.5s`, `-2ms`), or with more units than Go has;
 * undefined for anything else, also for a number without a unit other than 0.
 */
export function parseDuration(text: string, moreUnits: Units = {}): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0
  if (!/^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)[a-zµμ]+)+$/.test(text)) return undefined
  const units = { ...goUnits, ...moreUnits }
  const total = [...text.matchAll(/([\d.]+)([a-zµμ]+)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (Object.hasOwn(units, unit!) ? units[unit!]! : NaN),
    0,
  )
  return total <= mostMs ? (text.startsWith('-') ? -total : total) : undefined
}
