import assert from 'node:assert/strict'
import test from 'node:test'
import { assembled } from '../../shared/metrics/assemble.ts'
import type { PrometheusSeries } from '../../shared/metrics/prometheus/prometheus-api.ts'
import { identitiesOf } from '../../shared/metrics/version-of-series.ts'
import { trendOf } from '../../shared/metrics/trend.ts'
import { fc } from '../properties.ts'
import { measuredService, versionRead } from './measured-service.ts'

const catalog = measuredService('catalog')

const series = (labels: Readonly<Record<string, string>>, rate: number): PrometheusSeries => ({
  labels: {
    reporter: 'source',
    destination_service: 'catalog.shop.svc.cluster.local',
    destination_workload_namespace: 'shop',
    response_code: '200',
    response_flags: '-',
    ...labels,
  },
  points: [[0, rate]],
})
const figures = (...requests: readonly PrometheusSeries[]) =>
  assembled(catalog, { window: 60, requests, durations: [], unrouted: [] })

const anySeries = fc
  .record({
    reporter: fc.constantFrom('source', 'destination', 'waypoint'),
    destination_version: fc.constantFrom('v1', 'v2', 'v3', 'unknown', ''),
    destination_canonical_revision: fc.constantFrom('v1', 'v2', 'latest', ''),
    destination_workload: fc.constantFrom('catalog-v1', 'catalog-v2', 'other', 'unknown', ''),
    response_code: fc.constantFrom('200', '404', '500', '503', '0'),
    grpc_response_status: fc.constantFrom('', '0', '5', '14'),
  })
  .chain(labels =>
    fc
      .oneof(fc.double({ min: 0, max: 1000, noNaN: true }), fc.constantFrom(Number.NaN, Infinity, 0))
      .map(rate => series(labels, rate)),
  )

test('whatever is reported, the shares add up to all requests, and success lies between 0 and 100', () => {
  fc.assert(
    fc.property(fc.array(anySeries, { maxLength: 12 }), some => {
      const { versions, noPod, other } = figures(...some)
      const all = [...versions, noPod, other].flatMap(one => one ?? [])
      const shares = all.flatMap(({ share }) => share ?? [])
      const sum = shares.reduce((before, share) => before + share, 0)
      assert.ok(shares.length === 0 || Math.abs(sum - 100) < 0.01, `${sum}`)
      for (const { rps, success } of all) {
        assert.ok(rps === undefined || Number.isFinite(rps))
        assert.equal(success === undefined, rps === undefined || rps === 0)
        assert.ok(success === undefined || (success >= 0 && success <= 100))
      }
    }),
  )
})

test('the order of the series does not matter', () => {
  fc.assert(
    fc.property(fc.array(anySeries, { maxLength: 8 }), some => {
      const [one, other] = [figures(...some), figures(...some.toReversed())]
      assert.equal(one.reporter, other.reporter)
      for (const [i, version] of one.versions.entries())
        assert.ok(Math.abs((version.rps ?? 0) - (other.versions[i]!.rps ?? 0)) < 0.01, version.version)
    }),
  )
})

test('a sum of rates that is not exact counts no failure where nothing failed', () => {
  const { versions } = figures(
    series({ destination_version: 'v1' }, 0.1),
    series({ destination_version: 'v1', response_code: '404' }, 0.2),
  )
  assert.equal(versions[0]!.success, 100)
})

test('callers decide over a waypoint that has fewer of the requests, and a waypoint over callers that know no version', () => {
  const known = { destination_version: 'v1' }
  const unknown = { destination_version: 'unknown', destination_workload: 'waypoint' }
  const waypoint = (rate: number) => series({ ...known, reporter: 'waypoint' }, rate)
  assert.equal(figures(series(known, 5), waypoint(1)).reporter, 'source')
  assert.equal(figures(series(unknown, 5), waypoint(5)).reporter, 'waypoint')
})

test('where only pods report, shares are of what they report', () => {
  const { reporter, versions, notes } = figures(
    series({ reporter: 'destination', destination_version: 'v1' }, 3),
    series({ reporter: 'destination', destination_version: 'v2' }, 1),
  )
  assert.deepEqual([reporter, ...versions.map(({ share }) => share)], ['destination', 75, 25])
  assert.deepEqual(notes, [])
})

test('an answer of a pod whose proxy tells nothing of itself is one of other pods', () => {
  const { other, noPod } = figures(
    series({ destination_version: 'unknown', destination_workload: 'unknown' }, 2),
  )
  assert.deepEqual([other?.rps, noPod], [2, undefined])
})

test('versions that metrics cannot tell apart have no data, and the requests are those of other pods', () => {
  const alike = measuredService(
    'catalog',
    ['a', 'b'].map(name => ({
      ...versionRead('catalog', name, { app: 'catalog', version: 'v1' }),
      workloads: [
        { kind: 'Rollout', name: 'catalog', ready: 1, wanted: 1, labels: { app: 'catalog', version: 'v1' } },
      ],
    })),
  )
  const { versions, other, notes } = assembled(alike, {
    window: 60,
    requests: [series({ destination_version: 'v1', destination_workload: 'catalog' }, 7)],
    durations: [],
    unrouted: [],
  })
  assert.deepEqual(
    versions.map(({ rps }) => rps),
    [undefined, undefined],
  )
  assert.equal(other?.rps, 7)
  assert.deepEqual(notes, [{ kind: 'indistinguishable', versions: ['a', 'b'] }])
})

test('a trend has null where there is no data, and adds the workloads of a version up', () => {
  const some = [
    {
      ...series({ destination_version: 'v1' }, 0),
      points: [
        [60, 1],
        [180, 2],
      ] as const,
    },
    {
      ...series({ destination_version: 'v1', destination_workload: 'more' }, 0),
      points: [
        [180, 3],
        [240, NaN],
      ] as const,
    },
  ]
  assert.deepEqual(
    trendOf(identitiesOf(catalog), some, {
      version: 'v1',
      reporter: 'source',
      range: { start: 60, end: 240, step: 60 },
    }),
    [1, null, 5, null],
  )
})
