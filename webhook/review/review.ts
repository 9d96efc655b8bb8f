import { kindOf } from '../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { judgeChanges, type Judge, type Judgement } from '../../shared/rules/introduced.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { changeOf, isTeardown } from './change-of.ts'
import { isFault, throwFaults } from './faults.ts'
import { effectiveExemption } from './exempt/effective-exemption.ts'
import { optOutOf } from './exempt/opt-out.ts'
import { forbiddenExemptions, ineffectiveExemptions } from './exempt/written-exemptions.ts'
import { withFixes } from './fix/with-fixes.ts'
import { withWriters } from './fix/with-writers.ts'
import { introducedEffect } from './introduced-effect.ts'
import { hasOptedOut, isBeingDeleted, isTerminating, bypassOf, type Bypass } from './bypass.ts'
import { modeOf, type ReviewSettings } from './settings.ts'

/** The cluster, rules and settings that a request is judged by. */
export interface ReviewContext {
  readonly view: ClusterView
  readonly judge: Judge
  readonly settings: ReviewSettings
  /** `judgeChanges` when left out. */
  readonly judgeChange?: JudgeOneChange | undefined
  /** The same for a view with changes that are under way; `judgeChange` when left out. */
  readonly judgeAmongOthers?: JudgeOneChange
}
type JudgeOneChange = (judge: Judge, view: ClusterView, change: Change) => Judgement
type JudgingContext = Pick<ReviewContext, 'view' | 'judge' | 'settings'> & {
  readonly judgeChange: JudgeOneChange
}

/** The result of a review; the request is refused if there are denials. */
export interface Verdict {
  /** Set if the request bypassed the rules. */
  readonly bypass?: Bypass
  readonly denials: readonly Finding[]
  /** The most severe first; what the change introduces before existing problems. */
  readonly warnings: readonly Finding[]
  /** Those of the warnings that the tool which makes the change is expected to fix with what it applies next. */
  readonly deferred?: readonly Finding[]
  readonly exempted: readonly ExemptedFinding[]
}

/** A finding that an annotation on its object exempts, with the reason given there. */
export interface ExemptedFinding {
  readonly finding: Finding
  readonly reason: string
  /** Whether the request would be denied without the exemption. */
  readonly isDenial: boolean
}

const nothing: Verdict = { denials: [], warnings: [], exempted: [] }

/**
 * Judges one request: denies what its change breaks and warns of existing problems. Throws if the request is
 * malformed (CanaryError `unreadable`) or a rule fails.
 */
export function review(request: AdmissionRequest, context: ReviewContext): Verdict {
  const { view, judge, settings, judgeChange = judgeOne } = context
  const change = changeOf(request)
  const bypass = bypassOf(request, view, settings)
  if (bypass !== undefined) return { ...nothing, bypass }
  const forbidden = forbiddenExemptions(request, settings.exemptions)
  if (change === undefined && forbidden.findings.length === 0) return { ...nothing, bypass: 'not-applicable' }
  if (change === undefined || kindOf(request) === 'Namespace')
    return { ...nothing, denials: forbidden.findings, exempted: optOutOf(request) }

  const effective = effectiveFindings(request, change, { view, judge, settings, judgeChange })
  const exempted = effective.flatMap(({ finding, isDenial }) => {
    const subject = subjectOf(finding, change, view)
    const isForbidden = forbidden.rules.has(finding.rule) && keyOf(finding.ref) === keyOf(changedRef(change))
    if (subject === undefined || isForbidden) return []
    const reason = effectiveExemption(subject, finding.rule, settings.exemptions)
    return reason === undefined ? [] : [{ finding, reason, isDenial }]
  })
  const isExempted = new Set(exempted.map(({ finding }) => finding))
  const remaining = effective.filter(({ finding }) => !isExempted.has(finding))
  const denials = remaining.filter(({ isDenial }) => isDenial).map(({ finding }) => finding)
  return {
    denials: [
      ...forbidden.findings,
      ...withWriters(withFixes(denials, { change, view, judge }), { change, view, judge }),
    ],
    warnings: remaining
      .filter(({ isDenial }) => !isDenial)
      .map(({ finding }) => finding)
      .sort((a, b) => rank(a) - rank(b)),
    deferred: remaining.filter(({ isDeferred }) => isDeferred).map(({ finding }) => finding),
    exempted,
  }
}

interface EffectiveFinding {
  readonly finding: Finding
  readonly isDenial: boolean
  readonly isDeferred: boolean
}

/** What the change breaks and what was broken before, without what is off, is being deleted, or is of others. */
function effectiveFindings(
  request: AdmissionRequest,
  change: Change,
  { view, judge, settings, judgeChange }: JudgingContext,
): readonly EffectiveFinding[] {
  const judgement = judgeChange(judge, view, change)
  throwFaults(judgement, changedRef(change))
  const exemptions = ineffectiveExemptions(change, judge, settings.exemptions)
  const leniency = { dryRun: request.dryRun, teardown: isTeardown(change) }
  const effectIn = introducedEffect({ request, change, leniency }, { view, settings })
  return [
    ...[...judgement.introduced, ...exemptions.introduced].map(finding => ({
      finding,
      mode: effectIn(finding),
    })),
    // An existing problem is only a warning, and one that has nothing to do with the change is left out.
    ...[...judgement.standing, ...exemptions.standing]
      .filter(finding => !isFault(finding) && concerns(finding, changedRef(change).namespace))
      .map(finding => ({
        finding,
        mode: modeOf(finding, settings, leniency) === 'off' ? ('off' as const) : ('warn' as const),
      })),
  ]
    .filter(({ finding, mode }) => mode !== 'off' && !isBeingRemoved(subjectOf(finding, change, view), view))
    .map(({ finding, mode }) => ({
      finding,
      isDeferred: mode === 'defer',
      isDenial: mode === 'deny' && !hasOptedOut(view, finding.ref.namespace),
    }))
}

const judgeOne: JudgeOneChange = (judge, view, change) => judgeChanges(judge, view, [change])

const rank = ({ severity }: Finding): number => ['error', 'warning', 'info'].indexOf(severity.webhook)

/** Whether a finding is on an object of the namespace, or depends on one. */
const concerns = ({ ref, restsOn = [] }: Finding, namespace: string): boolean =>
  [ref, ...restsOn].some(each => each.namespace === namespace)

/** The object that a finding is on, after the change. */
function subjectOf({ ref }: Finding, { before, after }: Change, view: ClusterView): KubeObject | undefined {
  const changed = after ?? before
  return changed !== undefined
    && changed.kind === ref.kind
    && changed.metadata.name === ref.name
    && (changed.metadata.namespace ?? '') === ref.namespace
    ? changed
    : view.get(ref)
}

/** Whether an object or its namespace is being deleted, so that it cannot break. */
const isBeingRemoved = (subject: KubeObject | undefined, view: ClusterView): boolean =>
  isBeingDeleted(subject) || isTerminating(view, subject?.metadata.namespace ?? '')
