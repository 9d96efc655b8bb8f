import type { MetricCheck } from './check-result.ts'
import { judgeDurations } from './judgement/judge-durations.ts'
import { judgeRequests } from './judgement/judge-requests.ts'
import { overAllSteps } from './judgement/over-all-steps.ts'
import { judgeValue } from './judgement/judge-value.ts'
import { judgeWindows, type JudgeSettings } from './judgement/sampled.ts'
import type { Measurement } from './measurement.ts'
import type { AnalysisMetric } from './metric.ts'

/**
 * What one measurement says of a version: `pass`, `fail`, or `no-data` where it neither speaks for the version nor proves
 * anything against it. docs/analysis.md says by which statistics.
 */
export function judge(
  metric: AnalysisMetric,
  measurement: Measurement,
  settings: JudgeSettings,
): MetricCheck {
  const { name, min, max } = metric
  const { detail, ...result } = resultOf(metric, measurement, settings)
  const details = [detail ?? [], measurement.warnings ?? []].flat()
  return {
    metric: name,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...result,
    ...(details.length > 0 && { detail: details.join('; ') }),
  }
}

function resultOf(
  metric: AnalysisMetric,
  measurement: Measurement,
  settings: JudgeSettings,
): Omit<MetricCheck, 'metric' | 'min' | 'max'> {
  switch (measurement.kind) {
    case 'requests':
      return overAllSteps(
        metric,
        judgeWindows(measurement, (pair, isAlone) => judgeRequests({ metric, pair, isAlone, settings })),
        settings,
      )
    case 'durations': {
      const quantile = metric.source.kind === 'duration' ? metric.source.quantile : 0.99
      return judgeWindows(measurement, (pair, isAlone) =>
        judgeDurations({ metric, pair, isAlone, settings }, quantile),
      )
    }
    case 'value':
      return { ...judgeValue(metric, measurement.value, measurement.baseline), ...detailOf(measurement) }
    case 'answer':
      return measurement.passed
        ? { verdict: 'pass', reason: 'check-passed', ...detailOf(measurement) }
        : { verdict: 'fail', reason: 'check-failed', ...detailOf(measurement) }
    case 'nothing':
      return { verdict: 'no-data', reason: 'no-series', ...detailOf(measurement) }
    case 'failed':
      return { verdict: 'no-data', reason: 'source-failed', detail: measurement.detail }
  }
}

const detailOf = ({ detail }: { readonly detail?: string }) => (detail === undefined ? {} : { detail })
