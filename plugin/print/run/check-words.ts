import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { MetricCheck, VerdictReason } from '../../../shared/analysis/check-result.ts'
import type { AnalysisMetric } from '../../../shared/analysis/metric.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import type { Stage } from '../../../shared/rollout/rollout-plan.ts'

/** What the texts about a check need of its run. */
export type CheckedRun = Pick<RolloutRecord, 'stable' | 'version'> & {
  readonly plan: Pick<RolloutRecord['plan'], 'metrics' | 'minRequests'>
}

const verdicts = { pass: 'pass', fail: 'fail', 'no-data': 'no data' } as const

/** `pass`, `fail`, `no data`. */
export const formatVerdict = (verdict: MetricCheck['verdict']): string => verdicts[verdict]

/** A value in the unit of its metric: `99.4 %`, `312 ms`. */
export function formatValue(value: number, metric: AnalysisMetric | undefined): string {
  const rounded = Number(value.toPrecision(value >= 100 ? 4 : 3))
  if (metric?.source.kind === 'success-rate') return `${Number(value.toFixed(2))} %`
  return metric?.source.kind === 'duration' ? `${rounded} ms` : String(rounded)
}

/** `at least 99 %`, `at most 500 ms`, or both; empty where a metric has no range. */
export function formatRange(
  { min, max }: Pick<MetricCheck, 'min' | 'max'>,
  metric: AnalysisMetric | undefined,
): string {
  const parts = [
    ...(min === undefined ? [] : [`at least ${formatValue(min, metric)}`]),
    ...(max === undefined ? [] : [`at most ${formatValue(max, metric)}`]),
  ]
  return parts.join(', ')
}

/** What was measured, and what it is compared with: `99.4 % (at least 99 %; v1 99.6 %; 120 requests, v1 1080)`. */
export function formatMeasured(result: MetricCheck, run: CheckedRun): string {
  const metric = run.plan.metrics.find(({ name }) => name === result.metric)
  const { value, baseline, requests } = result
  const details = [
    formatRange(result, metric),
    baseline === undefined ? '' : `${run.stable} ${formatValue(baseline, metric)}`,
    requests === undefined ? '' : formatRequests(requests, run),
    formatComparison(result, run),
  ].filter(text => text !== '')
  const measured = value === undefined ? '' : formatValue(value, metric)
  return [measured, details.length === 0 ? '' : `(${details.join('; ')})`]
    .filter(text => text !== '')
    .join(' ')
}

const formatRequests = (
  { version, stable }: NonNullable<MetricCheck['requests']>,
  run: Pick<CheckedRun, 'stable'>,
): string =>
  `${version} request${version === 1 ? '' : 's'}${stable === undefined ? '' : `, ${run.stable} ${stable}`}`

/** What the comparison with stable says; empty where there is nothing to compare. */
function formatComparison({ comparison }: MetricCheck, { stable }: Pick<CheckedRun, 'stable'>): string {
  if (comparison === undefined) return ''
  const { test, ratio, low, high, pValue, confidence } = comparison
  if (test === 'histogram')
    return pValue === undefined
      ? ''
      : `${pValue < 1 - confidence ? 'slower' : 'not slower'} than ${stable}, p = ${digits(pValue)}`
  if (ratio === undefined) return ''
  const range = low === undefined ? '' : `, ${digits(low)} to ${high === undefined ? 'any' : digits(high)}`
  return `errors ${digits(ratio)} times those of ${stable}${range} at ${Number((100 * confidence).toFixed(2))} %`
}

const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(2))) : 'many'

/** Why a check did not pass; empty where it did. */
export function formatReason(result: MetricCheck, { stable, plan }: CheckedRun): string {
  const kind = plan.metrics.find(({ name }) => name === result.metric)?.source.kind
  const own = kind === undefined ? undefined : reasonsOf[kind]?.(result)
  const said = own ?? reasons(stable, plan.minRequests)[result.reason]
  const parts = [said, escaped(result.detail ?? '')].filter(text => text !== '')
  return parts.join(': ')
}

/** Of metrics that count no requests of the mesh: the detail says all, or what it is about. */
const withoutRequests = ({ reason, detail }: MetricCheck): string | undefined =>
  reason === 'no-series' && detail !== undefined ? '' : undefined

/** The reasons that some metrics give in words of their own. */
const reasonsOf: Readonly<
  Partial<Record<AnalysisMetric['source']['kind'], (result: MetricCheck) => string | undefined>>
> = {
  job: ({ reason }) =>
    ({ 'source-failed': 'it has no result', 'check-failed': 'it failed' })[reason as string],
  query: withoutRequests,
  'pod-failures': withoutRequests,
}

const reasons = (stable: string, minRequests: number): Readonly<Record<VerdictReason, string>> => ({
  'in-range': '',
  'below-min': 'too low',
  'above-max': 'too high',
  'worse-than-stable': `worse than ${stable}`,
  'stable-out-of-range': `${stable} is out of the range as well, so the version is not the cause`,
  'too-few-requests': `fewer than ${minRequests} requests`,
  inconclusive: 'cannot tell yet, more requests are needed',
  'no-series': 'there are no requests, or no metrics of them',
  'source-failed': 'the metrics could not be read',
  'check-passed': '',
  'check-failed': 'it said no',
})

/** `mirror 25 %`, `10 %`, `cohort canary`, `20 % of cohort canary`. */
export function formatStage(stage: Stage, cohort: string | undefined): string {
  switch (stage.kind) {
    case 'mirror':
      return `copies of ${stage.percent} %`
    case 'weight':
      return `${stage.percent} %`
    case 'cohort':
      return stage.percent === 100 ? `cohort ${cohort}` : `${stage.percent} % of cohort ${cohort}`
  }
}
