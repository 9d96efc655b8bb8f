import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { checkExemptions, exemptionReason } from '../../shared/rules/exemptions.ts'
import { identityOf, judgeChanges, type Judge, type Judgement } from '../../shared/rules/introduced.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from '../admission/decode-review.ts'
import { changeOf, isTeardown } from './change-of.ts'
import { isFault, throwFaults } from './faults.ts'
import { mended } from './fix/with-fixes.ts'
import { hasOptedOut, isBeingDeleted, isTerminating, passageOf, type Passage } from './bypass.ts'
import { modeOf, type ReviewSettings } from './settings.ts'

/** What a request is judged by. */
export interface ReviewContext {
  readonly view: ClusterView
  readonly judge: Judge
  readonly settings: ReviewSettings
}

/** What is to be said about a request; it is refused when there are denials. */
export interface Verdict {
  /** Set where the request was not judged at all. */
  readonly passage?: Passage
  readonly denials: readonly Finding[]
  /** The most severe first; what the change introduces before what stood there. */
  readonly warnings: readonly Finding[]
  /** What would have been said, had not an annotation taken it back. */
  readonly exempted: readonly { readonly finding: Finding; readonly reason: string }[]
}

/**
 * Judges one request: refuses what its change breaks, warns of what stood there before. Throws where the
 * request has not the form of one
 * (CanaryError `unreadable`) or a rule fails.
 */
export function review(request: AdmissionRequest, { view, judge, settings }: ReviewContext): Verdict {
  const change = changeOf(request)
  const passage = change === undefined ? 'not-ours' : passageOf(request, view, settings)
  if (change === undefined || passage !== undefined)
    return { passage: passage ?? 'not-ours', denials: [], warnings: [], exempted: [] }

  const judgement = judgeChanges(judge, view, [change])
  throwFaults(judgement, changedRef(change))
  const exemptions = uselessExemptions(change, judge)
  const [introduced, standing] = [
    [...judgement.introduced, ...exemptions.introduced],
    [...judgement.standing, ...exemptions.standing],
  ]
  const leniency = { dryRun: request.dryRun, teardown: isTeardown(change) }
  const weighed = [
    ...introduced.map(finding => ({ finding, mode: modeOf(finding, settings, leniency) })),
    // What was there before is nobody's fault now, and what has nothing to do with the change is not said to
    // who makes it.
    ...standing
      .filter(finding => !isFault(finding) && concerns(finding, changedRef(change).namespace))
      .map(finding => ({
        finding,
        mode: modeOf(finding, settings, leniency) === 'off' ? ('off' as const) : ('warn' as const),
      })),
  ].filter(({ finding, mode }) => mode !== 'off' && !isPassing(subjectOf(finding, change, view), view))

  const exempted = weighed.flatMap(({ finding }) => {
    const reason = reasonOf(finding, change, view)
    return reason === undefined ? [] : [{ finding, reason }]
  })
  const excused = new Set(exempted.map(({ finding }) => finding))
  const said = weighed.filter(({ finding }) => !excused.has(finding))
  const denies = ({ finding, mode }: (typeof said)[number]): boolean =>
    mode === 'deny' && !hasOptedOut(view, finding.ref.namespace)
  return {
    denials: mended(
      said.filter(denies).map(({ finding }) => finding),
      change,
      view,
    ),
    warnings: said
      .filter(item => !denies(item))
      .map(({ finding }) => finding)
      .sort((a, b) => rank(a) - rank(b)),
    exempted,
  }
}

const rank = ({ severity }: Finding): number => ['error', 'warning', 'info'].indexOf(severity.webhook)

/** Exemptions that do not count: best learned of when the object is written. */
function uselessExemptions({ before, after }: Change, { rules }: Judge): Judgement {
  const ids = new Set(rules.map(({ id }) => id))
  const [was, is] = [before, after].map(object =>
    object === undefined ? [] : checkExemptions(object, ids),
  ) as [readonly Finding[], readonly Finding[]]
  const known = new Set(was.map(identityOf))
  return {
    introduced: is.filter(finding => !known.has(identityOf(finding))),
    standing: is.filter(finding => known.has(identityOf(finding))),
  }
}

/** Whether a finding is on an object of the namespace, or rests on one. */
const concerns = ({ ref, restsOn = [] }: Finding, namespace: string): boolean =>
  [ref, ...restsOn].some(each => each.namespace === namespace)

/** The object that a finding is on, as it will be. */
function subjectOf({ ref }: Finding, { before, after }: Change, view: ClusterView): KubeObject | undefined {
  const changed = after ?? before
  return changed !== undefined
    && changed.kind === ref.kind
    && changed.metadata.name === ref.name
    && (changed.metadata.namespace ?? '') === ref.namespace
    ? changed
    : view.get(ref)
}

/** What is on its way out cannot break any more. */
const isPassing = (subject: KubeObject | undefined, view: ClusterView): boolean =>
  isBeingDeleted(subject) || isTerminating(view, subject?.metadata.namespace ?? '')

/**
 * The reason that an annotation gives for the rule, on the finding's object or on the one that is changed.
 */
function reasonOf(finding: Finding, change: Change, view: ClusterView): string | undefined {
  const objects = [subjectOf(finding, change, view), change.after ?? change.before]
  return objects
    .map(object => (object === undefined ? undefined : exemptionReason(object, finding.rule)))
    .find(reason => reason !== undefined)
}
