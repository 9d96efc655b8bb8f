import { fisherGreater } from './fisher.ts'

/** Observations that are at most `le`, all of them at Infinity. */
export interface CumulativeCount {
  readonly le: number
  readonly count: number
}

/**
 * Whether one sample of durations is slower than another, known by their histograms alone: at each bound that both have,
 * Fisher's exact test of how many lie above it, the smallest probability times the number of bounds (Bonferroni; Dunn,
 * Journal of the American Statistical Association 56, 1961). A shift of all durations is found as well as a longer tail. It
 * assumes independent requests, and nothing of how durations are distributed. 1 where there is nothing to compare.
 */
export function slowerProbability(
  one: readonly CumulativeCount[],
  other: readonly CumulativeCount[],
): number {
  const others = new Map(other.map(({ le, count }) => [le, count]))
  const totals = { one: totalOf(one), other: totalOf(other) }
  const tests = one.flatMap(({ le, count }) => {
    const theirs = others.get(le)
    if (le === Infinity || theirs === undefined) return []
    const above = { one: totals.one - count, other: totals.other - theirs }
    const isSame = above.one + above.other === 0 || count + theirs === 0
    return isSame
      ? []
      : [fisherGreater({ count: above.one, total: totals.one }, { count: above.other, total: totals.other })]
  })
  return tests.length === 0 ? 1 : Math.min(1, tests.length * Math.min(...tests))
}

const totalOf = (counts: readonly CumulativeCount[]): number =>
  Math.max(0, ...counts.map(({ count }) => count))
