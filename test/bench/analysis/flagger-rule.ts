import type { SyntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import { quantileOf } from '../../../shared/metrics/quantile.ts'
import type { Parameters, Played } from './play.ts'

/**
 * Flagger's rule, as its controller has it (fluxcd/flagger, pkg/controller/scheduler.go and scheduler_metrics.go): at each
 * interval one check. Each metric is one number of a window that ends now, and a number out of its range, no number and a
 * failed query are the same: the check has failed. Failed checks are counted over the whole rollout and never forgiven;
 * at the interval after the last one that is allowed everything goes back.
 */
export function playFlagger(service: SyntheticService, parameters: Parameters): Played {
  const { interval, threshold, step, max, limit } = parameters
  let share = step
  let failed = 0
  for (let second = interval; second <= limit; second += interval) {
    service.advance(second, share)
    if (failed >= threshold) return { end: 'failed', seconds: second }
    if (!isPassed(service, parameters)) failed++
    else if (share >= max) return { end: 'promoted', seconds: second }
    else share = Math.min(max, share + step)
  }
  return { end: 'running', seconds: limit }
}

function isPassed(service: SyntheticService, { minSuccess, maxMs }: Parameters): boolean {
  const { requests, failures } = service.countedOver(60).version
  const success = (100 * (requests - failures)) / requests
  const buckets = service.countedOver(30).version.buckets.map(({ le, count }) => ({ le, rate: count }))
  const p99 = quantileOf(0.99, buckets)
  return success >= minSuccess && p99 !== undefined && Math.floor(p99) <= maxMs
}
