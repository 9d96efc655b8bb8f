import { faultOfUrl } from '../objects/text/kept-url.ts'
import { parseDuration } from '../objects/text/parse-duration.ts'
import { jobSourceOf, type JobFields } from './job-fields.ts'
import type { AnalysisMetric, MetricSource } from './metric.ts'
import { checkRange, unfit } from './metric-range.ts'

/** A metric as a plan file has it: docs/run-plan.schema.json. */
export interface MetricFields {
  /** `request-success-rate`, `request-duration`, `pod-failures`, or any name with one of the four sources. */
  readonly name: string
  readonly query?: string
  readonly webhook?: string
  readonly job?: JobFields
  /** Of `request-duration`; 0.99 when left out. */
  readonly quantile?: number
  readonly min?: number
  readonly max?: number
  /** `1m`, `30s`; one minute when left out. */
  readonly window?: string
  /** Compared with stable at the same time, unless it is false. */
  readonly baseline?: boolean
}

/** The metrics that need no source. */
export const builtInMetrics = ['request-success-rate', 'request-duration', 'pod-failures'] as const

const usualWindow = 60
const longestWindow = 3600

/** The metric that fields describe; throws a usage error where they do not fit together. */
export function metricOf(fields: MetricFields): AnalysisMetric {
  const source = sourceOf(fields)
  const { name, min, max, baseline = true } = fields
  const range = source.kind === 'pod-failures' && max === undefined ? { min, max: 0 } : { min, max }
  checkRange(name, source, range)
  return {
    name,
    source,
    ...(range.min !== undefined && { min: range.min }),
    ...(range.max !== undefined && { max: range.max }),
    window: windowIn(fields),
    comparesWithStable: baseline && (source.kind !== 'query' || isPerVersion(source.query)),
  }
}

/** Whether a query is about one version; another one has the same value for stable. */
export const isPerVersion = (query: string): boolean => /\{\{\s*version\s*\}\}/.test(query)

function sourceOf({ name, query, webhook, job, quantile }: MetricFields): MetricSource {
  const own: readonly MetricSource[] = [
    ...(query === undefined ? [] : [{ kind: 'query', query } as const]),
    ...(webhook === undefined ? [] : [{ kind: 'webhook', url: webhook } as const]),
    ...(job === undefined ? [] : [jobSourceOf(name, job)]),
  ]
  if (quantile !== undefined && name !== 'request-duration')
    throw unfit(`metric ${name} takes no quantile`, 'Only request-duration has one.')
  const builtIn = builtInSource(name, quantile)
  if (builtIn !== undefined && own.length > 0)
    throw unfit(
      `metric ${name} is built in and takes no ${own[0]!.kind}`,
      'Give a metric of your own another name.',
    )
  checkWords(name, query)
  checkAddress(name, webhook)
  const [source, another] = builtIn === undefined ? own : [builtIn]
  if (source !== undefined && another === undefined) return source
  throw unfit(
    another === undefined ? `metric ${name} has no source` : `metric ${name} has more than one source`,
    `Built-in metrics: ${builtInMetrics.join(', ')}. Any other needs a query, a webhook or a job.`,
  )
}

/** The words that a query may have in braces. */
const queryWords = ['namespace', 'service', 'version', 'interval']

function checkWords(name: string, query = ''): void {
  const found = [...query.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map(([, word = '']) => word)
  const unknown = found.find(word => !queryWords.includes(word))
  if (unknown !== undefined)
    throw unfit(
      `the query of metric ${name} has {{ ${unknown} }}`,
      `It can have ${queryWords.map(word => `{{ ${word} }}`).join(', ')}.`,
    )
}

function checkAddress(name: string, webhook: string | undefined): void {
  if (webhook === undefined) return
  const fault = faultOfUrl(webhook)
  // What may be a password is not repeated.
  if (fault === 'no-url')
    throw unfit(
      `the webhook of metric ${name} is not a URL that starts with http:// or https://`,
      'Example: https://ci.example.com/canary',
    )
  if (fault === 'has-secret')
    throw unfit(
      `the webhook of metric ${name} has a password in its URL, which would be kept in the cluster`,
      'Name an environment variable of the run: https://USER:${PASSWORD}@ci.example.com/canary',
    )
}

function builtInSource(name: string, quantile = 0.99): MetricSource | undefined {
  if (name === 'request-success-rate') return { kind: 'success-rate' }
  if (name === 'pod-failures') return { kind: 'pod-failures' }
  if (name !== 'request-duration') return undefined
  if (!(quantile > 0 && quantile < 1))
    throw unfit(`quantile ${quantile} of ${name} is not between 0 and 1`, 'Example: quantile=0.95')
  return { kind: 'duration', quantile }
}

function windowIn({ name, window }: MetricFields): number {
  if (window === undefined) return usualWindow
  const seconds = (parseDuration(window) ?? Number.NaN) / 1000
  if (seconds >= 1 && seconds <= longestWindow) return seconds
  throw unfit(
    `window ${JSON.stringify(window)} of metric ${name} is not a duration from 1s to 1h`,
    'Examples: 30s, 1m, 5m',
  )
}
