import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { checkExemptions, exemptionReason } from '../../shared/rules/exemptions.ts'
import { identityOf, judgeChanges, type Judge, type Judgement } from '../../shared/rules/introduced.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { derivedOnce } from '../../shared/objects/unchecked.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { changeOf, isTeardown } from './change-of.ts'
import { isFault, throwFaults } from './faults.ts'
import { withFixes } from './fix/with-fixes.ts'
import { introducedEffect } from './introduced-effect.ts'
import { hasOptedOut, isBeingDeleted, isTerminating, bypassOf, type Bypass } from './bypass.ts'
import { modeOf, type ReviewSettings } from './settings.ts'

/** The cluster, rules and settings that a request is judged by. */
export interface ReviewContext {
  readonly view: ClusterView
  readonly judge: Judge
  readonly settings: ReviewSettings
  /** `judgeChanges` when left out. */
  readonly judgeChange?: (judge: Judge, view: ClusterView, change: Change) => Judgement
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
  /** Findings that an annotation exempts, with its reason. */
  readonly exempted: readonly { readonly finding: Finding; readonly reason: string }[]
}

/**
 * Judges one request: denies what its change breaks and warns of existing problems. Throws if the request is
 * malformed (CanaryError `unreadable`) or a rule fails.
 */
export function review(
  request: AdmissionRequest,
  { view, judge, settings, judgeChange = judgeOne }: ReviewContext,
): Verdict {
  const change = changeOf(request)
  const bypass = change === undefined ? 'not-applicable' : bypassOf(request, view, settings)
  if (change === undefined || bypass !== undefined)
    return { bypass: bypass ?? 'not-applicable', denials: [], warnings: [], exempted: [] }

  const judgement = judgeChange(judge, view, change)
  throwFaults(judgement, changedRef(change))
  const exemptions = ineffectiveExemptions(change, judge)
  const [introduced, existing] = [
    [...judgement.introduced, ...exemptions.introduced],
    [...judgement.standing, ...exemptions.standing],
  ]
  const leniency = { dryRun: request.dryRun, teardown: isTeardown(change) }
  const effectIn = introducedEffect({ request, change, leniency }, { view, settings })
  const effective = [
    ...introduced.map(finding => ({ finding, mode: effectIn(finding) })),
    // An existing problem is only a warning, and one that has nothing to do with the change is left out.
    ...existing
      .filter(finding => !isFault(finding) && concerns(finding, changedRef(change).namespace))
      .map(finding => ({
        finding,
        mode: modeOf(finding, settings, leniency) === 'off' ? ('off' as const) : ('warn' as const),
      })),
  ].filter(({ finding, mode }) => mode !== 'off' && !isBeingRemoved(subjectOf(finding, change, view), view))

  const exempted = effective.flatMap(({ finding }) => {
    const reason = reasonOf(finding, change, view)
    return reason === undefined ? [] : [{ finding, reason }]
  })
  const isExempted = new Set(exempted.map(({ finding }) => finding))
  const remaining = effective.filter(({ finding }) => !isExempted.has(finding))
  const denies = ({ finding, mode }: (typeof remaining)[number]): boolean =>
    mode === 'deny' && !hasOptedOut(view, finding.ref.namespace)
  return {
    denials: withFixes(
      remaining.filter(denies).map(({ finding }) => finding),
      change,
      view,
    ),
    warnings: remaining
      .filter(item => !denies(item))
      .map(({ finding }) => finding)
      .sort((a, b) => rank(a) - rank(b)),
    deferred: remaining.filter(({ mode }) => mode === 'defer').map(({ finding }) => finding),
    exempted,
  }
}

const judgeOne: NonNullable<ReviewContext['judgeChange']> = (judge, view, change) =>
  judgeChanges(judge, view, [change])

const rank = ({ severity }: Finding): number => ['error', 'warning', 'info'].indexOf(severity.webhook)

const idsOf = derivedOnce((rules: Judge['rules']): ReadonlySet<string> => new Set(rules.map(({ id }) => id)))

/** Exemptions without effect, which are best reported when the object is written. */
function ineffectiveExemptions({ before, after }: Change, { rules }: Judge): Judgement {
  const ids = idsOf(rules)
  const [was, is] = [before, after].map(object =>
    object === undefined ? [] : checkExemptions(object, ids),
  ) as [readonly Finding[], readonly Finding[]]
  const known = new Set(was.map(identityOf))
  return {
    introduced: is.filter(finding => !known.has(identityOf(finding))),
    standing: is.filter(finding => known.has(identityOf(finding))),
  }
}

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

/** The reason in an exemption from the rule, on the finding's object or on the changed one. */
function reasonOf(finding: Finding, change: Change, view: ClusterView): string | undefined {
  const objects = [subjectOf(finding, change, view), change.after ?? change.before]
  return objects
    .map(object => (object === undefined ? undefined : exemptionReason(object, finding.rule)))
    .find(reason => reason !== undefined)
}
