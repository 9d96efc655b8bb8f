import assert from 'node:assert/strict'
import { it } from 'node:test'
import { metricOf } from '../../shared/analysis/metric-fields.ts'
import { defaultMetrics, parseMetric } from '../../shared/analysis/parse-metric.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { fc } from '../properties.ts'

const refused = (parse: () => unknown, message: RegExp, hint = /./): void => {
  assert.throws(parse, (error: unknown) => {
    assert.ok(error instanceof CanaryError && error.code === 'usage')
    assert.match(error.message, message)
    assert.match(error.hints.join('\n'), hint)
    return true
  })
}

it('a metric on the command line has the name, the range and the window of Flagger’s metrics', () => {
  assert.deepEqual(parseMetric('request-success-rate:min=99:1m'), {
    name: 'request-success-rate',
    source: { kind: 'success-rate' },
    min: 99,
    window: 60,
    comparesWithStable: true,
  })
  assert.deepEqual(parseMetric('request-duration:max=500:30s'), {
    name: 'request-duration',
    source: { kind: 'duration', quantile: 0.99 },
    max: 500,
    window: 30,
    comparesWithStable: true,
  })
})

it('a metric on the command line takes a quantile, units and no comparison with stable, in any order', () => {
  const { source, max, window, comparesWithStable } = parseMetric(
    'request-duration:no-baseline:1m30s:quantile=0.95:max=300ms',
  )
  assert.deepEqual(
    [source, max, window, comparesWithStable],
    [{ kind: 'duration', quantile: 0.95 }, 300, 90, false],
  )
  assert.equal(parseMetric('request-success-rate:min=99.5%').min, 99.5)
})

it('a metric on the command line allows no failure of pods unless it says how many', () => {
  assert.equal(parseMetric('pod-failures').max, 0)
  assert.equal(parseMetric('pod-failures:max=2').max, 2)
})

it('a metric on the command line that is wrong is refused with what is allowed', () => {
  for (const [text, message, hint] of [
    ['', /no metric is called ""/, /request-success-rate, request-duration, pod-failures/],
    ['request-sucess-rate:min=99', /no metric is called/, /Did you mean request-success-rate\?/],
    ['request-success-rate:min=ninety', /min=ninety is not a number/, /request-success-rate:min=99:1m/],
    ['request-success-rate:99', /"99" is none of min=N/, /Examples/],
    ['request-success-rate:min=99:min=98', /min twice/, /Examples/],
    ['request-success-rate:1m:30s', /window twice/, /Examples/],
    ['request-success-rate:', /a part is empty/, /Examples/],
    ['request-success-rate:max=99', /takes no max/, /It takes min/],
    ['request-success-rate:min=101', /not a percentage/, /0 to 100/],
    ['request-duration:min=5', /takes no min/, /It takes max/],
    ['request-duration:max=-5', /below 0/, /max=500/],
    ['request-duration:quantile=99', /not between 0 and 1/, /0\.95/],
    ['request-success-rate:quantile=0.9', /takes no quantile/, /request-duration/],
    ['request-duration:max=500:0s', /"0s" .* is not a duration from 1s to 1h/, /30s/],
    ['request-duration:max=500:2h', /is not a duration from 1s to 1h/, /30s/],
    ['request-duration:__proto__=1', /is none of min=N/, /Examples/],
  ] as const)
    refused(() => parseMetric(text), message, hint)
})

it('a metric on the command line is a metric or a usage error, whatever is typed', () => {
  const words = fc.constantFrom('min=99', 'max=5', 'quantile=0.5', '1m', 'no-baseline', 'x', '', '=', 'min=')
  const names = fc.oneof(
    fc.constantFrom('request-success-rate', 'request-duration', 'pod-failures'),
    fc.string(),
  )
  fc.assert(
    fc.property(names, fc.array(fc.oneof(words, fc.string()), { maxLength: 4 }), (name, some) => {
      try {
        const metric = parseMetric([name, ...some].join(':'))
        assert.ok(metric.window >= 1 && metric.window <= 3600)
      } catch (error) {
        assert.ok(error instanceof CanaryError && error.code === 'usage' && error.hints.length > 0)
      }
    }),
  )
})

