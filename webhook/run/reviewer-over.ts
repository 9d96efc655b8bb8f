import type { Logger } from 'pino'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { AnyRule, Finding } from '../../shared/rules/rule.ts'
import type { ActiveConfig } from '../config/config-file.ts'
import type { MayRead } from '../cache/access.ts'
import { apiReader } from '../cache/api-reader.ts'
import { rememberingJudgements } from '../cache/remembered-judgements.ts'
import { singleFlight, type ApiRead } from '../cache/single-flight.ts'
import type { Metrics } from '../observe/metrics.ts'
import { recordReview } from '../observe/record-review.ts'
import type { Settling } from '../observe/settling.ts'
import type { Reviewer, ReviewRecord } from '../admission/answer-review.ts'
import { RecentChanges } from '../admission/concurrent/recent-changes.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { reviewJudges } from './judge-by.ts'

export interface ReviewerParts {
  readonly rules: readonly AnyRule[]
  readonly config: ActiveConfig
  readonly requester: Requester
  readonly mayRead: MayRead
  readonly settling: Pick<Settling, 'expect'>
  readonly log: Logger
  readonly metrics: Metrics
}

/** A read takes a few milliseconds; after this time it is given up. */
const readTimeoutMs = 10_000

/** A change can affect every route, as one of a VirtualService for `*.svc.cluster.local`; the audit judges the rest. */
const mostSubjects = 500

/** What is remembered of judgements with changes that are under way: they hold for two seconds at most; about 4 MiB. */
const mostKeptAmongOthers = 30_000

/** A reviewer that judges by the current configuration and the cached cluster. */
export function reviewerOver(
  { view, watch }: ClusterCache,
  { rules, config, requester, mayRead, settling, log, metrics }: ReviewerParts,
): Reviewer {
  const judgeOf = reviewJudges(rules, { mostSubjects })
  const [judgeChange, judgeAmongOthers] = [
    rememberingJudgements(),
    rememberingJudgements(mostKeptAmongOthers),
  ]
  return {
    context: () => {
      if (!watch.isSynced()) throw new CanaryError('unreachable', 'the cache is not synced yet')
      return { view, judge: judgeOf(config.current), settings: config.current, judgeChange, judgeAmongOthers }
    },
    onError: () => config.current.onError,
    exemptUsers: () => config.current.exemptUsers,
    recent: new RecentChanges(),
    readApi: singleFlight(counted(apiReader(requester), metrics), readTimeoutMs),
    mayRead,
    onReviewed: reviewed => {
      settling.expect(deferredIn(reviewed))
      recordReview(reviewed, { log, metrics })
    },
  }
}

/** What an admitted write breaks until the tool that makes it has applied the rest. */
const deferredIn = (reviewed: ReviewRecord): readonly Finding[] =>
  'confirmed' in reviewed && !reviewed.request.dryRun && reviewed.confirmed.verdict.denials.length === 0
    ? (reviewed.confirmed.verdict.deferred ?? [])
    : []

/** Counts the reads by kind and outcome. */
function counted(read: ApiRead, { apiReads }: Metrics): ApiRead {
  return async (evidence, signal) => {
    const { kind } = evidence
    try {
      const objects = await read(evidence, signal)
      apiReads.inc({ kind, outcome: objects.length === 0 ? 'absent' : 'present' })
      return objects
    } catch (error) {
      apiReads.inc({ kind, outcome: 'failed' })
      throw error
    }
  }
}
