import type { MetricCheck } from '../check-result.ts'
import type { AnalysisMetric } from '../metric.ts'

/** A version is no worse than stable within this part of stable's value. */
const tolerance = 0.1

/**
 * Judges one number without a sample: it is in its range or not. Where stable is out of the same range and the version is
 * at most a tenth worse, it is not the version's fault.
 */
export function judgeValue(
  { min, max, comparesWithStable }: AnalysisMetric,
  value: number,
  baseline: number | undefined,
): Pick<MetricCheck, 'verdict' | 'reason' | 'value' | 'baseline'> {
  const numbers = { value, ...(baseline !== undefined && { baseline }) }
  const side = sideOf(value, { min, max })
  if (side === undefined) return { verdict: 'pass', reason: 'in-range', ...numbers }
  const margin = baseline === undefined ? 0 : tolerance * Math.abs(baseline)
  const isShared =
    comparesWithStable
    && baseline !== undefined
    && sideOf(baseline, { min, max }) === side
    && (side === 'below-min' ? value >= baseline - margin : value <= baseline + margin)
  return isShared
    ? { verdict: 'no-data', reason: 'stable-out-of-range', ...numbers }
    : { verdict: 'fail', reason: side, ...numbers }
}

const sideOf = (
  value: number,
  { min, max }: { readonly min: number | undefined; readonly max: number | undefined },
): 'below-min' | 'above-max' | undefined => {
  if (min !== undefined && value < min) return 'below-min'
  return max !== undefined && value > max ? 'above-max' : undefined
}
