import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Measurement } from '../../shared/analysis/measurement.ts'
import { measure, type MeasuredRollout } from '../../shared/analysis/measure.ts'
import { metricOf } from '../../shared/analysis/metric-fields.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { windowsOf } from '../../shared/analysis/measuring/windows.ts'
import { measuredService, versionRead } from '../metrics/measured-service.ts'
import { counted, madeUpPrometheus, type MadeUpSeries } from './made-up-prometheus.ts'

const now = new Date('2026-11-29T10:00:00Z')
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000)
const success = parseMetric('request-success-rate:min=99:1m')
const duration = parseMetric('request-duration:max=500:30s')

async function measured(series: MadeUpSeries, asked: Partial<MeasuredRollout> = {}): Promise<Measurement> {
  const [found] = await measure(madeUpPrometheus(series).client, {
    reading: measuredService('catalog'),
    version: 'v2',
    stable: 'v1',
    metrics: [success],
    scrapeInterval: { seconds: 15 },
    since: ago(60),
    now,
    ...asked,
  })
  return found!
}

const pairsOf = (measurement: Measurement, window = 0) => {
  assert.equal(measurement.kind, 'requests')
  return measurement.kind === 'requests' ? measurement.windows[window]!.pairs : []
}

const v1 = { destination_version: 'v1', destination_workload: 'catalog-v1' }
const v2 = { destination_version: 'v2', destination_workload: 'catalog-v2' }
const noPod = {
  destination_version: 'unknown',
  destination_workload: 'unknown',
  response_code: '503',
  response_flags: 'UH',
}

test('requests and failures of both versions are counted by clients and by pods', async () => {
  const found = await measured({
    requests: () => [
      counted(900.2, v1),
      counted(90, v2),
      counted(6.6, { ...v2, response_code: '500' }),
      counted(3.4, { ...v2, response_code: '503', response_flags: 'UF' }),
      counted(5, { ...v2, response_code: '404' }),
      counted(97, { ...v2, reporter: 'destination' }),
      counted(6.6, { ...v2, reporter: 'destination', response_code: '500' }),
    ],
  })
  assert.deepEqual(pairsOf(found), [
    {
      countedBy: 'clients',
      version: { requests: 105, failures: 10 },
      stable: { requests: 900, failures: 0 },
    },
    { countedBy: 'pods', version: { requests: 104, failures: 7 } },
  ])
})

test('a gRPC code of a server’s fault is a failure with HTTP 200', async () => {
  const found = await measured({
    requests: () =>
      ['0', '5', '14'].map(code =>
        counted(10, { ...v2, grpc_response_status: code, request_protocol: 'grpc' }),
      ),
  })
  assert.deepEqual(pairsOf(found)[0]?.version, { requests: 30, failures: 10 })
})

test('copies of requests count with the pods alone, as only these report them', async () => {
  const found = await measured({
    requests: () => [counted(100, v1), counted(100, { ...v2, reporter: 'destination' })],
  })
  assert.deepEqual(
    pairsOf(found).map(({ countedBy }) => countedBy),
    ['pods'],
  )
})

test('a waypoint counts for the clients where no caller does, by revision without a version', async () => {
  const found = await measured({
    requests: () =>
      ['v1', 'v2'].map(version =>
        counted(50, {
          reporter: 'waypoint',
          destination_canonical_revision: version,
          destination_workload: `catalog-${version}`,
        }),
      ),
  })
  assert.deepEqual(pairsOf(found), [
    { countedBy: 'clients', version: { requests: 50, failures: 0 }, stable: { requests: 50, failures: 0 } },
  ])
})

const withReady = (ready: Readonly<Record<string, number>>) =>
  measuredService(
    'catalog',
    ['v1', 'v2'].map(name => {
      const version = versionRead('catalog', name)
      return { ...version, workloads: version.workloads.map(one => ({ ...one, ready: ready[name]! })) }
    }),
  )

