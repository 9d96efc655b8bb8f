import type { MeasuredService } from '../metrics/assemble.ts'
import { ownedBuckets, ownedResponses } from '../metrics/attribute.ts'
import type { PrometheusAnswer, PrometheusSeries } from '../metrics/prometheus/prometheus-api.ts'
import type { PrometheusClient } from '../metrics/prometheus/prometheus-client.ts'
import { formatWindow, summedCount } from '../metrics/prometheus/promql.ts'
import { anySeriesQuery, durationsQuery, hostsOf, requestsQuery, unroutedQuery } from '../metrics/queries.ts'
import { seriesOfService } from '../metrics/series-of-service.ts'
import { identitiesOf } from '../metrics/version-of-series.ts'
import type { DurationSample, Measurement, RequestSample, SamplePair, SampleWindow } from './measurement.ts'
import { isPerVersion } from './metric-fields.ts'
import type { AnalysisMetric } from './metric.ts'
import { durationPairs, requestPairs, type PairScope } from './measuring/pairs.ts'
import { filledIn, valueIn } from './measuring/query-value.ts'
import { windowsOf, type MeasuredTime } from './measuring/windows.ts'

/** What is measured: a version of a service beside stable, now. */
export interface MeasuredRollout extends MeasuredTime {
  readonly reading: MeasuredService
  readonly version: string
  readonly stable: string
  readonly metrics: readonly AnalysisMetric[]
  /** The part of all requests that is routed to the version, in percent; left out for copies and cohorts. */
  readonly share?: number
  /** Measures what is not in Prometheus: a webhook, a Job, the pods. */
  readonly elsewhere?: (metric: AnalysisMetric) => Promise<Measurement>
}

type Answer = PrometheusAnswer<readonly PrometheusSeries[]>

interface Asking {
  readonly rollout: MeasuredRollout
  /** Each query is asked once, however many metrics need it. */
  readonly ask: (query: string) => Promise<Answer>
}

/** What each metric is now, in their order; rejects only where it is interrupted. */
export async function measure(
  client: PrometheusClient,
  rollout: MeasuredRollout,
): Promise<readonly Measurement[]> {
  const asked = new Map<string, Promise<Answer>>()
  const ask = (query: string): Promise<Answer> => {
    const answer = asked.get(query) ?? client.instant(query)
    asked.set(query, answer)
    return answer
  }
  return Promise.all(rollout.metrics.map(metric => measureOne(metric, { rollout, ask })))
}

async function measureOne(metric: AnalysisMetric, asking: Asking): Promise<Measurement> {
  const { source } = metric
  switch (source.kind) {
    case 'success-rate':
      return sampled('requests', metric, { asking, read: requestsIn(asking) })
    case 'duration':
      return sampled('durations', metric, { asking, read: durationsIn(asking) })
    case 'query':
      return valueOf(source.query, metric, asking)
    case 'webhook':
    case 'job':
    case 'pod-failures':
      return asking.rollout.elsewhere === undefined
        ? { kind: 'failed', detail: `nothing measures ${metric.name} here` }
        : asking.rollout.elsewhere(metric)
  }
}

/** What one window gave. */
type WindowRead<Sample> =
  | { readonly failed: string; readonly warnings: readonly string[] }
  | {
      readonly failed?: undefined
      readonly pairs: readonly SamplePair<Sample>[]
      readonly warnings: readonly string[]
    }

type ReadWindow<Sample> = (window: number) => Promise<WindowRead<Sample>>

