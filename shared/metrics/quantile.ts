/** How many observations per second are at most `le`. */
export interface HistogramBucket {
  readonly le: number
  readonly rate: number
}

/**
 * A quantile of a histogram as Prometheus's `histogram_quantile` has it (promql/quantile.go): within a bucket the
 * observations are taken as spread evenly. Undefined where there are none; the highest finite bound where it lies above
 * that.
 */
export function quantileOf(quantile: number, buckets: readonly HistogramBucket[]): number | undefined {
  const sorted = cumulated(buckets)
  const all = sorted.at(-1)
  if (all === undefined || all.le !== Infinity || sorted.length < 2 || !(all.rate > 0)) return undefined
  const rank = quantile * all.rate
  const at = sorted.slice(0, -1).findIndex(({ rate }) => rate >= rank)
  if (at === -1) return sorted.at(-2)!.le
  const { le, rate } = sorted[at]!
  if (at === 0 && le <= 0) return le
  const below = at === 0 ? { le: 0, rate: 0 } : sorted[at - 1]!
  return below.le + ((le - below.le) * (rank - below.rate)) / (rate - below.rate)
}

/** In order, buckets of one bound added up; what falls by a lost scrape does not count. */
function cumulated(buckets: readonly HistogramBucket[]): readonly HistogramBucket[] {
  const byBound = new Map<number, number>()
  for (const { le, rate } of buckets)
    if (Number.isFinite(rate)) byBound.set(le, (byBound.get(le) ?? 0) + rate)
  let most = 0
  return [...byBound]
    .toSorted(([one], [other]) => one - other)
    .map(([le, rate]) => ({ le, rate: (most = Math.max(most, rate)) }))
}
