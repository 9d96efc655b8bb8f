import type { Proportion } from '../../statistics/proportion.ts'
import { rateRatio } from '../../statistics/rate-ratio.ts'
import type { RequestSample } from '../measurement.ts'
import type { Evidence } from './evidence.ts'
import { comparable, judgeParts, leastBad, partOf, suspicion } from './judge-parts.ts'
import type { JudgedPair, JudgeSettings, SampleResult } from './sampled.ts'

/**
 * A difference from stable matters where failures are half as frequent again, and from this part of the failures on that
 * the range allows.
 */
export const relevantRatio = 1.5
export const relevantPart = 0.1
/** The failures that are allowed where there is no range. */
export const usualLimit = 0.01

/** Judges the success of requests, in percent. */
export function judgeRequests(judged: JudgedPair<RequestSample>): SampleResult {
  const { metric, pair, settings } = judged
  const version = failuresOf(pair.version)
  const stable = comparable(metric, pair.stable && failuresOf(pair.stable))
  const limit = metric.min === undefined ? undefined : (100 - metric.min) / 100
  const result = judgeParts(
    {
      version,
      stable,
      limit,
      side: 'below-min',
      worse: other => worseThan({ version, stable: other, limit: limit ?? usualLimit }, settings),
    },
    judged,
  )
  const { noPod = 0 } = pair.version
  return {
    ...result,
    ...(version.total > 0 && { value: successIn(version) }),
    ...(stable !== undefined && {
      baseline: successIn(stable),
      comparison: comparisonOf(version, stable, settings),
    }),
    ...(noPod > 0 && { detail: `${noPod} of the failures reached no pod` }),
  }
}

const failuresOf = ({ requests, failures }: RequestSample): Proportion => ({
  count: Math.min(failures, requests),
  total: requests,
})

const successIn = ({ count, total }: Proportion): number =>
  Number(((100 * (total - count)) / total).toPrecision(9))

function comparisonOf(
  version: Proportion,
  stable: Proportion,
  { confidence }: JudgeSettings,
): NonNullable<SampleResult['comparison']> {
  const { ratio, low, high } = rateRatio(version, stable, confidence)
  return {
    test: 'error-ratio',
    ...(Number.isFinite(ratio) && { ratio }),
    ...(Number.isFinite(low) && { low }),
    ...(Number.isFinite(high) && { high }),
    confidence,
  }
}

function worseThan(
  {
    version,
    stable,
    limit,
  }: { readonly version: Proportion; readonly stable: Proportion; readonly limit: number },
  { confidence }: JudgeSettings,
): Evidence {
  if (version.count === 0 || partOf(version) - partOf(stable) < relevantPart * limit) return 'none'
  const sure = rateRatio(version, stable, confidence)
  if (version.count >= leastBad && sure.low > relevantRatio) return 'proven'
  // Once it is sure that it is not worse by as much as matters, nothing is suspected any more.
  const isOpen = sure.high > relevantRatio && rateRatio(version, stable, suspicion).low > 1
  return isOpen ? 'suspected' : 'none'
}
