import type { Kind } from '../../shared/objects/kinds.ts'
import { keyOf, namespaceOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Finding, RestsOn } from '../../shared/rules/rule.ts'
import { podsOf, releasedBy, templateKinds } from '../../shared/rules/facts/workloads-of.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { TracedView } from '../../shared/view/traced.ts'
import { keepersOfAll } from '../../shared/workloads/pods/kept-pods.ts'
import { evidenceKey, type ApiRead } from '../cache/single-flight.ts'
import type { AdmissionRequest } from '../review/admission-request.ts'
import { changeOf } from '../review/change-of.ts'
import { review, type ReviewContext, type Verdict } from '../review/review.ts'
import { evidenceOf, missedChanges } from './evidence.ts'
import type { TimeLimit } from './time-limit.ts'

/** A verdict, and how many reads from the API server it took. */
export interface ConfirmedVerdict {
  readonly verdict: Verdict
  readonly apiReads: number
  /** What the verdict depends on. */
  readonly asked?: TracedView
  /** What was read from the API server and is not in the view. */
  readonly missed?: readonly Change[]
}

interface Reads {
  readonly readApi: ApiRead
  readonly limit: Pick<TimeLimit, 'signal'>
  /** Changes that are under way: they count whatever is read of their objects. */
  readonly underWay?: readonly Change[]
}

/** Reads of one round: a change that breaks a thousand routes is refused because of the first few. */
const mostReads = 16

/**
 * Reviews a request on the view. Before it refuses, it reads the evidence of the denial from the API server and
 * reviews again, because a DestinationRule that is followed at once by its VirtualService can be faster than the
 * watch; only denials whose evidence was read remain. A Service that seems to be missing is read too, because
 * subsets of an unknown host are not judged. Throws if no evidence could be read in time.
 */
export async function confirmedReview(
  request: AdmissionRequest,
  context: ReviewContext,
  { readApi, limit, underWay = [] }: Reads,
): Promise<ConfirmedVerdict> {
  const read = new Set<string>()
  const changes: Change[] = []
  const readEvidence = async (unread: readonly RestsOn[]): Promise<void> => {
    const round = unread.slice(0, mostReads)
    const missed = await Promise.all(
      round.map(async evidence =>
        missedChanges(context.view, evidence, await readApi(evidence, limit.signal)),
      ),
    )
    changes.push(...missed.flat())
    for (const evidence of round) read.add(evidenceKey(evidence))
  }
  const change = changeOf(request)
  // What the pods have that are replaced now is in no template any more. Without them it is judged by the template.
  if (change !== undefined) await succeeds(readEvidence(releasedBy(change)))
  let hasRead = false
  for (;;) {
    const asked = new TracedView(over(over(context.view, changes), underWay))
    const verdict = review(request, { ...context, view: asked })
    const found = { apiReads: read.size, asked, missed: changes }
    if (verdict.bypass !== undefined) return { verdict, ...found }
    // A failed read leaves the verdict as it is.
    const missing = [
      ...(verdict.denials.length === 0 ? missingServices(verdict, request) : []),
      ...podsKeptBack(asked, request),
      ...podsInstead(asked, verdict),
    ].filter(evidence => !read.has(evidenceKey(evidence)))
    if (missing.length > 0 && (await succeeds(readEvidence(missing)))) continue
    if (verdict.denials.length === 0) return { verdict, ...found }
    const { confirmed, unread } = sift(verdict.denials, subjectOf(request), read)
    // Some need no evidence; the others are still read once, so that all are said together.
    if (unread.length === 0 || (confirmed.length > 0 && hasRead))
      return { verdict: { ...verdict, denials: confirmed }, ...found }
    await readEvidence(unread)
    hasRead = true
  }
}

const over = (view: ClusterView, changes: readonly Change[]): ClusterView =>
  changes.length === 0 ? view : overlay(view, changes)

const succeeds = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  )

/** The Services that are missing according to warnings about the object in the request. */
const missingServices = ({ warnings }: Verdict, request: AdmissionRequest): readonly Ref[] => [
  ...new Map(
    warnings
      .filter(({ absent, ref }) => absent === 'host' && keyOf(ref) === keyOf(subjectOf(request)))
      .flatMap(({ restsOn = [] }) =>
        restsOn.filter(evidence => evidence.kind === 'Service' && evidence.name !== undefined),
      )
      .map(service => [evidenceKey(service), service as Ref]),
  ).values(),
]

/** The pods of workloads that were asked for and keep back all their pods: their templates do not tell what runs. */
const podsKeptBack = (asked: TracedView, { isScaling }: AdmissionRequest): readonly RestsOn[] =>
  isScaling === true
    ? []
    : keepersOfAll
        .flatMap(index => asked.below.find(index, 'all'))
        .filter(object => asked.isAlteredBy({ before: object }))
        .flatMap(podsOf)

/**
 * The pods that a Service without a workload may still have, and what tells whose they are: pods of a workload in the
 * namespace that keeps all of them, with labels that its template has lost.
 */
function podsInstead(asked: TracedView, { warnings }: Verdict): readonly RestsOn[] {
  const empty = warnings.filter(({ absent }) => absent === 'workload')
  if (empty.length === 0) return []
  const namespaces = new Set(keepersOfAll.flatMap(index => asked.below.find(index, 'all')).map(namespaceOf))
  return empty.flatMap(({ restsOn = [] }) =>
    restsOn.filter(
      ({ kind, namespace, name }) => name === undefined && isOfPods.has(kind) && namespaces.has(namespace),
    ),
  )
}

const isOfPods: ReadonlySet<Kind> = new Set(['Pod', ...templateKinds])

/** The object in the request, which needs no reading; of a subresource as well. */
function subjectOf(request: AdmissionRequest): Ref {
  const { object, oldObject } = request
  return changedRef(changeOf(request) ?? { before: oldObject, after: object })
}

/** The denials all of whose evidence was read, and the unread evidence of the others, in order. */
function sift(
  denials: readonly Finding[],
  subject: Ref,
  read: ReadonlySet<string>,
): { readonly confirmed: readonly Finding[]; readonly unread: readonly RestsOn[] } {
  const all = denials.map(finding => ({
    finding,
    unread: evidenceOf(finding, subject).filter(evidence => !read.has(evidenceKey(evidence))),
  }))
  const unread = new Map(
    all.flatMap(({ unread }) => unread).map(evidence => [evidenceKey(evidence), evidence]),
  )
  return {
    confirmed: all.filter(({ unread }) => unread.length === 0).map(({ finding }) => finding),
    unread: [...unread.values()],
  }
}
