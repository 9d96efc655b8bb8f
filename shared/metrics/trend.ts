import type { Reporter } from './figures.ts'
import type { PrometheusSeries } from './prometheus/prometheus-api.ts'
import type { QueryRange } from './prometheus/prometheus-client.ts'
import { ownerOf, type VersionIdentity } from './version-of-series.ts'

/** How many points a trend has, and how far they are apart in seconds: the last quarter of an hour. */
export const trendPoints = 15
export const trendStep = 60

/** The range of a trend that ends now; milliseconds since 1970. */
export const trendRange = (now: number): QueryRange => {
  const end = Math.floor(now / 1000)
  return { start: end - (trendPoints - 1) * trendStep, end, step: trendStep }
}

/** The requests per second of a version at each point of a range, as one kind of proxy reports them; null without data. */
export function trendOf(
  identities: readonly VersionIdentity[],
  series: readonly PrometheusSeries[],
  { version, reporter, range }: TrendScope,
): readonly (number | null)[] {
  const own = series.filter(
    ({ labels }) => labels['reporter'] === reporter && ownerOf(identities, labels).version === version,
  )
  const sums = new Map<number, number>()
  for (const [at, value] of own.flatMap(({ points }) => points)) {
    const place = Math.round((at - range.start) / range.step)
    if (Number.isFinite(value)) sums.set(place, (sums.get(place) ?? 0) + value)
  }
  const count = Math.round((range.end - range.start) / range.step) + 1
  return Array.from({ length: count }, (_, place) => sums.get(place) ?? null)
}

/** Whose trend it is, and over which range. */
export interface TrendScope {
  readonly version: string
  readonly reporter: Reporter
  readonly range: QueryRange
}
