import { pooledRatioProbability, type Stratum } from '../../statistics/pooled-ratio.ts'
import type { Proportion } from '../../statistics/proportion.ts'
import type { AnalysisMetric } from '../metric.ts'
import type { MetricCheck } from '../check-result.ts'
import type { Evidence } from './evidence.ts'
import { leastBad } from './judge-parts.ts'
import { relevantPart, relevantRatio, usualLimit } from './judge-requests.ts'
import type { JudgeSettings, SampleResult } from './sampled.ts'

/** The confidence from which on a difference over all steps is suspected: less than at one step, for it grows with each. */
const suspicionOverAll = 0.5

/**
 * What a check of the success of requests says together with those of the steps before: a difference from stable that is too
 * small for one step may be certain over all. Each step is a stratum of its own, so that it does not matter that shares and
 * failures of both change with time.
 */
export function overAllSteps(
  metric: AnalysisMetric,
  result: SampleResult,
  settings: JudgeSettings,
): SampleResult {
  const isOpen = result.reason === 'in-range' || result.reason === 'inconclusive'
  if (!metric.comparesWithStable || !isOpen) return result
  const before = (settings.earlier ?? []).filter(
    one => one.metric === metric.name && one.verdict === 'pass' && one.countedBy === result.countedBy,
  )
  const strata = [...before, result].flatMap(stratumOf)
  if (before.length === 0 || strata.length < 2) return result
  const evidence = evidenceIn(strata, metric, settings)
  if (evidence === 'none') return result
  const detail = [...(result.detail === undefined ? [] : [result.detail]), sentence(strata)].join('; ')
  return evidence === 'proven'
    ? { ...result, verdict: 'fail', reason: 'worse-than-stable', detail }
    : { ...result, verdict: 'no-data', reason: 'inconclusive', detail }
}

/** The failures of both, from the numbers that a check keeps. */
function stratumOf({
  value,
  baseline,
  requests,
}: Pick<MetricCheck, 'value' | 'baseline' | 'requests'>): readonly Stratum[] {
  const { version = 0, stable = 0 } = requests ?? {}
  if (value === undefined || baseline === undefined || version === 0 || stable === 0) return []
  return [{ one: failuresIn(value, version), other: failuresIn(baseline, stable) }]
}

const failuresIn = (success: number, total: number): Proportion => ({
  count: Math.round((total * (100 - success)) / 100),
  total,
})

function evidenceIn(
  strata: readonly Stratum[],
  { min }: AnalysisMetric,
  { confidence }: JudgeSettings,
): Evidence {
  const { seen, expected, total } = sumsOf(strata)
  const limit = min === undefined ? usualLimit : (100 - min) / 100
  if ((seen - expected) / total < relevantPart * limit) return 'none'
  const tail = (1 - confidence) / 2
  const relevant = pooledRatioProbability(strata, relevantRatio)
  if (seen >= leastBad && relevant < tail) return 'proven'
  const isOpen = relevant < 1 - tail && pooledRatioProbability(strata, 1) < (1 - suspicionOverAll) / 2
  return isOpen ? 'suspected' : 'none'
}

/** The failures of the version, and how many there would be at stable's rate of each step. */
function sumsOf(strata: readonly Stratum[]) {
  return {
    seen: strata.reduce((sum, { one }) => sum + one.count, 0),
    expected: strata.reduce((sum, { one, other }) => sum + (one.total * other.count) / other.total, 0),
    total: strata.reduce((sum, { one }) => sum + one.total, 0),
  }
}

function sentence(strata: readonly Stratum[]): string {
  const { seen, expected, total } = sumsOf(strata)
  return `over all steps ${seen} of ${total} requests failed, and ${Number(expected.toPrecision(2))} at stable's rate`
}
