import type { PrometheusFailure, PrometheusSeries } from '../../shared/metrics/prometheus/prometheus-api.ts'
import type { PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'
import { durationMetric } from '../../shared/metrics/queries.ts'

/** What a made-up server knows; each window of the same query can be answered otherwise. */
export interface MadeUpSeries {
  readonly requests?: (window: number) => readonly PrometheusSeries[]
  readonly durations?: (window: number) => readonly PrometheusSeries[]
  readonly unrouted?: (window: number) => readonly PrometheusSeries[]
  /** Of any other query. */
  readonly query?: (query: string) => readonly PrometheusSeries[]
  readonly failure?: (query: string) => PrometheusFailure | undefined
  readonly warnings?: readonly string[]
}

/** A client of such a server, and what it was asked. */
export function madeUpPrometheus(series: MadeUpSeries): {
  readonly client: PrometheusClient
  readonly asked: readonly string[]
} {
  const asked: string[] = []
  const { warnings = [] } = series
  return {
    asked,
    client: {
      name: 'http://prometheus',
      instant: async query => {
        asked.push(query)
        const failure = series.failure?.(query)
        return failure === undefined ? { data: answerTo(series, query), warnings } : { failure, warnings }
      },
      range: () => Promise.reject(new Error('no range is asked for')),
      config: () => Promise.reject(new Error('no configuration is asked for')),
    },
  }
}

function answerTo(series: MadeUpSeries, asked: string): readonly PrometheusSeries[] {
  const window = Number(/\* (\d+)\)$/.exec(asked)?.[1])
  if (Number.isNaN(window)) return series.query?.(asked) ?? [{ labels: {}, points: [[0, 1]] }]
  const kind = asked.includes(durationMetric)
    ? 'durations'
    : asked.includes('response_flags=~')
      ? 'unrouted'
      : 'requests'
  return series[kind]?.(window) ?? []
}

/** A series of one point, as Istio labels requests to a version of catalog in namespace shop. */
export const counted = (value: number, labels: Readonly<Record<string, string>>): PrometheusSeries => ({
  labels: {
    reporter: 'source',
    destination_service: 'catalog.shop.svc.cluster.local',
    destination_workload_namespace: 'shop',
    response_code: '200',
    response_flags: '-',
    ...labels,
  },
  points: [[0, value]],
})
