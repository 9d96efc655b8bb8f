import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import { judge } from '../../shared/analysis/judge.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { syntheticService } from '../../shared/analysis/synthetic/synthetic-service.ts'
import { usualBehaviour, type Behaviour } from '../../shared/analysis/synthetic/synthetic-traffic.ts'

const settings = { minRequests: 50, confidence: 0.95 }

/** How many of a hundred checks of both metrics fail, where both versions behave so. */
function failedOf(
  behaviour: { readonly version: Behaviour; readonly stable: Behaviour },
  { rps, share }: { readonly rps: number; readonly share: number },
): Readonly<Record<'success' | 'duration', number>> {
  const checks = 400
  const metrics = [parseMetric('request-success-rate:min=99:1m'), parseMetric('request-duration:max=500')]
  const failed = [0, 0]
  for (let seed = 1; seed <= checks; seed++) {
    const service = syntheticService({
      seed,
      rps: () => rps,
      version: () => behaviour.version,
      stable: () => behaviour.stable,
    })
    service.advance(60, share)
    for (const [i, metric] of metrics.entries()) {
      const { verdict }: MetricCheck = judge(metric, service.measurement(metric, 0), settings)
      failed[i]! += verdict === 'fail' ? 100 / checks : 0
    }
  }
  return { success: failed[0]!, duration: failed[1]! }
}

/** The tail of the interval, and two standard deviations of as many checks. */
const most = 2.5 + 1.6

const traffics = [
  { rps: 10, share: 10 },
  { rps: 100, share: 1 },
  { rps: 100, share: 10 },
  { rps: 1000, share: 50 },
]

test('two versions that behave alike fail in no more checks than the confidence allows, with any traffic', () => {
  for (const failures of [0, 0.001, 0.005, 0.009])
    for (const traffic of traffics) {
      const alike = { ...usualBehaviour, failures }
      const { success, duration } = failedOf({ version: alike, stable: alike }, traffic)
      assert.ok(success <= most, `${success} % for ${failures} and ${JSON.stringify(traffic)}`)
      assert.ok(duration <= most, `${duration} % of durations for ${JSON.stringify(traffic)}`)
    }
})

test('a version that is as bad as the limit allows fails in no more checks than the confidence allows', () => {
  for (const traffic of traffics) {
    const { success } = failedOf(
      { version: { ...usualBehaviour, failures: 0.01 }, stable: { ...usualBehaviour, failures: 0.0075 } },
      traffic,
    )
    assert.ok(success <= most, `${success} % for ${JSON.stringify(traffic)}`)
  }
})

test('one that is clearly worse fails in nearly every check of a minute', () => {
  const worse = { failures: 0.03, medianMs: 120, spread: 0.7 }
  const { success, duration } = failedOf({ version: worse, stable: usualBehaviour }, { rps: 100, share: 10 })
  assert.ok(success >= 90 && duration >= 99, `${success} ${duration}`)
})
