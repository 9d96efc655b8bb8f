import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type { PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'
import { readFigures } from '../../shared/metrics/read-figures.ts'
import { readScrapeInterval } from '../../shared/metrics/scrape-interval.ts'
import type { ServiceFigures, VersionFigures } from '../../shared/metrics/service-figures.ts'
import { durationMetric, hostsOf } from '../../shared/metrics/queries.ts'
import { isOneOf, summedRate } from '../../shared/metrics/prometheus/promql.ts'
import { directClient } from './direct-source.ts'
import { labelsOf, noPod, startExporter, toVersion, type Flow } from './exporter.ts'
import { measuredService } from './measured-service.ts'
import { prometheusTests, startPrometheus } from './prometheus.ts'

const named = (service: string): Readonly<Record<string, string>> => ({
  destination_service: `${service}.shop.svc.cluster.local`,
  destination_service_name: service,
})

const odd = 'o"d\\d.(a|b)*'

/** catalog: 90 to 10, v2 fails at 5 %, some of it before its pods; each other service is one special case. */
const flows: readonly Flow[] = [
  { labels: labelsOf('source', toVersion('v1')), rps: 90 },
  { labels: labelsOf('destination', toVersion('v1')), rps: 90 },
  { labels: labelsOf('source', toVersion('v2')), rps: 9.5, durations: { 100: 0, 250: 900, 500: 1000 } },
  { labels: labelsOf('destination', toVersion('v2')), rps: 9.8 },
  {
    labels: labelsOf('source', { ...toVersion('v2'), response_code: '503', response_flags: 'UF' }),
    rps: 0.5,
    durations: { 1: 1000 },
  },
  // only v1 gets requests; v2 has a series and none of late
  { labels: labelsOf('source', { ...named('cart'), ...toVersion('v1') }), rps: 4 },
  { labels: labelsOf('source', { ...named('cart'), ...toVersion('v2') }), rps: 0 },
  // only v1 has ever had any
  { labels: labelsOf('source', { ...named('stock'), ...toVersion('v1') }), rps: 4 },
  // v2 has no pod, and another route names a cluster that is not there
  { labels: labelsOf('source', { ...named('search'), ...toVersion('v1') }), rps: 8 },
  {
    labels: labelsOf('source', {
      ...named('search'),
      ...noPod,
      response_code: '503',
      response_flags: 'UH',
    }),
    rps: 1,
  },
  {
    labels: labelsOf('source', {
      ...noPod,
      destination_service: 'search:8080',
      destination_service_name: 'search:8080',
      response_code: '503',
      response_flags: 'NC',
    }),
    rps: 1,
  },
  {
    labels: labelsOf('source', {
      ...noPod,
      destination_service: 'search:8080',
      source_workload_namespace: 'elsewhere',
      response_code: '503',
      response_flags: 'NC',
    }),
    rps: 70,
  },
  // gRPC: HTTP says 200
  ...(['0', '5', '14'] as const).map((grpc, i) => ({
    labels: labelsOf('source', {
      ...named('prices'),
      ...toVersion('v2'),
      request_protocol: 'grpc',
      grpc_response_status: grpc,
    }),
    rps: [9, 0.5, 0.5][i]!,
  })),
  // ambient: no caller reports; the waypoint lives elsewhere and knows no version label
  ...['v1', 'v2'].map(version => ({
    labels: labelsOf('waypoint', {
      ...named('reviews'),
      destination_service_namespace: 'waypoints',
      destination_version: '',
      destination_canonical_revision: version,
      destination_workload: `reviews-${version}`,
    }),
    rps: version === 'v1' ? 3 : 1,
  })),
  // a name that is a regular expression, and one that it would match
  { labels: labelsOf('source', { ...named(odd), ...toVersion('v1') }), rps: 2 },
  { labels: labelsOf('source', { ...named('o"d\\dXa'), ...toVersion('v1') }), rps: 5 },
  // copies: pods of v2 count them, callers do not
  { labels: labelsOf('source', { ...named('mail'), ...toVersion('v1') }), rps: 6 },
  { labels: labelsOf('destination', { ...named('mail'), ...toVersion('v2') }), rps: 6 },
]

interface World {
  readonly client: PrometheusClient
  figures(service: MeasuredService, window?: number): Promise<ServiceFigures>
}

const running = new AsyncDisposableStack()
after(() => running.disposeAsync())
const real = prometheusTests(start)

async function start(): Promise<World> {
  const exporter = running.use(await startExporter(flows))
  const { url } = running.use(await startPrometheus(exporter))
  const client = directClient(url)
  return {
    client,
    figures: async (service, window = 60) => {
      const scrapeInterval = await readScrapeInterval(client, hostsOf(service.service))
      assert.ok(!('reason' in scrapeInterval), JSON.stringify(scrapeInterval))
      const found = await readFigures(client, [service], {
        scrapeInterval,
        window,
        withTrend: true,
        now: new Date(),
      })
      assert.ok(!('reason' in found), JSON.stringify(found))
      return found[0]!
    },
  }
}

/** Within a hundredth: the last point is some seconds old, and Prometheus extrapolates. */
const near = (actual: number | undefined, expected: number): void =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= Math.max(0.01 * expected, 0.01),
    `${actual} is not near ${expected}`,
  )

const version = ({ versions }: ServiceFigures, name: string): VersionFigures =>
  versions.find(one => one.version === name)!

