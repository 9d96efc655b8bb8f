import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import { judge } from '../../shared/analysis/judge.ts'
import { measure, type MeasuredRollout } from '../../shared/analysis/measure.ts'
import { metricOf } from '../../shared/analysis/metric-fields.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { hostsOf } from '../../shared/metrics/queries.ts'
import { readScrapeInterval } from '../../shared/metrics/scrape-interval.ts'
import { directClient } from '../metrics/direct-source.ts'
import { labelsOf, noPod, startExporter, toVersion, type Flow } from '../metrics/exporter.ts'
import { measuredService } from '../metrics/measured-service.ts'
import { prometheusTests, startPrometheus } from '../metrics/prometheus.ts'

/** The flows of one service, by who counts them; each service is one case. */
const flowsOf = (
  service: string,
  flows: readonly (Omit<Flow, 'labels'> & {
    readonly to: string
    readonly by?: 'source' | 'destination'
    readonly labels?: Flow['labels']
  })[],
): readonly Flow[] =>
  flows.map(({ to, by = 'source', labels, ...flow }) => ({
    ...flow,
    labels: labelsOf(by, {
      destination_service: `${service}.shop.svc.cluster.local`,
      destination_service_name: service,
      ...toVersion(to),
      destination_workload: `${service}-${to}`,
      ...labels,
    }),
  }))

const failed = { response_code: '500' }
const slow = { 250: 0, 500: 1000 }

const flows: readonly Flow[] = [
  ...flowsOf('good', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 10 },
    { to: 'v2', rps: 10, by: 'destination' },
  ]),
  ...flowsOf('bad', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 9.5 },
    { to: 'v2', rps: 0.5, labels: failed },
  ]),
  ...flowsOf('slow', [
    { to: 'v1', rps: 90, durations: { 25: 0, 100: 1000 } },
    { to: 'v2', rps: 10, durations: slow },
  ]),
  // a tenth of the requests in the last minute, before that none
  ...flowsOf('burning', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 9 },
    { to: 'v2', rps: age => (age >= -75 ? 1 : 0), labels: failed },
  ]),
  ...flowsOf('both', [
    { to: 'v1', rps: 80 },
    { to: 'v1', rps: 10, labels: failed },
    { to: 'v2', rps: 8.8 },
    { to: 'v2', rps: 1.2, labels: failed },
  ]),
  ...flowsOf('rare', [
    { to: 'v1', rps: 49.5 },
    { to: 'v2', rps: 0.5 },
  ]),
  // callers find no pod of v2 for half of its requests, and its pods never see these
  ...flowsOf('podless', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 5 },
    { to: 'v2', rps: 5, by: 'destination' },
    { to: 'v1', rps: 5, labels: { ...noPod, response_code: '503', response_flags: 'UH' } },
  ]),
  ...flowsOf('grpc', [
    { to: 'v1', rps: 90, labels: { request_protocol: 'grpc', grpc_response_status: '0' } },
    { to: 'v2', rps: 8, labels: { request_protocol: 'grpc', grpc_response_status: '0' } },
    { to: 'v2', rps: 2, labels: { request_protocol: 'grpc', grpc_response_status: '14' } },
  ]),
  // the first failures of a proxy that was scraped before: a series that is new
  ...flowsOf('first', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 10 },
    { to: 'v2', rps: 0, labels: failed, begun: { age: 30, count: 40 } },
  ]),
  // one scrape found nothing of its proxies
  ...flowsOf('gap', [
    { to: 'v1', rps: 90, missed: age => age > 15 && age <= 30 },
    { to: 'v2', rps: 10, missed: age => age > 15 && age <= 30 },
  ]),
  ...flowsOf('idle', [
    { to: 'v1', rps: 90 },
    { to: 'v2', rps: 0 },
  ]),
]

const success = parseMetric('request-success-rate:min=99:1m')
const duration = parseMetric('request-duration:max=500:30s')
const settings = { minRequests: 50, confidence: 0.95 }

interface World {
  readonly check: (service: string, asked?: Partial<MeasuredRollout>) => Promise<MetricCheck>
}

const running = new AsyncDisposableStack()
after(() => running.disposeAsync())
const real = prometheusTests(start)

async function start(): Promise<World> {
  const exporter = running.use(await startExporter(flows))
  const { url } = running.use(await startPrometheus(exporter))
  const client = directClient(url)
  return {
    check: async (service, asked = {}) => {
      const reading = measuredService(service)
      const scrapeInterval = await readScrapeInterval(client, hostsOf(reading.service))
      assert.ok('seconds' in scrapeInterval, JSON.stringify(scrapeInterval))
      const now = new Date()
      const metrics = asked.metrics ?? [success]
      const [measurement] = await measure(client, {
        reading,
        version: 'v2',
        stable: 'v1',
        metrics,
        scrapeInterval,
        since: new Date(now.getTime() - 60_000),
        now,
        share: 10,
        ...asked,
      })
      return judge(metrics[0]!, measurement!, settings)
    },
  }
}