test('requests that reach no pod are those of the version that has no ready pod', async () => {
  const requests = () => [counted(900, v1), counted(40, v2), counted(60, noPod)]
  const of = async (ready: Readonly<Record<string, number>>) =>
    pairsOf(await measured({ requests }, { reading: withReady(ready) }))[0]
  assert.deepEqual((await of({ v1: 3, v2: 0 }))?.version, { requests: 100, failures: 60, noPod: 60 })
  assert.deepEqual((await of({ v1: 0, v2: 1 }))?.version, { requests: 40, failures: 0 })
})

test('requests that reach no pod are those of the version that lacks them by its share', async () => {
  const share10 = (own: number, theirs: number) =>
    measured({ requests: () => [counted(theirs, v1), counted(own, v2), counted(60, noPod)] }, { share: 10 })
  const [lacking, whole] = [await share10(40, 900), await share10(100, 840)]
  assert.deepEqual(pairsOf(lacking)[0]?.version, { requests: 100, failures: 60, noPod: 60 })
  assert.deepEqual(pairsOf(whole)[0]?.version, { requests: 100, failures: 0 })
  // A few of many may be anybody's: both have their part.
  const few = await measured(
    { requests: () => [counted(8990, v1), counted(1000, v2), counted(10, noPod)] },
    { share: 10 },
  )
  assert.deepEqual(pairsOf(few)[0], {
    countedBy: 'clients',
    version: { requests: 1001, failures: 1, noPod: 1 },
    stable: { requests: 8999, failures: 9, noPod: 9 },
  })
})

test('a route that leads to no cluster counts by the name that callers wrote, and no other host does', async () => {
  const nowhere = (host: string) =>
    counted(30, {
      ...noPod,
      response_flags: 'NC',
      destination_service: host,
      source_workload_namespace: 'shop',
    })
  const found = await measured(
    {
      requests: () => [counted(900, v1), counted(70, v2)],
      unrouted: () => [nowhere('catalog:8080'), nowhere('elsewhere')],
    },
    { share: 10 },
  )
  assert.deepEqual(pairsOf(found)[0]?.version, { requests: 100, failures: 30, noPod: 30 })
})

test('durations are whole histograms in order, and do not fall', async () => {
  const bucket = (le: string, count: number, more = {}) => counted(count, { ...v2, le, ...more })
  const found = await measured(
    {
      durations: () => [
        bucket('+Inf', 100.4),
        bucket('25', 60.2),
        bucket('100', 60.1),
        bucket('25', 20, { destination_workload: 'catalog-v2-b' }),
        bucket('100', 20, { destination_workload: 'catalog-v2-b' }),
        bucket('+Inf', 20, { destination_workload: 'catalog-v2-b' }),
      ],
    },
    { metrics: [duration] },
  )
  assert.ok(found.kind === 'durations')
  assert.deepEqual(found.windows[0]!.pairs, [
    {
      countedBy: 'clients',
      version: {
        buckets: [
          { le: 25, count: 80 },
          { le: 100, count: 80 },
          { le: Infinity, count: 120 },
        ],
      },
    },
  ])
})

test('a window does not reach into the step before, and is never shorter than two scrape intervals', () => {
  const windows = (wanted: number, elapsed: number, scrape = 15) =>
    windowsOf({ window: wanted }, { scrapeInterval: { seconds: scrape }, since: ago(elapsed), now })
  assert.deepEqual(windows(60, 45), [45])
  assert.deepEqual(windows(60, 5), [30])
  assert.deepEqual(windows(10, 45), [30, 45])
  assert.deepEqual(windows(60, 300), [60, 300])
  assert.deepEqual(windows(60, 70), [60])
  assert.deepEqual(windows(60, 45, 60), [120])
  assert.deepEqual(windows(60, 86_400), [60, 3600])
  assert.deepEqual(windows(60, -10), [30])
})

test('a long step is measured whole, too', async () => {
  const { client, asked } = madeUpPrometheus({ requests: window => [counted(window, v2)] })
  const [found] = await measure(client, {
    reading: measuredService('catalog'),
    version: 'v2',
    stable: 'v1',
    metrics: [success, parseMetric('request-success-rate:min=90:1m')],
    scrapeInterval: { seconds: 15 },
    since: ago(300),
    now,
  })
  assert.deepEqual(
    [0, 1].map(window => pairsOf(found!, window)[0]?.version.requests),
    [60, 300],
  )
  assert.equal(asked.length, 4)
})

