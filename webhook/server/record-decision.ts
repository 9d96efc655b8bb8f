import type { Logger } from 'pino'
import { kindOf } from '../../shared/objects/kinds.ts'
import { cutCharacters } from '../review/plain-text.ts'
import type { Verdict } from '../review/review.ts'
import type { Decided } from './answer-review.ts'
import type { Metrics } from '../observe/metrics.ts'

/** Writes a decision down: one log line, without bodies, and the metrics. */
export function recordDecision(
  decided: Decided,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): void {
  const { uid, ms, request } = decided
  const verdict = 'decision' in decided ? wordOf(decided.decision.verdict) : 'error'
  const operation = request !== undefined && operations.has(request.operation) ? request.operation : 'other'
  const kind = (request && kindOf(request)) ?? 'other'
  metrics.requests.inc({ operation, kind, verdict, dry_run: String(request?.dryRun ?? false) })
  metrics.duration.observe({ verdict }, ms / 1000)

  const { resource, namespace, name, user, dryRun } = request ?? {}
  const line = {
    uid,
    op: request?.operation,
    resource,
    namespace,
    name,
    user,
    dryRun,
    verdict,
    ms: Math.round(ms * 100) / 100,
  }
  if ('reason' in decided) {
    metrics.errors.inc({ reason: decided.reason })
    log.error(
      {
        ...line,
        reason: decided.reason,
        allowed: decided.allowed,
        error: causeOf(decided.error, decided.reason === 'internal'),
      },
      'not judged',
    )
    return
  }
  const {
    verdict: { passage, denials, warnings, exempted },
    readThroughs,
  } = decided.decision
  for (const { rule } of denials) metrics.findings.inc({ rule, effect: 'deny' })
  for (const { rule } of warnings) metrics.findings.inc({ rule, effect: 'warn' })
  for (const {
    finding: { rule },
  } of exempted)
    metrics.findings.inc({ rule, effect: 'exempt' })
  const rules = [...new Set([...denials, ...warnings].map(({ rule }) => rule))]
  const exemptions = exempted.map(({ finding: { rule }, reason }) => `${rule}: ${reason}`)
  log.info(
    {
      ...line,
      rules,
      readThroughs,
      ...(passage && { passage }),
      ...(exemptions.length > 0 && { exemptions }),
    },
    'review',
  )
}

const operations: ReadonlySet<string> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])

function wordOf({ passage, denials, warnings }: Verdict): string {
  if (passage !== undefined) return 'passed'
  return denials.length > 0 ? 'denied' : warnings.length > 0 ? 'warned' : 'allowed'
}

/** A message may quote what somebody sent. */
const mostCharacters = 1000

/** A stack only for faults of our own; it names places in our code and nothing of the request. */
const causeOf = (error: unknown, withStack: boolean): string =>
  cutCharacters(
    error instanceof Error ? (withStack ? (error.stack ?? error.message) : error.message) : String(error),
    mostCharacters,
  )