const verdict = ({ verdict, reason }: MetricCheck): string => `${verdict} ${reason}`

const near = (actual: number | undefined, expected: number, part = 0.03): void =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= part * expected,
    `${actual} is not near ${expected}`,
  )

real('a good version passes, with the numbers of requests that the exporter made', async ({ check }) => {
  const found = await check('good')
  assert.equal(verdict(found), 'pass in-range')
  near(found.requests?.version, 600)
  near(found.requests?.stable, 5400)
  assert.deepEqual([found.value, found.baseline, found.window], [100, 100, 60])
})

real('one that fails for five of a hundred is found', async ({ check }) => {
  const found = await check('bad')
  assert.equal(verdict(found), 'fail below-min')
  near(found.value, 95, 0.005)
})

real(
  'one that is slow alone is found by its limit, and by the comparison without a limit',
  async ({ check }) => {
    assert.equal(verdict(await check('slow')), 'pass in-range')
    const within = await check('slow', { metrics: [duration] })
    assert.equal(verdict(within), 'fail worse-than-stable')
    near(within.value, 497.5)
    near(within.baseline, 99.25)
    assert.equal(
      verdict(await check('slow', { metrics: [parseMetric('request-duration:max=400')] })),
      'fail above-max',
    )
    assert.equal(
      verdict(await check('good', { metrics: [parseMetric('request-duration')] })),
      'pass in-range',
    )
  },
)

real(
  'one that became bad in the last minute is found, also in a long step that was good',
  async ({ check }) => {
    const since = new Date(Date.now() - 900_000)
    assert.equal(verdict(await check('burning', { since })), 'fail below-min')
  },
)

real('what stable suffers from, too, is not the fault of the version', async ({ check }) => {
  assert.equal(verdict(await check('both')), 'no-data stable-out-of-range')
})

real(
  'one percent of the requests is too few for a minute, and enough for a step of five',
  async ({ check }) => {
    assert.equal(verdict(await check('rare', { share: 1 })), 'no-data too-few-requests')
    const found = await check('rare', { share: 1, since: new Date(Date.now() - 300_000) })
    assert.equal(verdict(found), 'pass in-range')
    near(found.requests?.version, 150)
  },
)

real(
  'failures that only callers see are counted with the version that lacks the requests',
  async ({ check }) => {
    const found = await check('podless')
    assert.deepEqual([verdict(found), found.countedBy], ['fail below-min', 'clients'])
    near(found.value, 50, 0.05)
  },
)

real('gRPC codes of a server’s fault are failures', async ({ check }) => {
  const found = await check('grpc')
  assert.equal(verdict(found), 'fail below-min')
  near(found.value, 80, 0.02)
})

real('the first failures of a version count, though no counter has risen yet', async ({ check }) => {
  const found = await check('first')
  assert.equal(verdict(found), 'fail below-min')
  near(found.value, 93.75, 0.02)
})

real('a scrape that found nothing changes no verdict', async ({ check }) => {
  const found = await check('gap')
  assert.equal(verdict(found), 'pass in-range')
  near(found.requests?.version, 600, 0.3)
})

real('a version without requests has no data, whether it has a series or not', async ({ check }) => {
  assert.equal(verdict(await check('idle')), 'no-data too-few-requests')
  const none = await check('nobody')
  assert.equal(verdict(none), 'no-data no-series')
  assert.match(none.detail ?? '', /no request of v2 to nobody\.shop/)
})

real('a query of one’s own is asked for both versions', async ({ check }) => {
  const query =
    '100 * sum(rate(istio_requests_total{reporter="source",destination_service_name="{{ service }}",destination_version="{{ version }}",response_code="500"}[{{ interval }}])) / sum(rate(istio_requests_total{reporter="source",destination_service_name="{{ service }}",destination_version="{{ version }}"}[{{ interval }}]))'
  const metrics = [metricOf({ name: 'failed', query, max: 2 })]
  const bad = await check('bad', { metrics })
  assert.equal(verdict(bad), 'fail above-max')
  near(bad.value, 5)
  assert.equal(verdict(await check('both', { metrics })), 'no-data stable-out-of-range')
  assert.equal(verdict(await check('good', { metrics })), 'no-data no-series')
})

test('a server that does not answer is no verdict', async () => {
  const now = new Date()
  const [measurement] = await measure(directClient('http://127.0.0.1:1'), {
    reading: measuredService('good'),
    version: 'v2',
    stable: 'v1',
    metrics: [success],
    scrapeInterval: { seconds: 15 },
    since: now,
    now,
  })
  const found = judge(success, measurement!, settings)
  assert.equal(verdict(found), 'no-data source-failed')
  assert.notEqual(found.detail, undefined)
})
