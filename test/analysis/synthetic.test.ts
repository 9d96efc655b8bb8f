import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { syntheticService } from '../../shared/analysis/synthetic/synthetic-service.ts'
import { usualBehaviour, type SyntheticTraffic } from '../../shared/analysis/synthetic/synthetic-traffic.ts'
import { quantileOf } from '../../shared/metrics/quantile.ts'

const traffic: SyntheticTraffic = {
  seed: 3,
  rps: () => 1000,
  version: () => ({ ...usualBehaviour, failures: 0.1 }),
  stable: () => usualBehaviour,
}

test('made-up requests follow the share, the failures and the durations that are asked for', () => {
  const service = syntheticService(traffic)
  service.advance(300, 20)
  const { version, stable } = service.countedOver(300)
  assert.ok(Math.abs(version.requests - 60_000) < 1500 && Math.abs(stable.requests - 240_000) < 3000)
  assert.ok(Math.abs(version.failures / version.requests - 0.1) < 0.01)
  const p99 = quantileOf(
    0.99,
    stable.buckets.map(({ le, count }) => ({ le, rate: count })),
  )!
  assert.ok(p99 > 290 && p99 < 400, `${p99}`)
  assert.equal(stable.buckets.at(-1)?.count, stable.requests)
})

test('the same seed gives the same measurements', () => {
  const [one, other] = [syntheticService(traffic), syntheticService(traffic)]
  for (const service of [one, other]) service.advance(90, 10)
  for (const metric of ['request-success-rate:min=99', 'request-duration:max=500'].map(parseMetric))
    assert.deepEqual(one.measurement(metric, 0), other.measurement(metric, 0))
})

test('a measurement is of the step alone, and of the whole of a long one, too', () => {
  const service = syntheticService(traffic)
  service.advance(300, 10)
  service.advance(600, 50)
  const found = service.measurement(parseMetric('request-success-rate:min=99:1m'), 300)
  assert.ok(found.kind === 'requests')
  assert.deepEqual(
    found.windows.map(({ seconds }) => seconds),
    [60, 300],
  )
  for (const { seconds, pairs } of found.windows) {
    const { version, stable } = pairs[0]!
    assert.ok(Math.abs(version.requests / (500 * seconds) - 1) < 0.1)
    assert.ok(Math.abs(stable!.requests / version.requests - 1) < 0.1)
  }
})

test('a version that gets everything is measured alone', () => {
  const service = syntheticService(traffic)
  service.advance(60, 100)
  const found = service.measurement(parseMetric('request-duration'), 0)
  assert.ok(found.kind === 'durations' && found.isAlone)
})
