import { setTimeout as pause } from 'node:timers/promises'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { changedRef } from '../../../shared/view/change.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import type { ApiRead } from '../../cache/single-flight.ts'
import type { AdmissionRequest } from '../../review/admission-request.ts'
import { changeOf } from '../../review/change-of.ts'
import { review, type ReviewContext, type Verdict } from '../../review/review.ts'
import { confirmedReview, type ConfirmedVerdict } from '../confirmed-review.ts'
import { missedChanges } from '../evidence.ts'
import type { TimeLimit } from '../time-limit.ts'
import type { Admitted, RecentChanges } from './recent-changes.ts'

/** How long a review waits for the write of a change that was admitted before it. */
const mostWaitMs = 300
const pollMs = 30
/** Reads of one round. */
const mostReads = 16

interface Parts {
  readonly readApi: ApiRead
  readonly limit: Pick<TimeLimit, 'signal'>
  readonly recent: RecentChanges
  /** The size of the review. */
  readonly bytes: number
}

/**
 * Reviews a request as {@link confirmedReview} does, and with the changes that were admitted just before and that
 * no watch has reported: of "drop the subset" and "use the subset" at the same instant, one is refused. Where only
 * such a change would be the reason, its write is waited for, up to 300 ms; if it is still not there, the request is
 * refused, to be tried again. What is admitted is remembered for the next.
 */
export async function reviewAmongOthers(
  request: AdmissionRequest,
  context: ReviewContext,
  parts: Parts,
): Promise<ConfirmedVerdict> {
  const change = changeOf(request)
  if (change === undefined || request.isScaling === true) return confirmedReview(request, context, parts)
  const { recent, limit } = parts
  const subject = changedRef(change)
  const deadline = performance.now() + mostWaitMs
  let apiReads = 0
  for (let now = context; ;) {
    const start = { hasOthers: recent.hasOthers(subject), count: recent.count }
    const confirmed = await confirmedReview(request, now, parts)
    apiReads += confirmed.apiReads
    // From here to where it is remembered, nothing else may run.
    const { unseen, count } = recent.momentOf(now.view, subject, now === context)
    const wasAlone = !start.hasOthers && start.count === count
    const isRefused = confirmed.verdict.denials.length > 0
    const isOpen = !isRefused && mayDiffer(confirmed, { unseen, wasAlone })
    const conflict = isOpen ? conflicts(request, now, unseen) : []
    if (conflict.length === 0) {
      if (!isRefused && !request.dryRun) recent.add(change, parts.bytes)
      return { ...confirmed, apiReads }
    }
    if (performance.now() >= deadline)
      return { verdict: { ...confirmed.verdict, denials: tryAgain(conflict, unseen) }, apiReads }
    await pause(pollMs, undefined, { signal: limit.signal })
    now = await newerContext(context, unseen, parts)
    apiReads += Math.min(unseen.length, mostReads)
  }
}

/**
 * Whether a verdict may be another one with the changes under way: not if none of them alters an answer that the verdict
 * rests on. Where the view has changed since it was asked, only if no other change was under way.
 */
const mayDiffer = (
  { asked }: ConfirmedVerdict,
  { unseen, wasAlone }: { readonly unseen: readonly Admitted[]; readonly wasAlone: boolean },
): boolean =>
  asked?.isCurrent() ? unseen.some(({ change, ref }) => asked.isAlteredBy(change, ref)) : !wasAlone

/** The denials that only changes under way lead to. */
const conflicts = (
  request: AdmissionRequest,
  context: ReviewContext,
  unseen: readonly Admitted[],
): Verdict['denials'] =>
  review(request, {
    ...context,
    view: overlay(
      context.view,
      unseen.map(({ change }) => change),
    ),
    judgeChange: context.judgeAmongOthers ?? context.judgeChange,
  }).denials

/** The context with what the API server says of the objects whose changes are under way. */
async function newerContext(
  context: ReviewContext,
  unseen: readonly Admitted[],
  { readApi, limit }: Parts,
): Promise<ReviewContext> {
  const refs = unseen.slice(-mostReads).map(({ ref }) => ref)
  const missed = await Promise.all(
    refs.map(async ref => missedChanges(context.view, ref, await readApi(ref, limit.signal))),
  )
  const changes = missed.flat()
  return changes.length === 0 ? context : { ...context, view: overlay(context.view, changes) }
}

/** The denials as a person is to read them: nothing is wrong but the moment. */
const tryAgain = (denials: Verdict['denials'], unseen: readonly Admitted[]): Verdict['denials'] =>
  denials.slice(0, 1).map(finding => {
    const refs = unseen.map(({ ref }) => ref)
    const named = [finding.ref, ...(finding.restsOn ?? [])]
    const concerned = refs.filter(ref => named.some(other => isMeant(other, ref)))
    const [first, ...others] = (concerned.length > 0 ? concerned : refs).map(keyOf)
    const said = others.length === 0 ? first : `${first} and ${others.length} more`
    return {
      ...finding,
      message: `another change to ${said} is under way: try again`,
      fix: 'Run the same command again.',
    }
  })

const isMeant = (
  { kind, namespace, name }: Pick<Ref, 'kind' | 'namespace'> & { readonly name?: string | undefined },
  ref: Ref,
): boolean => kind === ref.kind && namespace === ref.namespace && (name === undefined || name === ref.name)
