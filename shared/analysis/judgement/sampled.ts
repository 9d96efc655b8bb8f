import type { MetricCheck } from '../check-result.ts'
import type { Sampled, SamplePair, SampleWindow } from '../measurement.ts'
import type { AnalysisMetric } from '../metric.ts'
import { worstOf } from './evidence.ts'

/** How a version is judged. */
export interface JudgeSettings {
  /** The fewest requests of a version, and of stable, before it is judged. */
  readonly minRequests: number
  /** Of intervals and tests, above 0 and below 1: 0.95. */
  readonly confidence: number
  /** The checks with which the steps before were passed, of any metric: what is small at each may be certain over all. */
  readonly earlier?: readonly MetricCheck[]
}

/** What is judged: samples of one kind of proxy. */
export interface JudgedPair<Sample> {
  readonly metric: AnalysisMetric
  readonly pair: SamplePair<Sample>
  readonly isAlone: boolean
  readonly settings: JudgeSettings
}

/** The result without the name and the range of its metric. */
export type SampleResult = Omit<MetricCheck, 'metric' | 'min' | 'max'>

/**
 * Judges the recent window, and where that does not decide, the whole step: so a step with few requests is decided by
 * all that it had, and one with many by what happens now. Of several kinds of proxies the worse result counts.
 */
export function judgeWindows<Sample>(
  { windows: [recent, wholeStep], isAlone = false }: Sampled<Sample>,
  judgePair: (pair: SamplePair<Sample>, isAlone: boolean) => SampleResult,
): SampleResult {
  const judged = ({ seconds, pairs }: SampleWindow<Sample>): SampleResult | undefined => {
    const worst = worstOf(pairs.map(pair => judgePair(pair, isAlone)))
    return worst === undefined ? undefined : { ...worst, window: seconds }
  }
  const now = recent === undefined ? undefined : judged(recent)
  if (now === undefined) return { verdict: 'no-data', reason: 'no-series' }
  const isOpen = now.reason === 'inconclusive' || now.reason === 'too-few-requests'
  const all = isOpen && wholeStep !== undefined ? judged(wholeStep) : undefined
  return all === undefined || (all.reason === 'too-few-requests' && now.reason === 'inconclusive') ? now : all
}
