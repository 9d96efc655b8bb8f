import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Finding, RestsOn } from '../../shared/rules/rule.ts'
import type { Change } from '../../shared/view/change.ts'
import { changedRef } from '../../shared/view/change.ts'
import { overlay } from '../../shared/view/overlay.ts'
import type { AdmissionRequest } from './decode-review.ts'
import { changeOf } from '../review/change-of.ts'
import { review, type ReviewContext, type Verdict } from '../review/review.ts'
import type { ReadAgain } from '../cache/single-flight.ts'
import { freshChanges, restingKey, restingOf } from './evidence.ts'

/** A verdict, and how much had to be read for it. */
export interface Decision {
  readonly verdict: Verdict
  readonly readThroughs: number
}

/** Reads of one round: a change that breaks a thousand routes is refused for the first few. */
const mostReads = 16

/**
 * Judges a request on the view, and before it refuses, reads again what the refusal rests on and judges anew:
 * a DestinationRule that is followed
 * at once by its VirtualService overtakes the watch. Only denials that were confirmed so remain. A Service
 * that seems to be missing is asked for as well:
 * of a host that is not there, nobody says that its subset is not. Throws where nothing could be read in
 * time.
 */
export async function decide(
  request: AdmissionRequest,
  context: ReviewContext,
  fresh: { readonly readAgain: ReadAgain; readonly signal: AbortSignal },
): Promise<Decision> {
  const subject = subjectOf(request)
  const read = new Set<string>()
  const changes: Change[] = []
  const learn = async (unread: readonly RestsOn[]): Promise<void> => {
    const found = await Promise.all(
      unread
        .slice(0, mostReads)
        .map(async resting =>
          freshChanges(context.view, resting, await fresh.readAgain(resting, fresh.signal)),
        ),
    )
    changes.push(...found.flat())
    for (const resting of unread.slice(0, mostReads)) read.add(restingKey(resting))
  }
  for (;;) {
    const view = changes.length === 0 ? context.view : overlay(context.view, changes)
    const verdict = review(request, { ...context, view })
    if (verdict.denials.length === 0) {
      const missing = missingServices(verdict, subject).filter(service => !read.has(restingKey(service)))
      // The view goes on meanwhile, so that what was read may by now be known. A read that fails leaves a
      // warning what it is.
      if (
        missing.length > 0
        && (await learn(missing).then(
          () => true,
          () => false,
        ))
      )
        continue
      return { verdict, readThroughs: read.size }
    }
    const { confirmed, unread } = sift(verdict.denials, subject, read)
    if (unread.length === 0 || confirmed.length > 0)
      return { verdict: { ...verdict, denials: confirmed }, readThroughs: read.size }
    await learn(unread)
  }
}

/** The Services that are not there by what is said of the object in the request. */
const missingServices = ({ warnings }: Verdict, subject: Ref): readonly Ref[] => [
  ...new Map(
    warnings
      .filter(({ absent, ref }) => absent === 'host' && keyOf(ref) === keyOf(subject))
      .flatMap(({ restsOn = [] }) =>
        restsOn.filter(resting => resting.kind === 'Service' && resting.name !== undefined),
      )
      .map(service => [restingKey(service), service as Ref]),
  ).values(),
]

function subjectOf(request: AdmissionRequest): Ref {
  return changedRef(changeOf(request) ?? {})
}

/** The denials all of whose grounds were read again, and the grounds of the others, in order. */
function sift(
  denials: readonly Finding[],
  subject: Ref,
  read: ReadonlySet<string>,
): { readonly confirmed: readonly Finding[]; readonly unread: readonly RestsOn[] } {
  const grounds = denials.map(finding => ({
    finding,
    unread: restingOf(finding, subject).filter(resting => !read.has(restingKey(resting))),
  }))
  const unread = new Map(
    grounds.flatMap(({ unread }) => unread).map(resting => [restingKey(resting), resting]),
  )
  return {
    confirmed: grounds.filter(({ unread }) => unread.length === 0).map(({ finding }) => finding),
    unread: [...unread.values()],
  }
}
