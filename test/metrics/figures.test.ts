import assert from 'node:assert/strict'
import test from 'node:test'
import { assembled } from '../../shared/metrics/assemble.ts'
import { figuresOf } from '../../shared/metrics/figures.ts'
import type { PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'
import type { PrometheusSeries } from '../../shared/metrics/prometheus/prometheus-api.ts'
import { quantileOf } from '../../shared/metrics/quantile.ts'
import { readScrapeInterval } from '../../shared/metrics/scrape-interval.ts'
import { trendOf, trendRange } from '../../shared/metrics/trend.ts'
import { identitiesOf } from '../../shared/metrics/version-of-series.ts'
import { measuredService } from './measured-service.ts'

const catalog = measuredService('catalog')

const series = (labels: Readonly<Record<string, string>>, rate: number): PrometheusSeries => ({
  labels: {
    reporter: 'source',
    destination_workload_namespace: 'shop',
    response_code: '200',
    response_flags: '-',
    ...labels,
  },
  points: [[0, rate]],
})

const v1 = { destination_version: 'v1', destination_workload: 'catalog-v1' }
const v2 = { destination_version: 'v2', destination_workload: 'catalog-v2' }
const pods = { reporter: 'destination' }
const nowhere = { destination_workload: 'unknown', response_code: '503' }

const figures = (
  requests: readonly PrometheusSeries[],
  more: Partial<Parameters<typeof assembled>[1]> = {},
) => assembled(catalog, { window: 60, requests, durations: [], unrouted: [], ...more })

test('failures of one kind are one, with their flags and gRPC code by name, the most frequent first', () => {
  const { failures, rps, requests, success } = figuresOf(
    [
      { code: '200', grpc: '', flags: '-', rate: 6 },
      { code: '503', grpc: '', flags: 'UH', rate: 0.5 },
      { code: '503', grpc: '', flags: 'UH', rate: 0.5 },
      { code: '200', grpc: '14', flags: '', rate: 2 },
      { code: '500', grpc: '', flags: '-', rate: 0 },
      { code: '404', grpc: '', flags: '-', rate: 1 },
      { code: '503', grpc: '', flags: '-', rate: Number.NaN },
    ],
    [],
    60,
  )
  assert.deepEqual(failures, [
    { code: '200', grpc: 'UNAVAILABLE', rps: 2 },
    { code: '503', flags: 'UH', rps: 1 },
  ])
  assert.deepEqual([rps, requests, success], [10, 600, 70])
})

test('the order of the buckets does not matter', () => {
  const buckets = [
    { le: 100, rate: 10 },
    { le: 50, rate: 4 },
    { le: Infinity, rate: 10 },
  ]
  assert.equal(quantileOf(0.5, buckets), quantileOf(0.5, buckets.toReversed()))
})

test('a version of which callers report nothing has the figures of its pods, and no share', () => {
  const { reporter, versions, notes } = figures([
    series(v1, 9),
    series({ ...v1, ...pods }, 9),
    series({ ...v2, ...pods }, 3),
  ])
  assert.equal(reporter, 'source')
  const [first, second] = versions
  assert.deepEqual([first!.reporter, first!.rps, first!.share], ['source', 9, 100])
  assert.deepEqual([second!.reporter, second!.rps, second!.share], ['destination', 3, undefined])
  assert.deepEqual(notes, [{ kind: 'pods-only', versions: ['v2'] }])
})

test('a version without requests beside one with some is named, and both in nothing are one note', () => {
  assert.deepEqual(figures([series(v1, 9)]).notes, [{ kind: 'no-requests-to', versions: ['v2'] }])
  assert.deepEqual(
    figures([]).notes.map(({ kind }) => kind),
    ['no-requests'],
  )
})

test('what reached no pod is of no version; the field is left out where nothing was lost', () => {
  const { noPod } = figures([series(v1, 9), series(nowhere, 1)])
  assert.deepEqual(noPod, {
    rps: 1,
    requests: 60,
    success: 0,
    share: 10,
    failures: [{ code: '503', rps: 1 }],
  })
  assert.ok(!('noPod' in figures([series(v1, 9)])))
})

test('what was sent nowhere has no reporter, and counts as reported by callers', () => {
  const unrouted: PrometheusSeries = {
    labels: { response_code: '503', response_flags: 'NC' },
    points: [[0, 1]],
  }
  const { reporter, noPod, versions } = figures([series(v1, 9)], { unrouted: [unrouted] })
  assert.deepEqual([reporter, noPod?.rps, versions[0]!.share], ['source', 1, 90])
})

test('requests of other pods name each workload once, and failures of several kinds of them are added up', () => {
  const old = { destination_version: 'v0', destination_workload: 'catalog-old' }
  const { other } = figures([
    series(v1, 6),
    series(old, 2),
    series({ ...old, response_code: '500' }, 1),
    series({ ...old, response_code: '500', response_flags: 'UC' }, 1),
  ])
  assert.deepEqual(other?.workloads, ['shop/catalog-old'])
  assert.deepEqual([other?.rps, other?.success, other?.share], [4, 50, 40])
  assert.equal(other?.failures.length, 2)
})

test('durations belong to the version and the reporter of their labels', () => {
  const bucket = (labels: Readonly<Record<string, string>>, le: string, rate: number): PrometheusSeries => ({
    labels: { ...series(labels, 0).labels, le },
    points: [[0, rate]],
  })
  const { versions } = figures([series(v1, 9), series(v2, 1)], {
    durations: [
      bucket(v1, '10', 9),
      bucket(v1, '100', 9),
      bucket(v1, '+Inf', 9),
      bucket(v2, '10', 0),
      bucket(v2, '100', 1),
      bucket(v2, '+Inf', 1),
      bucket(v2, 'no number', 1),
    ],
  })
  assert.deepEqual(
    versions.map(({ p50 }) => p50),
    [5, 55],
  )
})

test('a trend ends now and has a point for each of the last 15 minutes', () => {
  const range = trendRange(1_800_000_000_500)
  assert.deepEqual(range, { start: 1_800_000_000 - 14 * 60, end: 1_800_000_000, step: 60 })
  const at = (labels: Readonly<Record<string, string>>, value: number): PrometheusSeries => ({
    labels: series(labels, 0).labels,
    points: [[range.end, value]],
  })
  const trend = trendOf(identitiesOf(catalog), [at(v1, 9), at({ ...v1, ...pods }, 5), at(v2, 1)], {
    version: 'v1',
    reporter: 'source',
    range,
  })
  assert.equal(trend.length, 15)
  assert.deepEqual(trend.slice(-2), [null, 9])
})

/** A server with so many scrapes in the counted time, or none, and this configuration, or none. */
const server = (scrapes: number | undefined, yaml: string | undefined): PrometheusClient =>
  ({
    name: 'prometheus',
    instant: () =>
      Promise.resolve({
        data: scrapes === undefined ? [] : [{ labels: {}, points: [[0, scrapes]] }],
        warnings: [],
      }),
    config: () =>
      Promise.resolve(
        yaml === undefined
          ? { failure: { reason: 'not-prometheus', message: 'none' }, warnings: [] }
          : { data: yaml, warnings: [] },
      ),
  }) as unknown as PrometheusClient

test('the scrape interval is counted on the series, else configured, else assumed', async () => {
  const configured = 'global:\n  scrape_interval: 30s\n'
  for (const [scrapes, yaml, seconds, from] of [
    [20, configured, 15, 'series'],
    [1, configured, 300, 'series'],
    [0, configured, 30, 'configuration'],
    [undefined, configured, 30, 'configuration'],
    [undefined, undefined, 15, 'assumed'],
    [undefined, 'global: {}\n', 15, 'assumed'],
    [200, undefined, 1.5, 'series'],
    [7, undefined, 43, 'series'],
  ] as const)
    assert.deepEqual(await readScrapeInterval(server(scrapes, yaml), ['catalog']), { seconds, from })
})
