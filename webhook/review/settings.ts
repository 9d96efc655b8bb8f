import type { ExemptionSettings } from './exempt/exemption-settings.ts'
import type { Finding, Severity } from '../../shared/rules/rule.ts'

/** The effect of a finding on a request: denial, warning, or none. */
export type Mode = 'deny' | 'warn' | 'off'

/** The configurable part of a review; see docs/webhook.md. */
export interface ReviewSettings {
  /** By rule id; the mode of other rules follows from the severity of their findings. */
  readonly rules: Readonly<Record<string, Mode>>
  /**
   * The strictest mode for a reference to something that does not exist yet, by what is absent: the subset, with
   * or without its DestinationRule; the host's Service; a workload for the destination (a host without any
   * workload is only a warning by the rule itself).
   */
  readonly absent: { readonly subset: Mode; readonly host: Mode; readonly workload: Mode }
  /** What else is denied though only other namespaces ask it. */
  readonly crossNamespace: {
    /** Namespaces whose routes and rules may refuse changes in others, besides the mesh's root namespace. */
    readonly deny: readonly string[]
  }
  readonly exemptions: ExemptionSettings
  /** Whether workloads in other clusters are part of the mesh; found by the usual labels when left out. */
  readonly mesh?: { readonly multiCluster?: boolean | undefined }
  /** Users whose requests bypass the rules, besides the garbage collector and the namespace controller. */
  readonly exemptUsers: readonly string[]
}

const modeOfSeverity: Readonly<Record<Severity, Mode>> = { error: 'deny', warning: 'warn', info: 'off' }
const strictness: Readonly<Record<Mode, number>> = { off: 0, warn: 1, deny: 2 }

/** When a finding about something absent is only a warning. */
export interface Leniency {
  /** Flux dry-runs a whole batch before it applies any of it: a denial would block the batch for ever. */
  readonly dryRun: boolean
  /** A workload is deleted or scaled to zero, see {@link isTeardown}. */
  readonly teardown: boolean
}

/** The mode of a finding that a change introduces. */
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