async function sampled<Sample>(
  kind: 'requests' | 'durations',
  metric: AnalysisMetric,
  { asking, read }: { readonly asking: Asking; readonly read: ReadWindow<Sample> },
): Promise<Measurement> {
  const seconds = windowsOf(metric, asking.rollout)
  const [recent, whole] = await Promise.all(seconds.map(read))
  const warnings = [...new Set([recent!, whole].flatMap(one => one?.warnings ?? []))]
  const said = warnings.length > 0 ? { warnings } : {}
  if (recent!.failed !== undefined) return { kind: 'failed', detail: recent!.failed, ...said }
  if (recent!.pairs.length === 0) return { kind: 'nothing', detail: await whyNothing(asking), ...said }
  const windows: readonly SampleWindow<Sample>[] = [
    { seconds: seconds[0]!, pairs: recent!.pairs },
    // Where only the longer one fails, the recent one decides.
    ...(whole === undefined || whole.failed !== undefined
      ? []
      : [{ seconds: seconds[1]!, pairs: whole.pairs }]),
  ]
  const isAlone = (asking.rollout.share ?? 0) >= 100
  return { kind, windows, ...(isAlone && { isAlone }), ...said } as Measurement
}

async function whyNothing({ rollout: { reading, version }, ask }: Asking): Promise<string> {
  const any = await ask(anySeriesQuery)
  if (any.data?.length === 0) return 'the server has no istio_requests_total at all'
  return `no request of ${version} to ${hostsOf(reading.service).join(', ')} was recorded`
}

function requestsIn({ rollout, ask }: Asking): ReadWindow<RequestSample> {
  const { reading, scrapeInterval } = rollout
  const own = seriesOfService(reading)
  const summed = summedCount(scrapeInterval.seconds)
  return async window => {
    const [requests, unrouted] = await Promise.all([
      ask(requestsQuery(hostsOf(reading.service), window, summed)),
      ask(unroutedQuery([reading.service], window, summed)),
    ])
    if (requests.failure !== undefined)
      return { failed: requests.failure.message, warnings: requests.warnings }
    const responses = ownedResponses(identitiesOf(reading), {
      requests: requests.data.filter(own.isOwn),
      unrouted: (unrouted.data ?? []).filter(own.isUnrouted),
    })
    return {
      pairs: requestPairs(responses, scopeOf(rollout)),
      warnings: [
        ...requests.warnings,
        ...unrouted.warnings,
        ...(unrouted.failure === undefined
          ? []
          : [`requests without a route are not counted: ${unrouted.failure.message}`]),
      ],
    }
  }
}

function durationsIn({ rollout, ask }: Asking): ReadWindow<DurationSample> {
  const { reading, scrapeInterval } = rollout
  const summed = summedCount(scrapeInterval.seconds)
  return async window => {
    const { data, failure, warnings } = await ask(durationsQuery(hostsOf(reading.service), window, summed))
    if (failure !== undefined) return { failed: failure.message, warnings }
    const buckets = ownedBuckets(identitiesOf(reading), data.filter(seriesOfService(reading).isOwn))
    return { pairs: durationPairs(buckets, scopeOf(rollout)), warnings }
  }
}

function scopeOf({ reading, version, stable, share }: MeasuredRollout): PairScope {
  const podsOf = (name: string) => reading.versions.find(one => one.name === name)
  return { version, stable, share, pods: { version: podsOf(version), stable: podsOf(stable) } }
}

async function valueOf(
  query: string,
  metric: AnalysisMetric,
  { rollout, ask }: Asking,
): Promise<Measurement> {
  const { service } = rollout.reading
  const filled = (version: string): string =>
    filledIn(query, {
      namespace: service.namespace,
      service: service.name,
      version,
      interval: formatWindow(windowsOf(metric, rollout)[0]!),
    })
  const isCompared = metric.comparesWithStable && isPerVersion(query)
  const [own, theirs] = await Promise.all([
    ask(filled(rollout.version)),
    isCompared ? ask(filled(rollout.stable)) : undefined,
  ])
  const found = valueIn(own)
  const baseline = theirs === undefined ? undefined : valueIn(theirs)
  const warnings = [...new Set([...own.warnings, ...(theirs?.warnings ?? [])])]
  return {
    ...found,
    ...(found.kind === 'value' && baseline?.kind === 'value' && { baseline: baseline.value }),
    ...(warnings.length > 0 && { warnings }),
  }
}
