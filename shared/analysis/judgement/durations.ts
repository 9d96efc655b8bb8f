import { quantileOf } from '../../metrics/quantile.ts'
import type { CumulativeCount } from '../../statistics/slower.ts'

/** All observations of a histogram. */
export const totalOf = (buckets: readonly CumulativeCount[]): number =>
  Math.max(0, ...buckets.map(({ count }) => count))

/** A quantile as `histogram_quantile` has it; undefined where nothing was observed. */
export const quantileIn = (buckets: readonly CumulativeCount[] = [], quantile: number): number | undefined =>
  quantileOf(
    quantile,
    buckets.map(({ le, count }) => ({ le, rate: count })),
  )

/** How many took longer than a limit; those within its bucket are taken as spread evenly, as quantiles have it. */
export function countAbove(limit: number, buckets: readonly CumulativeCount[]): number {
  const sorted = buckets.toSorted((one, other) => one.le - other.le)
  const below = sorted.findLast(({ le }) => le <= limit) ?? { le: 0, count: 0 }
  const next = sorted.find(({ le }) => le > limit)
  const total = totalOf(buckets)
  // What is above all finite bounds may take any time: it is above the limit.
  const part = next === undefined || next.le === Infinity ? 0 : (limit - below.le) / (next.le - below.le)
  return total - below.count - part * Math.max(0, (next?.count ?? 0) - below.count)
}
