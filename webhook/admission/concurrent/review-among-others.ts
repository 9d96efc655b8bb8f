import { setTimeout as pause } from 'node:timers/promises'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import type { ApiRead } from '../../cache/single-flight.ts'
import type { AdmissionRequest } from '../../review/admission-request.ts'
import { changeOf } from '../../review/change-of.ts'
import { review, type ReviewContext, type Verdict } from '../../review/review.ts'
import { confirmedReview, type ConfirmedVerdict } from '../confirmed-review.ts'
import { missedChanges } from '../evidence.ts'
import type { TimeLimit } from '../time-limit.ts'
import { begunDeletions } from './begun-deletions.ts'
import type { Admitted, RecentChanges } from './recent-changes.ts'

/**
 * How often a review starts again with what was read, because nothing is wrong with that: once is enough, unless
 * more changes come.
 */
const mostCleared = 4

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
  const deadline = performance.now() + mostWaitMs
  let [now, apiReads, confirmedWith, cleared] = [context, 0, '', 0]
  for (;;) {
    const { confirmed, conflict, unseen, isUnderWay } = await attempt(request, now, {
      change,
      parts,
      isCache: now === context,
    })
    apiReads += confirmed.apiReads
    if (conflict.length === 0) return { ...confirmed, apiReads }
    const others = unseen.map(({ ref }) => keyOf(ref)).join()
    if (others === '' || confirmedWith !== others) {
      const among = await confirmedAmong(request, now, { parts, unseen })
      apiReads += among.apiReads
      if (among.verdict.denials.length === 0 && cleared < mostCleared) {
        cleared++
        now = withMissed(now, among)
        continue
      }
      if (others === '') return { verdict: among.verdict, apiReads }
      confirmedWith = others
    }
    if (performance.now() >= deadline || !isUnderWay)
      return { verdict: { ...confirmed.verdict, denials: tryAgain(conflict, unseen) }, apiReads }
    await pause(pollMs, undefined, { signal: parts.limit.signal })
    now = await newerContext(context, unseen, parts)
    apiReads += Math.min(unseen.length, mostReads)
  }
}

/** One review, and what stands against admitting what it admits. */
interface Attempt {
  readonly confirmed: ConfirmedVerdict
  readonly conflict: Verdict['denials']
  readonly unseen: readonly Admitted[]
  /** Whether something was admitted whose write may come in a moment. */
  readonly isUnderWay: boolean
}

/** Reviews a request once. What is admitted is remembered before anything else runs. */
async function attempt(
  request: AdmissionRequest,
  now: ReviewContext,
  { change, parts, isCache }: { readonly change: Change; readonly parts: Parts; readonly isCache: boolean },
): Promise<Attempt> {
  const { recent } = parts
  const subject = changedRef(change)
  const start = { hasOthers: recent.hasOthers(subject), count: recent.count }
  const confirmed = await confirmedReview(request, now, parts)
  // From here to where it is remembered, nothing else may run.
  const moment = recent.momentOf(now.view, subject, isCache)
  const unseen = [...moment.unseen, ...begunDeletions(now.view, subject)]
  const wasAlone = !start.hasOthers && start.count === moment.count && unseen.length === 0
  const isRefused = confirmed.verdict.denials.length > 0
  const isOpen = !isRefused && mayDiffer(confirmed, { unseen, wasAlone })
  const conflict = isOpen ? conflicts(request, withMissed(now, confirmed), unseen) : []
  if (conflict.length === 0 && !isRefused && !request.dryRun) recent.add(change, parts.bytes)
  return { confirmed, conflict, unseen, isUnderWay: moment.unseen.length > 0 }
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

/** The context with what was read from the API server, which the view does not have. */
const withMissed = (context: ReviewContext, { missed = [] }: ConfirmedVerdict): ReviewContext =>
  missed.length === 0 ? context : { ...context, view: overlay(context.view, missed) }

/** The review with the changes under way, whose denials are confirmed as any other. */
const confirmedAmong = (
  request: AdmissionRequest,
  context: ReviewContext,
  { parts, unseen }: { readonly parts: Parts; readonly unseen: readonly Admitted[] },
): Promise<ConfirmedVerdict> =>
  confirmedReview(
    request,
    { ...context, judgeChange: context.judgeAmongOthers ?? context.judgeChange },
    { ...parts, underWay: unseen.map(({ change }) => change) },
  )

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
    const named = [finding.ref, ...(finding.restsOn ?? [])]
    const concerned = unseen.filter(({ ref }) => named.some(other => isMeant(other, ref)))
    const meant = concerned.length > 0 ? concerned : unseen
    const [first, ...others] = meant.map(({ ref }) => keyOf(ref))
    const said = others.length === 0 ? first : `${first} and ${others.length} more`
    return meant.every(({ isBegun }) => isBegun)
      ? {
          ...finding,
          message: `${finding.message}: ${said} ${others.length === 0 ? 'is' : 'are'} being deleted`,
          fix: 'Wait until the deletion is finished, and apply what the route needs again before the route.',
        }
      : {
          ...finding,
          message: `another change to ${said} is under way: try again`,
          fix: 'Run the same command again.',
        }
  })

const isMeant = (
  { kind, namespace, name }: Pick<Ref, 'kind' | 'namespace'> & { readonly name?: string | undefined },
  ref: Ref,
): boolean => kind === ref.kind && namespace === ref.namespace && (name === undefined || name === ref.name)
