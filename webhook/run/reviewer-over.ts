import type { Logger } from 'pino'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Judge } from '../../shared/rules/introduced.ts'
import type { ConfigInForce } from '../config/config-file.ts'
import { apiReader } from '../cache/api-reader.ts'
import { singleFlight, type ReadAgain } from '../cache/single-flight.ts'
import type { Metrics } from '../observe/metrics.ts'
import { recordDecision } from '../observe/record-review.ts'
import type { Reviewer } from '../admission/answer-review.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'

export interface ReviewerParts {
  readonly judge: () => Judge
  readonly config: ConfigInForce
  readonly requester: Requester
  readonly log: Logger
  readonly metrics: Metrics
}

/** A read of what a denial rests on takes a few milliseconds; this is when it will not come any more. */
const readTimeoutMs = 10_000

/**
 * A change can affect every route there is, as that of a VirtualService for `*.svc.cluster.local`; the audit
 * judges the rest.
 */
const mostSubjects = 500

/** A reviewer that judges by the configuration in force and by the cluster as the cache knows it. */
export function reviewerOver(
  { view, watch }: ClusterCache,
  { judge, config, requester, log, metrics }: ReviewerParts,
): Reviewer {
  return {
    context: () => {
      if (!watch.isSynced()) throw new CanaryError('unreachable', 'not yet synced')
      return { view, judge: { ...judge(), mostSubjects }, settings: config.current }
    },
    onError: () => config.current.onError,
    readAgain: singleFlight(counted(apiReader(requester), metrics), readTimeoutMs),
    onDecision: decided => recordDecision(decided, { log, metrics }),
  }
}

/** The reads, counted by kind and outcome. */
function counted(read: ReadAgain, { readThroughs }: Metrics): ReadAgain {
  return async (resting, signal) => {
    const { kind } = resting
    try {
      const objects = await read(resting, signal)
      readThroughs.inc({ kind, outcome: objects.length === 0 ? 'absent' : 'present' })
      return objects
    } catch (error) {
      readThroughs.inc({ kind, outcome: 'failed' })
      throw error
    }
  }
}
