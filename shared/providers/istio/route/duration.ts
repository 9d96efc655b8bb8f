const milliseconds: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** A duration as Go writes it (`1h30m`, `2.5s`), in milliseconds; undefined for anything else. */
export function millisecondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const parts = [...value.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)/gy)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== value) return undefined
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * milliseconds[unit!]!, 0)
}
