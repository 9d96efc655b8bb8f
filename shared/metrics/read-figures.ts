import { assembled, type MeasuredService } from './assemble.ts'
import type { PrometheusAnswer, PrometheusFailure, PrometheusSeries } from './prometheus/prometheus-api.ts'
import type { PrometheusClient } from './prometheus/prometheus-client.ts'
import {
  anySeriesQuery,
  durationsQuery,
  hostsOf,
  requestsQuery,
  trendQuery,
  unroutedQuery,
} from './queries.ts'
import { windowOf, type ScrapeInterval } from './scrape-interval.ts'
import type { FiguresNote, ServiceFigures } from './service-figures.ts'
import { seriesOfService } from './series-of-service.ts'
import { trendRange, trendStep } from './trend.ts'

/** How figures are asked for. */
export interface FiguresScope {
  readonly scrapeInterval: ScrapeInterval
  /** The window of rates in seconds; raised to two scrape intervals. */
  readonly window: number
  /** Also the requests per second over the last minutes. */
  readonly withTrend: boolean
  readonly now: Date
}

/** How many services are asked for in one query. */
const mostAtOnce = 50

type Answered = PrometheusAnswer<readonly PrometheusSeries[]>

/** The live figures of services, in their order; the failure where the server does not answer about them at all. */
export async function readFigures(
  client: PrometheusClient,
  readings: readonly MeasuredService[],
  scope: FiguresScope,
): Promise<readonly ServiceFigures[] | PrometheusFailure> {
  const figures: ServiceFigures[] = []
  for (let at = 0; at < readings.length; at += mostAtOnce) {
    const some = await readSome(client, readings.slice(at, at + mostAtOnce), scope)
    if ('reason' in some) return some
    figures.push(...some)
  }
  return figures
}

async function readSome(
  client: PrometheusClient,
  readings: readonly MeasuredService[],
  { scrapeInterval, window: wanted, withTrend, now }: FiguresScope,
): Promise<readonly ServiceFigures[] | PrometheusFailure> {
  const window = windowOf(wanted, scrapeInterval)
  const hosts = readings.flatMap(({ service }) => hostsOf(service))
  const range = trendRange(now.getTime())
  const [requests, durations, unrouted, trend] = await Promise.all([
    client.instant(requestsQuery(hosts, window)),
    client.instant(durationsQuery(hosts, window)),
    client.instant(
      unroutedQuery(
        readings.map(({ service }) => service),
        window,
      ),
    ),
    withTrend ? client.range(trendQuery(hosts, windowOf(trendStep, scrapeInterval)), range) : undefined,
  ])
  if (requests.failure !== undefined) return requests.failure
  const notes = answerNotes([requests, durations, unrouted, ...(trend === undefined ? [] : [trend])])
  const isEmpty = requests.data.length === 0 ? await hasNoIstioMetrics(client) : false
  return readings.map(reading => {
    const own = seriesOfService(reading)
    const found = assembled(reading, {
      window,
      requests: requests.data.filter(own.isOwn),
      durations: (durations.data ?? []).filter(own.isOwn),
      unrouted: (unrouted.data ?? []).filter(own.isUnrouted),
      ...(trend?.data === undefined ? {} : { trend: { series: trend.data.filter(own.isOwn), range } }),
    })
    return {
      source: client.name,
      at: now.toISOString(),
      window,
      scrapeInterval,
      ...found,
      notes: [...(isEmpty ? [{ kind: 'no-istio-metrics' } as const] : found.notes), ...notes],
    }
  })
}

async function hasNoIstioMetrics(client: PrometheusClient): Promise<boolean> {
  const any = await client.instant(anySeriesQuery)
  return any.failure === undefined && any.data.length === 0
}

function answerNotes(answers: readonly Answered[]): readonly FiguresNote[] {
  const warnings = [...new Set(answers.flatMap(answer => answer.warnings))]
  const failures = [...new Set(answers.flatMap(({ failure }) => failure?.message ?? []))]
  return [
    ...warnings.map(text => ({ kind: 'warning', text }) as const),
    ...failures.map(text => ({ kind: 'failed', text }) as const),
  ]
}
