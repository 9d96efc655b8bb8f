import type { PrometheusAnswer, PrometheusSeries } from '../../metrics/prometheus/prometheus-api.ts'
import type { Measurement } from '../measurement.ts'

/** What stands for the words in braces. */
export type QueryWords = Readonly<Record<'namespace' | 'service' | 'version' | 'interval', string>>

/** A query with its words filled in. */
export const filledIn = (query: string, words: QueryWords): string =>
  query.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, word: string) =>
    Object.hasOwn(words, word) ? words[word as keyof QueryWords] : whole,
  )

type NumberFound = Extract<Measurement, { kind: 'value' | 'nothing' | 'failed' }>

/** The one number of an answer, or why there is none. */
export function valueIn(answer: PrometheusAnswer<readonly PrometheusSeries[]>): NumberFound {
  if (answer.failure !== undefined) return { kind: 'failed', detail: answer.failure.message }
  const [series, ...others] = answer.data
  if (others.length > 0)
    return { kind: 'failed', detail: `the query gives ${answer.data.length} series, not one number` }
  const value = series?.points.at(-1)?.[1]
  if (value === undefined) return { kind: 'nothing', detail: 'the query gives no series' }
  if (Number.isNaN(value)) return { kind: 'nothing', detail: 'the query gives no number (NaN)' }
  return Number.isFinite(value)
    ? { kind: 'value', value }
    : { kind: 'failed', detail: `the query gives ${value > 0 ? '+Inf' : '-Inf'}` }
}
