import { CanaryError } from '../../shared/objects/canary-error.ts'
import { Spent } from '../../shared/view/session.ts'
import type { MayRead } from '../cache/access.ts'
import type { ApiRead } from '../cache/single-flight.ts'
import { isTooLarge } from '../cache/too-large.ts'
import type { AdmissionRequest } from '../review/admission-request.ts'
import { asWorkloadUpdate } from '../review/scaling.ts'
import type { ReviewContext, Verdict } from '../review/review.ts'
import { RecentChanges } from './concurrent/recent-changes.ts'
import { reviewAmongOthers } from './concurrent/review-among-others.ts'
import type { ConfirmedVerdict } from './confirmed-review.ts'
import { envelopeOf, requestOf, type Envelope } from './decode-review.ts'
import { answerOf, failureAnswer, type AdmissionAnswer } from './response.ts'
import { toldVerdict } from './told-verdict.ts'
import { TimeLimit } from './time-limit.ts'
import { isTooDense } from './too-dense.ts'

/** What a review needs: the context to judge by, reads from the API server, and a callback for the record. */
export interface Reviewer {
  /** Throws a CanaryError `unreachable` until the cache is synced. */
  readonly context: () => ReviewContext
  readonly onError: () => 'allow' | 'deny'
  /** Set where the caller chooses: `closed` denies what cannot be judged, whatever `onError` says, and `open` allows it. */
  readonly fails?: 'closed' | 'open' | undefined
  /** Users who bypass the rules also where nothing can be judged. */
  readonly exemptUsers?: () => readonly string[]
  readonly readApi: ApiRead
  /** What the user of a request may read of other namespaces; nothing, where nobody knows who sent the request. */
  readonly mayRead: MayRead
  /** The changes that were admitted a moment ago; without them each review is judged by itself. */
  readonly recent?: RecentChanges
  readonly onReviewed: (record: ReviewRecord) => void
}

/** One answered review, for the log and the metrics. */
export type ReviewRecord = { readonly uid: string; readonly ms: number } & (
  | { readonly request: AdmissionRequest; readonly confirmed: ConfirmedVerdict }
  | {
      readonly request: AdmissionRequest | undefined
      readonly reason: ErrorReason
      readonly error: unknown
      readonly allowed: boolean
    }
)
/** Why a review has no verdict. */
export type ErrorReason =
  'malformed' | 'too-large' | 'timeout' | 'api-read' | 'not-synced' | 'rights-lost' | 'internal'

/**
 * Answers the body of a review; undefined for a body that is no review. Never rejects: a review that fails is
 * answered as `onError` says.
 */
export async function answerReview(
  body: Uint8Array | string,
  budgetMs: number,
  reviewer: Reviewer,
): Promise<AdmissionAnswer | undefined> {
  const start = performance.now()
  const isDense = typeof body !== 'string' && isTooDense(body)
  const envelope = isDense ? envelopeOfStart(body) : envelopeOf(parsed(body))
  if (envelope === undefined) return undefined
  let request: AdmissionRequest | undefined
  const limit = new TimeLimit(budgetMs, () => new OutOfTime())
  try {
    if (isDense) throw new TooLarge()
    request = requestOf(envelope)
    if (reviewer.exemptUsers?.().includes(request.user) === true)
      return bypassed(envelope, reviewer, { request, ms: performance.now() - start })
    const { object, oldObject } = request
    if ([object, oldObject].some(side => side !== undefined && isTooLarge(side))) throw new TooLarge()
    const context = reviewer.context()
    request = asWorkloadUpdate(request, context.view)
    const { readApi, recent = new RecentChanges(), mayRead } = reviewer
    const parts = { readApi, recent, limit, bytes: body.length }
    const confirmed = await reviewAmongOthers(request, context, parts)
    const told = await toldVerdict(
      confirmed.verdict,
      { request, mayRead, limit },
      { rules: context.judge.rules, change: { before: request.oldObject, after: request.object } },
    )
    const answer = answerOf(envelope, told)
    record(reviewer, { uid: envelope.uid, ms: performance.now() - start, request, confirmed })
    return answer
  } catch (error) {
    return answerFailure(envelope, reviewer, { request, error, ms: performance.now() - start })
  } finally {
    limit.close()
  }
}

/** Allows what an exempt user does, without a look at the cluster. */
function bypassed(
  envelope: Envelope,
  reviewer: Reviewer,
  { request, ms }: { readonly request: AdmissionRequest; readonly ms: number },
): AdmissionAnswer {
  const verdict: Verdict = { bypass: 'exempt-user', denials: [], warnings: [], exempted: [] }
  record(reviewer, { uid: envelope.uid, ms, request, confirmed: { verdict, apiReads: 0 } })
  return answerOf(envelope, verdict)
}

class OutOfTime extends Error {}
class TooLarge extends Error {}

function answerFailure(
  envelope: Envelope,
  reviewer: Reviewer,
  { request, error, ms }: { request: AdmissionRequest | undefined; error: unknown; ms: number },
): AdmissionAnswer {
  const reason = reasonOf(error)
  const onFailure =
    reviewer.fails === undefined ? reviewer.onError() : reviewer.fails === 'closed' ? 'fail' : 'allow'
  record(reviewer, { uid: envelope.uid, ms, request, reason, error, allowed: onFailure === 'allow' })
  return failureAnswer(envelope, sentences[reason](error), onFailure)
}

/** A log or a metric that fails must not cost the answer. */
function record({ onReviewed }: Reviewer, reviewed: ReviewRecord): void {
  try {
    onReviewed(reviewed)
  } catch {
    // Neither log nor metrics can take it.
  }
}

/** The envelope of a body that is not parsed: an API server sends the uid first. */
function envelopeOfStart(body: Uint8Array): Envelope | undefined {
  const uid = /"request":\s*\{\s*"uid":\s*"([\w-]{1,100})"/.exec(
    new TextDecoder().decode(body.subarray(0, 1000)),
  )?.[1]
  return envelopeOf({ request: { uid } })
}

const decoder = new TextDecoder()

/** JSON.parse makes `__proto__` an own key, which is safe because nothing here merges these objects. */
function parsed(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : decoder.decode(body))
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): ErrorReason {
  if (error instanceof OutOfTime) return 'timeout'
  if (error instanceof TooLarge || error instanceof Spent) return 'too-large'
  if (!(error instanceof CanaryError)) return 'internal'
  return reasonOfCode[error.code] ?? 'api-read'
}

const reasonOfCode: Readonly<Partial<Record<CanaryError['code'], ErrorReason>>> = {
  unreadable: 'malformed',
  unreachable: 'not-synced',
  forbidden: 'rights-lost',
}

const sentences: Readonly<Record<ErrorReason, (error: unknown) => string>> = {
  malformed: error => (error instanceof Error ? error.message : 'malformed'),
  timeout: () => 'the objects that the change depends on could not be read in time',
  // The log says which: they may be of other namespaces.
  'api-read': () => 'the objects that the change depends on could not be read; see its log',
  'too-large': error =>
    error instanceof Spent ? 'the change affects too many objects' : 'the object has too many values',
  'not-synced': () => 'its cache is not synced yet',
  'rights-lost': () => 'it has lost the right to read the objects that the change depends on; see its log',
  internal: () => 'internal error; see its log',
}
