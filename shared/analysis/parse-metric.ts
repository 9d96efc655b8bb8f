import { CanaryError } from '../objects/canary-error.ts'
import { closest } from '../objects/text/closest.ts'
import { parseDuration } from '../objects/text/parse-duration.ts'
import { builtInMetrics, metricOf, type MetricFields } from './metric-fields.ts'
import type { AnalysisMetric } from './metric.ts'

const examples = [
  'request-success-rate:min=99:1m',
  'request-duration:max=500:30s',
  'request-duration:quantile=0.95:max=300',
  'pod-failures',
]

/**
 * What is checked where no metric is named. A success rate below 99 % is a failure for nearly every service, and Flagger's
 * usual limit. Which durations are acceptable differs too much between services: they are compared with stable alone.
 */
export const defaultMetrics: readonly AnalysisMetric[] = [
  metricOf({ name: 'request-success-rate', min: 99, window: '1m' }),
  metricOf({ name: 'request-duration', window: '1m' }),
]

/**
 * A metric as `--metric` takes it: the name of a built-in one, then in any order `min=`, `max=`, `quantile=`, a window and
 * `no-baseline`, with colons between. Throws a usage error for anything else.
 */
export function parseMetric(text: string): AnalysisMetric {
  const [name = '', ...words] = text.split(':').map(word => word.trim())
  if (!(builtInMetrics as readonly string[]).includes(name)) throw unknownName(text, name)
  const fields: Record<string, unknown> = { name }
  for (const word of words) {
    const [key, value] = fieldOf(text, word)
    if (Object.hasOwn(fields, key)) throw invalid(text, `it has ${key} twice`)
    fields[key] = value
  }
  return metricOf(fields as unknown as MetricFields)
}

function fieldOf(text: string, word: string): readonly [keyof MetricFields, unknown] {
  if (word === 'no-baseline') return ['baseline', false]
  const [, key = '', amount = ''] = /^(\w+)=(.*)$/.exec(word) ?? []
  if (key === 'min' || key === 'max' || key === 'quantile') return [key, numberOf(text, key, amount)]
  if (key === '' && parseDuration(word) !== undefined) return ['window', word]
  throw invalid(
    text,
    word === ''
      ? 'a part is empty'
      : `${JSON.stringify(word)} is none of min=N, max=N, quantile=N, a window like 1m, no-baseline`,
  )
}

/** `99`, `99.5`; `99%` and `500ms` too, as people write them. */
function numberOf(text: string, key: string, amount: string): number {
  const [, digits] = /^([+-]?\d+(?:\.\d+)?)(?:%|ms)?$/.exec(amount) ?? []
  if (digits !== undefined) return Number(digits)
  throw invalid(text, `${key}=${amount} is not a number`)
}

function unknownName(text: string, name: string): CanaryError {
  const meant = closest(name, builtInMetrics)
  return new CanaryError(
    'usage',
    `invalid --metric ${JSON.stringify(text)}: no metric is called ${JSON.stringify(name)}`,
    {
      hints: [
        ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
        `Metrics: ${builtInMetrics.join(', ')}.`,
        'One of your own, with a query, a webhook or a job, goes into a plan file: --plan FILE.',
      ],
    },
  )
}

const invalid = (text: string, why: string): CanaryError =>
  new CanaryError('usage', `invalid --metric ${JSON.stringify(text)}: ${why}`, {
    hints: [`Examples: ${examples.join(', ')}`],
  })
