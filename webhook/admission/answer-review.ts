import { CanaryError } from '../../shared/objects/canary-error.ts'
import { Spent } from '../../shared/view/session.ts'
import { decide, type Decision } from './decide.ts'
import type { ReadAgain } from '../cache/single-flight.ts'
import { isTooDense, isTooLarge } from '../cache/too-large.ts'
import { envelopeOf, requestOf, type AdmissionRequest, type Envelope } from './decode-review.ts'
import { answerOf, unjudged, type AdmissionAnswer } from './response.ts'
import type { ReviewContext } from '../review/review.ts'

/** What answers reviews: what to judge by at this moment, how to read again, and who is told. */
export interface Reviewer {
  /** Throws a CanaryError `unreachable` while the cluster is not yet known. */
  readonly context: () => ReviewContext
  readonly onError: () => 'allow' | 'deny'
  readonly readAgain: ReadAgain
  readonly onDecision: (decided: Decided) => void
}

/** One answered review, for the log and the metrics. */
export type Decided = { readonly uid: string; readonly ms: number } & (
  | { readonly request: AdmissionRequest; readonly decision: Decision }
  | {
      readonly request: AdmissionRequest | undefined
      readonly reason: ErrorReason
      readonly error: unknown
      readonly allowed: boolean
    }
)
/**
 * Why there was no verdict: the request's form, its size, the time, what could not be read again, a cluster
 * that is not yet known, or ourselves.
 */
export type ErrorReason = 'malformed' | 'too-large' | 'timeout' | 'read-through' | 'not-synced' | 'internal'

/**
 * The answer to the body of a review; undefined where the body is no review at all. Never rejects: what
 * cannot be judged is answered as configured.
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
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new OutOfTime()), Math.max(1, budgetMs))
  try {
    if (isDense) throw new TooLarge()
    request = requestOf(envelope)
    const { object, oldObject } = request
    if ([object, oldObject].some(side => side !== undefined && isTooLarge(side))) throw new TooLarge()
    const decision = await decide(request, reviewer.context(), {
      readAgain: reviewer.readAgain,
      signal: late.signal,
    })
    const answer = answerOf(envelope, decision.verdict)
    told(reviewer, { uid: envelope.uid, ms: performance.now() - start, request, decision })
    return answer
  } catch (error) {
    return troubled(envelope, reviewer, { request, error, ms: performance.now() - start })
  } finally {
    clearTimeout(timer)
  }
}

class OutOfTime extends Error {}
class TooLarge extends Error {}

function troubled(
  envelope: Envelope,
  reviewer: Reviewer,
  { request, error, ms }: { request: AdmissionRequest | undefined; error: unknown; ms: number },
): AdmissionAnswer {
  const reason = reasonOf(error)
  const onError = reviewer.onError()
  told(reviewer, { uid: envelope.uid, ms, request, reason, error, allowed: onError === 'allow' })
  return unjudged(envelope, sentences[reason](error), onError)
}

/** A log or a metric that fails must not cost the answer. */
function told({ onDecision }: Reviewer, decided: Decided): void {
  try {
    onDecision(decided)
  } catch {
    // There is nobody left to tell.
  }
}

/** An API server sends the uid first; of a body that is not parsed nothing else is known. */
function envelopeOfStart(body: Uint8Array): Envelope | undefined {
  const uid = /"request":\s*\{\s*"uid":\s*"([\w-]{1,100})"/.exec(
    new TextDecoder().decode(body.subarray(0, 1000)),
  )?.[1]
  return envelopeOf({ request: { uid } })
}

/** Plain JSON.parse, whose objects may have a `__proto__` key of their own; nothing here merges from them. */
function parsed(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): ErrorReason {
  if (error instanceof OutOfTime) return 'timeout'
  if (error instanceof TooLarge || error instanceof Spent) return 'too-large'
  if (!(error instanceof CanaryError)) return 'internal'
  return reasonOfCode[error.code] ?? 'read-through'
}

const reasonOfCode: Readonly<Partial<Record<CanaryError['code'], ErrorReason>>> = {
  unreadable: 'malformed',
  unreachable: 'not-synced',
}

const sentences: Readonly<Record<ErrorReason, (error: unknown) => string>> = {
  malformed: error => (error instanceof Error ? error.message : 'malformed'),
  timeout: () => 'what it rests on could not be read in time',
  'read-through': error =>
    `what it rests on could not be read: ${error instanceof Error ? error.message : ''}`,
  'too-large': error => (error instanceof Spent ? 'it affects too much' : 'it has too many parts'),
  'not-synced': () => 'it has not yet seen the whole cluster',
  internal: () => 'a fault of its own, which its log shows',
}
