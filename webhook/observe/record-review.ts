import type { Logger } from 'pino'
import { kindOf } from '../../shared/objects/kinds.ts'
import { cutCharacters } from '../admission/plain-text.ts'
import type { Verdict } from '../review/review.ts'
import type { Decided } from '../admission/answer-review.ts'
import type { Metrics } from './metrics.ts'

interface Observers {
  readonly log: Logger
  readonly metrics: Metrics
}

/** Writes a decision down: one log line, without bodies, and the metrics. */
export function recordDecision(decided: Decided, observers: Observers): void {
  const { ms, request } = decided
  const verdict = 'decision' in decided ? wordOf(decided.decision.verdict) : 'error'
  const operation = request !== undefined && operations.has(request.operation) ? request.operation : 'other'
  const kind = (request && kindOf(request)) ?? 'other'
  const { requests, duration } = observers.metrics
  requests.inc({ operation, kind, verdict, dry_run: String(request?.dryRun ?? false) })
  duration.observe({ verdict }, ms / 1000)
  const line = { ...subjectOf(decided), verdict, ms: Math.round(ms * 100) / 100 }
  if ('reason' in decided) recordFailure(decided, line, observers)
  else recordVerdict(decided.decision, line, observers)
}

/** What was asked, as a log line says it. */
function subjectOf({ uid, request }: Decided): object {
  const { operation: op, resource, namespace, name, user, dryRun } = request ?? {}
  return { uid, op, resource, namespace, name, user, dryRun }
}

function recordFailure(
  { reason, allowed, error }: Extract<Decided, { readonly reason: unknown }>,
  line: object,
  { log, metrics }: Observers,
): void {
  metrics.errors.inc({ reason })
  log.error({ ...line, reason, allowed, error: causeOf(error, reason === 'internal') }, 'not judged')
}

function recordVerdict(
  { verdict, readThroughs }: Extract<Decided, { readonly decision: unknown }>['decision'],
  line: object,
  { log, metrics }: Observers,
): void {
  const { passage, denials, warnings, exempted } = verdict
  for (const { rule } of denials) metrics.findings.inc({ rule, effect: 'deny' })
  for (const { rule } of warnings) metrics.findings.inc({ rule, effect: 'warn' })
  for (const { finding } of exempted) metrics.findings.inc({ rule: finding.rule, effect: 'exempt' })
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
