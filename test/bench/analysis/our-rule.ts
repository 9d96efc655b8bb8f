import type { MetricCheck } from '../../../shared/analysis/check-result.ts'
import { judge } from '../../../shared/analysis/judge.ts'
import { metricOf } from '../../../shared/analysis/metric-fields.ts'
import type { SyntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import type { Parameters, Played } from './play.ts'

/** The rule of `kubectl canary run` with its usual settings. */
export function playOurs(service: SyntheticService, parameters: Parameters): Played {
  const { interval, threshold, step, max, minSuccess, maxMs, limit } = parameters
  const metrics = [
    metricOf({ name: 'request-success-rate', min: minSuccess, window: '1m' }),
    metricOf({ name: 'request-duration', max: maxMs, window: '30s' }),
  ]
  const earlier: MetricCheck[] = []
  let [share, since, failed, noData] = [step, 0, 0, 0]
  for (let second = interval; second <= limit; second += interval) {
    service.advance(second, share)
    const results = metrics.map(metric =>
      judge(metric, service.measurement(metric, since), { minRequests: 50, confidence: 0.95, earlier }),
    )
    const verdicts = results.map(({ verdict }) => verdict)
    if (verdicts.includes('fail')) {
      failed++
      noData = 0
      if (failed >= threshold) return { end: 'failed', seconds: second }
    } else if (verdicts.includes('no-data')) {
      noData += interval
      if (noData - interval >= 900) return { end: 'no-data', seconds: second }
    } else if (share >= max) return { end: 'promoted', seconds: second }
    else {
      noData = 0
      earlier.push(...results)
      share = Math.min(max, share + step)
      since = second
    }
  }
  return { end: 'running', seconds: limit }
}
