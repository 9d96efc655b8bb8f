import type { Verdict } from '../review/review.ts'
import type { Envelope } from './decode-review.ts'
import { denialMessage, mostMessageBytes } from './denial-message.ts'
import { cutBytes, plainLine } from './plain-text.ts'
import { exemptionWarningOf, fitWarnings, warningOf } from './warnings.ts'

/** The AdmissionReview that is returned to the API server. */
export interface AdmissionAnswer {
  readonly apiVersion: string
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly warnings?: readonly string[]
    readonly status?: {
      readonly status: 'Failure'
      readonly code: 403
      readonly reason: 'Forbidden'
      readonly message: string
    }
  }
}

/** The fields of a review that its answer must repeat. */
type AnswerTo = Pick<Envelope, 'uid' | 'apiVersion'>

/** Allows the request. */
export const allow = (to: AnswerTo, warnings: readonly string[] = []): AdmissionAnswer =>
  answer(to, { allowed: true, warnings: fitWarnings(warnings) })

/**
 * Denies the request with 403 and `Forbidden`: kubectl drops the message of a 422 that has causes, and clients
 * retry after a 409.
 */
export const deny = (to: AnswerTo, message: string, warnings: readonly string[] = []): AdmissionAnswer =>
  answer(to, {
    allowed: false,
    warnings: fitWarnings(warnings),
    status: { status: 'Failure', code: 403, reason: 'Forbidden', message },
  })

/** The answer to a review with this verdict. */
export function answerOf(to: AnswerTo, { denials, warnings, exempted }: Verdict): AdmissionAnswer {
  const texts = [
    ...exempted.filter(({ isDenial }) => isDenial).map(exemptionWarningOf),
    ...warnings.map(warningOf),
  ]
  return denials.length === 0 ? allow(to, texts) : deny(to, denialMessage(denials), texts)
}

/** How a review that failed is answered: `fail` denies it by the failurePolicy of its entry, `deny` by `onError`. */
export type OnFailure = 'allow' | 'deny' | 'fail'

const denials = {
  deny: 'Denied because onError is "deny" in its configuration.',
  fail: 'Denied because its failurePolicy for routes is Fail. Try again; if it is denied again, see the log of the guard.',
} as const

/** The answer to a review that failed: allowed with a warning, or denied. */
export function failureAnswer(to: AnswerTo, why: string, onFailure: OnFailure): AdmissionAnswer {
  const text = `canary-guard could not review this: ${plainLine(why)}`
  return onFailure === 'allow'
    ? allow(to, [text])
    : deny(to, cutBytes(`${text}\n  ${denials[onFailure]}`, mostMessageBytes))
}

function answer(
  { uid, apiVersion }: AnswerTo,
  { warnings, ...rest }: Omit<AdmissionAnswer['response'], 'uid'>,
): AdmissionAnswer {
  return {
    apiVersion,
    kind: 'AdmissionReview',
    response: { uid, ...rest, ...(warnings?.length ? { warnings } : {}) },
  }
}
