import { slowerProbability, type CumulativeCount } from '../../statistics/slower.ts'
import type { DurationSample } from '../measurement.ts'
import { countAbove, quantileIn, totalOf } from './durations.ts'
import type { Evidence } from './evidence.ts'
import { comparable, judgeParts, suspicion } from './judge-parts.ts'
import type { JudgedPair, JudgeSettings, SampleResult } from './sampled.ts'

/** Slower is what takes a fifth longer, and at least this many milliseconds. */
const relevantRatio = 1.2
const relevantMs = 5

/** Judges a quantile of durations, in milliseconds. */
export function judgeDurations(judged: JudgedPair<DurationSample>, quantile: number): SampleResult {
  const { metric, pair, settings } = judged
  const { max } = metric
  const bad = (buckets: readonly CumulativeCount[]) => ({
    count: max === undefined ? 0 : countAbove(max, buckets),
    total: totalOf(buckets),
  })
  const version = pair.version.buckets
  const stable = comparable(metric, pair.stable && bad(pair.stable.buckets))
  const theirs = stable === undefined ? undefined : pair.stable!.buckets
  const pValue = theirs && slowerProbability(version, theirs)
  const result = judgeParts(
    {
      version: bad(version),
      stable,
      limit: max === undefined ? undefined : 1 - quantile,
      side: 'above-max',
      worse: () =>
        isRelevant(version, theirs, [quantile, 0.5]) ? evidenceOf(pValue ?? 1, settings) : 'none',
    },
    judged,
  )
  return { ...result, ...shownOf([version, theirs], { quantile, pValue }, settings) }
}

function isRelevant(
  version: readonly CumulativeCount[],
  stable: readonly CumulativeCount[] | undefined,
  quantiles: readonly number[],
): boolean {
  return quantiles.some(one => {
    const [own, theirs] = [quantileIn(version, one), quantileIn(stable, one)]
    if (own === undefined || theirs === undefined) return false
    return own >= relevantRatio * theirs && own - theirs >= relevantMs
  })
}

function evidenceOf(pValue: number, { confidence }: JudgeSettings): Evidence {
  if (pValue < (1 - confidence) / 2) return 'proven'
  return pValue < (1 - suspicion) / 2 ? 'suspected' : 'none'
}

function shownOf(
  samples: readonly (readonly CumulativeCount[] | undefined)[],
  { quantile, pValue }: { readonly quantile: number; readonly pValue: number | undefined },
  { confidence }: JudgeSettings,
): Partial<SampleResult> {
  const [value, baseline] = samples.map(some => rounded(quantileIn(some, quantile)))
  const ratio = value === undefined || baseline === undefined ? undefined : rounded(value / baseline)
  return {
    ...(value !== undefined && { value }),
    ...(baseline !== undefined && { baseline }),
    ...(pValue !== undefined && {
      comparison: {
        test: 'histogram',
        ...(Number.isFinite(ratio) && { ratio: ratio! }),
        pValue,
        confidence,
      },
    }),
  }
}

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(6))