test('a metric that has nothing says why, and one whose server fails says what it said', async () => {
  const nothing = await measured({ requests: () => [counted(900, v1)] })
  assert.deepEqual(nothing, {
    kind: 'nothing',
    detail: 'no request of v2 to catalog.shop.svc.cluster.local was recorded',
  })
  assert.deepEqual(await measured({ query: () => [] }), {
    kind: 'nothing',
    detail: 'the server has no istio_requests_total at all',
  })
  const failure = { reason: 'unreachable', message: 'connect ECONNREFUSED' } as const
  assert.deepEqual(await measured({ failure: () => failure, warnings: ['half of the data'] }), {
    kind: 'failed',
    detail: 'connect ECONNREFUSED',
    warnings: ['half of the data'],
  })
  const unrouted = await measured({
    requests: () => [counted(900, v1), counted(100, v2)],
    failure: query => (query.includes('response_flags=~') ? failure : undefined),
  })
  assert.deepEqual([unrouted.kind, unrouted.warnings?.length], ['requests', 1])
})

test('a failure of the long window alone leaves the recent one to decide', async () => {
  const found = await measured(
    {
      requests: () => [counted(100, v2)],
      failure: query => (query.includes('[315s]') ? { reason: 'timeout', message: 'too slow' } : undefined),
    },
    { since: ago(300) },
  )
  assert.ok(found.kind === 'requests' && found.windows.length === 1)
})

test('a query is asked for the version and for stable with its words filled in', async () => {
  const query = 'sum(rate(errors{ns="{{ namespace }}",svc="{{service}}",v="{{ version }}"}[{{ interval }}]))'
  const value = (n: number) => [{ labels: {}, points: [[0, n]] as const }]
  const { client, asked } = madeUpPrometheus({ query: text => value(text.includes('v="v2"') ? 3 : 1) })
  const asking = {
    reading: measuredService('catalog'),
    version: 'v2',
    stable: 'v1',
    scrapeInterval: { seconds: 15 },
    since: ago(45),
    now,
  } as const
  const metrics = [
    metricOf({ name: 'errors', query, max: 2 }),
    metricOf({ name: 'up', query: 'sum(up)', min: 1 }),
  ]
  assert.deepEqual(await measure(client, { ...asking, metrics }), [
    { kind: 'value', value: 3, baseline: 1 },
    { kind: 'value', value: 1 },
  ])
  assert.deepEqual(asked, [
    'sum(rate(errors{ns="shop",svc="catalog",v="v2"}[45s]))',
    'sum(rate(errors{ns="shop",svc="catalog",v="v1"}[45s]))',
    'sum(up)',
  ])
})

test('a query that gives no series, no number or several is no value', async () => {
  const metrics = [metricOf({ name: 'errors', query: 'errors', max: 2 })]
  const given = (...values: readonly number[]) =>
    measured({ query: () => values.map(value => ({ labels: {}, points: [[0, value]] })) }, { metrics })
  assert.deepEqual(
    [
      (await given()).kind,
      (await given(Number.NaN)).kind,
      (await given(1, 2)).kind,
      (await given(Infinity)).kind,
    ],
    ['nothing', 'nothing', 'failed', 'failed'],
  )
})

test('what is not in Prometheus is measured by who is asked for it', async () => {
  const metrics = [parseMetric('pod-failures')]
  assert.equal((await measured({}, { metrics })).kind, 'failed')
  const found = await measured({}, { metrics, elsewhere: async () => ({ kind: 'value', value: 2 }) })
  assert.deepEqual(found, { kind: 'value', value: 2 })
})

test('an interruption is passed on', async () => {
  const { client } = madeUpPrometheus({})
  const stopped = { ...client, instant: () => Promise.reject(new Error('interrupted')) }
  await assert.rejects(
    measure(stopped, {
      reading: measuredService('catalog'),
      version: 'v2',
      stable: 'v1',
      metrics: [success],
      scrapeInterval: { seconds: 15 },
      since: ago(45),
      now,
    }),
    /interrupted/,
  )
})
