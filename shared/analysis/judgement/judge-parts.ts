import { proportionInterval, type Proportion } from '../../statistics/proportion.ts'
import type { AnalysisMetric } from '../metric.ts'
import { verdictOf, type Evidence, type SampleEvidence } from './evidence.ts'
import type { JudgedPair, JudgeSettings, SampleResult } from './sampled.ts'

/** The confidence of an interval from which on a difference is suspected; docs/analysis.md has what it was chosen by. */
export const suspicion = 0.8

/**
 * The fewest bad requests that prove anything: bad requests are not independent. One that is tried again twice,
 * as Istio does by default, counts three times at the pods.
 */
export const leastBad = 5

/** How many requests of both versions are bad: failed, or longer than the limit. */
export interface BadParts {
  readonly version: Proportion
  /** Left out where there is nothing of stable to compare with. */
  readonly stable: Proportion | undefined
  /** How many may be bad, from 0 to 1; left out where the metric has no range. */
  readonly limit: number | undefined
  readonly side: SampleEvidence['side']
  /** That the version is worse than stable; asked only where stable has enough requests. */
  readonly worse: (stable: Proportion) => Evidence
}

/** The verdict and what all samples have in common. */
export function judgeParts(
  { version, stable, limit, side, worse }: BadParts,
  { pair, isAlone, settings }: JudgedPair<unknown>,
): SampleResult {
  const compared = stable !== undefined && stable.total >= settings.minRequests ? stable : undefined
  const judged = verdictOf({
    outOfRange: aboveLimit(version, limit, settings),
    side,
    ...(compared !== undefined && { worse: worse(compared) }),
    isStableOutOfRange: compared !== undefined && limit !== undefined && partOf(compared) > limit,
    sample: sampleSize(version, settings),
    hasNoMeasure: limit === undefined && compared === undefined && !isAlone,
  })
  return {
    ...judged,
    countedBy: pair.countedBy,
    requests: { version: version.total, ...(stable !== undefined && { stable: stable.total }) },
  }
}

/** From 0 to 1. */
export const partOf = ({ count, total }: Proportion): number => count / total

/** Stable's sample where the metric compares with it, and there is something to compare. */
export const comparable = (
  { comparesWithStable }: AnalysisMetric,
  stable: Proportion | undefined,
): Proportion | undefined =>
  comparesWithStable && stable !== undefined && stable.total > 0 ? stable : undefined

/** That more of a sample than the limit are bad. */
function aboveLimit(
  bad: Proportion,
  limit: number | undefined,
  { confidence }: Pick<JudgeSettings, 'confidence'>,
): Evidence {
  if (limit === undefined || bad.total <= 0 || partOf(bad) <= limit) return 'none'
  const isProven = bad.count >= leastBad && proportionInterval(bad, confidence).low > limit
  return isProven ? 'proven' : 'suspected'
}

/**
 * Whether a sample is large enough. A smaller one is judged, too, where a fifth of what is needed is bad: 10 of 10 is no
 * chance, and need not be waited for.
 */
function sampleSize(
  { count, total }: Proportion,
  { minRequests }: Pick<JudgeSettings, 'minRequests'>,
): SampleEvidence['sample'] {
  if (total >= minRequests && total > 0) return 'enough'
  return total > 0 && count >= minRequests / 5 ? 'few-but-clear' : 'few'
}