it('a metric of a plan file has one source of its own, and compares where its query is about a version', () => {
  const query = 'sum(rate(errors{version="{{ version }}"}[{{ interval }}]))'
  assert.deepEqual(metricOf({ name: 'errors', query, max: 2 }), {
    name: 'errors',
    source: { kind: 'query', query },
    max: 2,
    window: 60,
    comparesWithStable: true,
  })
  assert.equal(metricOf({ name: 'orders', query: 'sum(orders)', min: 2 }).comparesWithStable, false)
  assert.deepEqual(metricOf({ name: 'smoke', webhook: 'https://tests/smoke' }).source, {
    kind: 'webhook',
    url: 'https://tests/smoke',
  })
})

/** The least that a Job needs. */
const jobSpec = { template: { spec: { containers: [{ name: 'a', image: 'a' }] } } }

it('a Job of a plan file is kept as it is written, and waited for five minutes unless it says more', () => {
  const labels = { team: 'shop' }
  assert.deepEqual(metricOf({ name: 'smoke', job: { metadata: { labels }, spec: jobSpec } }).source, {
    kind: 'job',
    template: { labels, annotations: {}, spec: jobSpec },
    timeout: 300,
  })
  for (const [timeout, seconds] of [
    ['1s', 1],
    ['1h', 3600],
  ] as const) {
    const { source } = metricOf({ name: 'smoke', job: { spec: jobSpec, timeout } })
    assert.equal(source.kind === 'job' && source.timeout, seconds)
  }
})

it('a Job of a plan file that is wrong is refused', () => {
  refused(() => metricOf({ name: 'smoke', job: {} }), /has no spec/)
  refused(() => metricOf({ name: 'smoke', job: { spec: { template: {} } } }), /has no containers/)
  for (const timeout of ['0s', '61m', 'soon'])
    refused(() => metricOf({ name: 'smoke', job: { spec: jobSpec, timeout } }), /timeout .* of metric smoke/)
  refused(
    () => metricOf({ name: 'smoke', job: { spec: { ...jobSpec, x: 'x'.repeat(33_000) } } }),
    /longer than 32 KiB/,
  )
  refused(() => metricOf({ name: 'smoke', job: { spec: jobSpec }, max: 1 }), /takes no max/)
  refused(() => metricOf({ name: 'pod-failures', job: { spec: jobSpec } }), /takes no job/)
})

it('a metric of a plan file that is wrong is refused', () => {
  refused(() => metricOf({ name: 'errors' }), /has no source/, /a query, a webhook or a job/)
  refused(() => metricOf({ name: 'errors', query: 'x', webhook: 'http://y', max: 1 }), /more than one source/)
  refused(() => metricOf({ name: 'request-duration', query: 'x' }), /is built in and takes no query/)
  refused(() => metricOf({ name: 'errors', query: 'x' }), /neither min nor max/)
  refused(
    () => metricOf({ name: 'errors', query: 'sum(x{a="{{ target }}"})', max: 1 }),
    /has \{\{ target \}\}/,
    /\{\{ namespace \}\}, \{\{ service \}\}/,
  )
  refused(() => metricOf({ name: 'errors', query: 'x', min: 2, max: 1 }), /min=2 .* is above max=1/)
  refused(() => metricOf({ name: 'smoke', webhook: 'http://x', min: 1 }), /takes no min/, /by itself/)
})

it('without a metric the success rate has a limit, and durations are compared with stable alone', () => {
  assert.deepEqual(
    defaultMetrics.map(({ name, min, max, comparesWithStable }) => [name, min, max, comparesWithStable]),
    [
      ['request-success-rate', 99, undefined, true],
      ['request-duration', undefined, undefined, true],
    ],
  )
})