real(
  'rates, success, durations and observed shares of two versions are those that the exporter made',
  async world => {
    const figures = await world.figures(measuredService('catalog'))
    const [v1, v2] = [version(figures, 'v1'), version(figures, 'v2')]
    near(v1.rps, 90)
    near(v1.share, 90)
    assert.equal(v1.success, 100)
    near(v2.rps, 10)
    near(v2.share, 10)
    near(v2.success, 95)
    near(v1.p50, 17.5)
    near(v1.p99, 24.85)
    near(v2.p99, 473.7)
    assert.deepEqual([figures.reporter, figures.notes, figures.noPod], ['source', [], undefined])
    assert.deepEqual([figures.scrapeInterval, figures.window], [{ seconds: 15, from: 'series' }, 60])
  },
)

real('the quantiles are those of the server’s own histogram_quantile', async world => {
  const figures = await world.figures(measuredService('catalog'))
  const rate = summedRate({
    by: ['le', 'destination_version'],
    metric: durationMetric,
    matchers: ['reporter="source"', 'destination_service="catalog.shop.svc.cluster.local"'],
    window: 60,
  })
  const query = `histogram_quantile(0.95, ${rate})`
  const answer = await world.client.instant(query)
  for (const { labels, points } of answer.data!)
    near(version(figures, labels['destination_version']!).p95, points[0]![1])
  assert.equal(answer.data!.length, 2)
})

real('failures that do not reach a pod are the callers’ and not the pods’', async world => {
  const v2 = version(await world.figures(measuredService('catalog')), 'v2')
  assert.equal(v2.seenBy.destination?.success, 100)
  assert.deepEqual(
    v2.failures?.map(({ code, flags }) => [code, flags]),
    [['503', 'UF']],
  )
})

real('a version without requests of late has 0, and one that never had any has no data', async world => {
  const cart = version(await world.figures(measuredService('cart')), 'v2')
  assert.deepEqual([cart.rps, cart.share, cart.success, cart.p99], [0, 0, undefined, undefined])
  const stock = await world.figures(measuredService('stock'))
  assert.deepEqual(version(stock, 'v2'), { version: 'v2', seenBy: {} })
  assert.deepEqual(stock.notes, [{ kind: 'no-requests-to', versions: ['v2'] }])
})

real(
  'requests for which there is no pod or no cluster count with the service, and not with a version',
  async world => {
    const figures = await world.figures(measuredService('search'))
    near(figures.noPod?.rps, 2)
    near(figures.noPod?.share, 20)
    near(version(figures, 'v1').share, 80)
    assert.deepEqual(figures.noPod?.failures.map(({ flags }) => flags).toSorted(), ['NC', 'UH'])
  },
)

real('a gRPC code of a server’s fault is a failure, also with HTTP 200', async world => {
  const v2 = version(await world.figures(measuredService('prices')), 'v2')
  near(v2.success, 95)
  assert.deepEqual(
    v2.failures?.map(({ code, grpc }) => [code, grpc]),
    [['200', 'UNAVAILABLE']],
  )
})

real(
  'a waypoint’s figures count where no caller reports, by canonical revision without a version',
  async world => {
    const figures = await world.figures(measuredService('reviews'))
    assert.equal(figures.reporter, 'waypoint')
    near(version(figures, 'v1').share, 75)
    near(version(figures, 'v2').rps, 1)
  },
)

real('a version that gets copies alone has its pods’ figures, and no share', async world => {
  const figures = await world.figures(measuredService('mail'))
  const v2 = version(figures, 'v2')
  near(v2.rps, 6)
  assert.deepEqual([v2.reporter, v2.share], ['destination', undefined])
  assert.deepEqual(figures.notes, [{ kind: 'pods-only', versions: ['v2'] }])
})

real('a service without any request is said to have none', async world => {
  const figures = await world.figures(measuredService('nobody'))
  assert.deepEqual(figures.notes, [{ kind: 'no-requests', hosts: ['nobody.shop.svc.cluster.local'] }])
  assert.deepEqual(
    figures.versions.map(({ rps }) => rps),
    [undefined, undefined],
  )
})

real('a window is never shorter than two scrape intervals', async world => {
  const figures = await world.figures(measuredService('catalog'), 5)
  assert.equal(figures.window, 30)
  near(version(figures, 'v1').rps, 90)
})

real('a trend has a point for each minute of the last quarter of an hour', async world => {
  const { trend = [] } = version(await world.figures(measuredService('catalog')), 'v1')
  assert.equal(trend.length, 15)
  for (const rps of trend) near(rps ?? undefined, 90)
})

real('label values are taken literally, alone and among others, whatever is in them', async world => {
  const host = `${odd}.shop.svc.cluster.local`
  for (const values of [[host], [host, 'another']]) {
    const query = `sum(rate(istio_requests_total{${isOneOf('destination_service', values)}}[60s]))`
    const { data, failure } = await world.client.instant(query)
    assert.equal(failure, undefined)
    near(data?.[0]?.points[0]![1], 2)
  }
})

real('a query that Prometheus refuses is a failure with its words', async ({ client }) => {
  const { failure } = await client.instant('rate(')
  assert.equal(failure?.reason, 'rejected')
  assert.match(failure.message, /parse error/)
})

real('what has no series at all is an answer without data, and no number too', async ({ client }) => {
  assert.deepEqual((await client.instant('istio_nothing_total')).data, [])
  const [series] = (await client.instant('vector(0) / vector(0)')).data!
  assert.ok(Number.isNaN(series!.points[0]![1]))
})
