import assert from 'node:assert/strict'
import test from 'node:test'
import { formatWindow, isOneOf, literal, quoted } from '../../shared/metrics/prometheus/promql.ts'
import { durationsQuery, requestsQuery, trendQuery, unroutedQuery } from '../../shared/metrics/queries.ts'
import { globalIntervalOf, windowOf } from '../../shared/metrics/scrape-interval.ts'
import { anyText, fc } from '../properties.ts'

test('a quoted text is one string of Go with the same content, on one line', () => {
  fc.assert(
    fc.property(anyText(), text => {
      const written = quoted(text)
      assert.match(written, /^"(?:[^"\\\n]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"$/)
      assert.equal(JSON.parse(written), text)
    }),
  )
})

test('half a character is replaced, because Go has no such string', () => {
  assert.equal(quoted('a\ud800b'), '"a\ufffdb"')
})

test('a literal pattern matches its text and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const pattern = new RegExp(`^(?:${literal(text)})$`)
      assert.ok(pattern.test(text))
      assert.equal(pattern.test(other), other === text)
    }),
  )
})

test('one value is compared, several are a pattern of each of them once', () => {
  assert.equal(isOneOf('a', ['x.y', 'x.y']), 'a="x.y"')
  assert.equal(isOneOf('a', ['b', 'x.y', 'b']), String.raw`a=~"b|x\\.y"`)
  assert.throws(() => isOneOf('a', []), TypeError)
})

test('the queries are those of the documentation', () => {
  const host = 'catalog.shop.svc.cluster.local'
  const by =
    'reporter, destination_service, destination_version, destination_canonical_revision, destination_workload, destination_workload_namespace'
  const series = `{reporter=~"destination|source|waypoint", destination_service="${host}"}[60s]`
  assert.equal(
    requestsQuery([host], 60),
    `sum by (${by}, response_code, response_flags, grpc_response_status) (rate(istio_requests_total${series}))`,
  )
  assert.equal(
    durationsQuery([host], 60),
    `sum by (${by}, le) (rate(istio_request_duration_milliseconds_bucket${series}))`,
  )
  assert.equal(trendQuery([host], 60), `sum by (${by}) (rate(istio_requests_total${series}))`)
  assert.equal(
    unroutedQuery([{ name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }], 60),
    String.raw`sum by (destination_service, source_workload_namespace, response_code, response_flags, grpc_response_status) (rate(istio_requests_total{reporter=~"source|waypoint", response_flags=~"(.*,)?NC(,.*)?", destination_service=~"(catalog|catalog\\.shop|catalog\\.shop\\.svc|catalog\\.shop\\.svc\\.cluster\\.local)(:[0-9]+)?"}[60s]))`,
  )
})

test('a window has whole seconds, and at least two scrape intervals', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3600 }), fc.integer({ min: 1, max: 600_000 }), (wanted, ms) => {
      const window = windowOf(wanted, { seconds: ms / 1000 })
      assert.ok(Number.isInteger(window) && window >= wanted && window >= (2 * ms) / 1000)
      assert.ok(window === wanted || window < (2 * ms) / 1000 + 1)
    }),
  )
  assert.equal(formatWindow(1.5), '1500ms')
})

test('the global scrape interval is read from a configuration, and never that of a job', () => {
  const jobs = 'scrape_configs:\n- job_name: slow\n  scrape_interval: 5m\n'
  assert.equal(globalIntervalOf(`global:\n  scrape_interval: 1m30s\n  scrape_timeout: 10s\n${jobs}`), 90)
  assert.equal(globalIntervalOf(`global:\n  evaluation_interval: 1m\n${jobs}`), undefined)
  assert.equal(globalIntervalOf(jobs), undefined)
  assert.equal(globalIntervalOf('global:\n  scrape_interval: 250ms'), 0.25)
})
