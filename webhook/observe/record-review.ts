import type { Logger } from 'pino'
import { kindOf } from '../../shared/objects/kinds.ts'
import { cutCharacters } from '../admission/plain-text.ts'
import type { Verdict } from '../review/review.ts'
import type { ReviewRecord } from '../admission/answer-review.ts'
import type { ConfirmedVerdict } from '../admission/confirmed-review.ts'
import type { Metrics } from './metrics.ts'

interface Observers {
  readonly log: Logger
  readonly metrics: Metrics
}

/** Records a review: one log line, without bodies, and the metrics. */
export function recordReview(reviewed: ReviewRecord, observers: Observers): void {
  const { ms, request } = reviewed
  const verdict = 'confirmed' in reviewed ? verdictWord(reviewed.confirmed.verdict) : 'error'
  const operation = request !== undefined && operations.has(request.operation) ? request.operation : 'other'
  const kind = (request && kindOf(request)) ?? 'other'
  const { requests, duration } = observers.metrics
  requests.inc({ operation, kind, verdict, dry_run: String(request?.dryRun ?? false) })
  duration.observe({ verdict }, ms / 1000)
  const line = { ...requestFields(reviewed), verdict, ms: Math.round(ms * 100) / 100 }
  if ('reason' in reviewed) recordFailure(reviewed, line, observers)
  else recordVerdict(reviewed.confirmed, line, observers)
}

/** The fields of a log line that describe the request. */
function requestFields({ uid, request }: ReviewRecord): object {
  const { operation, resource, namespace, name, user, dryRun } = request ?? {}
  return { uid, operation, resource, namespace, name, user, dryRun }
}

function recordFailure(
  { reason, allowed, error }: Extract<ReviewRecord, { readonly reason: unknown }>,
  line: object,
  { log, metrics }: Observers,
): void {
  metrics.errors.inc({ reason })
  log.error({ ...line, reason, allowed, error: causeOf(error, reason === 'internal') }, 'review failed')
}

function recordVerdict(
  { verdict, apiReads }: ConfirmedVerdict,
  line: object,
  { log, metrics }: Observers,
): void {
  const { bypass, denials, warnings, exempted } = verdict
  for (const { rule } of denials) metrics.findings.inc({ rule, effect: 'deny' })
  for (const { rule } of warnings) metrics.findings.inc({ rule, effect: 'warn' })
  for (const { finding } of exempted) metrics.findings.inc({ rule: finding.rule, effect: 'exempt' })
  const rules = [...new Set([...denials, ...warnings].map(({ rule }) => rule))]
  const exemptions = exempted.map(({ finding: { rule }, reason }) => `${rule}: ${reason}`)
  log.info(
    {
      ...line,
      rules,
      apiReads,
      ...(bypass && { bypass }),
      ...(exemptions.length > 0 && { exemptions }),
    },
    'review',
  )
}

const operations: ReadonlySet<string> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])

function verdictWord({ bypass, denials, warnings, exempted }: Verdict): string {
  if (bypass !== undefined) return 'bypassed'
  if (denials.length > 0) return 'denied'
  return warnings.length > 0 || exempted.some(({ isDenial }) => isDenial) ? 'warned' : 'allowed'
}

/** An error message can quote the request. */
const mostCharacters = 1000

/** With the stack only for an internal error; a stack names our code and nothing of the request. */
const causeOf = (error: unknown, withStack: boolean): string =>
  cutCharacters(
    error instanceof Error ? (withStack ? (error.stack ?? error.message) : error.message) : String(error),
    mostCharacters,
  )
