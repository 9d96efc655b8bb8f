import type { Finding, Severity } from '../../shared/rules/rule.ts'

/** What a finding does at admission: it refuses the request, warns its sender, or says nothing. */
export type Mode = 'deny' | 'warn' | 'off'

/** What people may choose about a review; see docs/webhook.md. */
export interface ReviewSettings {
  /** By rule id; a rule that is not here acts as severe as its findings are. */
  readonly rules: Readonly<Record<string, Mode>>
  /**
   * The most that a reference to something that is not there yet may do, by what is not there: the subset,
   * with its DestinationRule or without; the
   * host's Service; a workload for the destination (a host without any workload is never more than a warning
   * by the rule's own judgement).
   */
  readonly absent: { readonly subset: Mode; readonly host: Mode; readonly workload: Mode }
  /** Users whose requests are never judged, besides the garbage collector and the namespace controller. */
  readonly exemptUsers: readonly string[]
}

const modeOfSeverity: Readonly<Record<Severity, Mode>> = { error: 'deny', warning: 'warn', info: 'off' }
const strictness: Readonly<Record<Mode, number>> = { off: 0, warn: 1, deny: 2 }

/** What takes the edge off findings of absence. */
export interface Leniency {
  /**
   * Flux tries a whole batch as a dry run before it applies any of it, and would wait for ever for what is
   * not there yet.
   */
  readonly dryRun: boolean
  /** A workload is taken down, see {@link isTeardown}. */
  readonly teardown: boolean
}

/** What a finding that a change introduces does. */
export function modeOf(
  finding: Finding,
  { rules, absent }: ReviewSettings,
  { dryRun, teardown }: Leniency,
): Mode {
  const mode = Object.hasOwn(rules, finding.rule)
    ? rules[finding.rule]!
    : modeOfSeverity[finding.severity.webhook]
  if (finding.absent === undefined) return mode
  const most = finding.absent === 'other' ? 'deny' : absent[finding.absent]
  return milder(mode, dryRun || (teardown && finding.absent === 'workload') ? milder(most, 'warn') : most)
}

const milder = (a: Mode, b: Mode): Mode => (strictness[a] < strictness[b] ? a : b)
