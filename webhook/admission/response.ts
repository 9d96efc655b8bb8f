import type { Envelope } from './decode-review.ts'
import { denialMessage, mostMessageBytes } from './denial-message.ts'
import { cutBytes, plainLine } from './plain-text.ts'
import type { Verdict } from '../review/review.ts'
import { fitWarnings, warningOf } from './warnings.ts'

/** The AdmissionReview that goes back to the API server. */
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

type Addressee = Pick<Envelope, 'uid' | 'apiVersion'>

/** Yes. */
export const allow = (to: Addressee, warnings: readonly string[] = []): AdmissionAnswer =>
  answer(to, { allowed: true, warnings: fitWarnings(warnings) })

/**
 * No, with 403 and `Forbidden`: kubectl drops the message of a 422 that has causes, and clients try again
 * after a 409.
 */
export const deny = (to: Addressee, message: string, warnings: readonly string[] = []): AdmissionAnswer =>
  answer(to, {
    allowed: false,
    warnings: fitWarnings(warnings),
    status: { status: 'Failure', code: 403, reason: 'Forbidden', message },
  })

/** The answer that a verdict amounts to. */
export function answerOf(to: Addressee, { denials, warnings }: Verdict): AdmissionAnswer {
  const texts = warnings.map(warningOf)
  return denials.length === 0 ? allow(to, texts) : deny(to, denialMessage(denials), texts)
}

/**
 * What to say where nothing can be said: let it through with a warning, or refuse, as the configuration has
 * it.
 */
export function unjudged(to: Addressee, why: string, onError: 'allow' | 'deny'): AdmissionAnswer {
  const text = `canary-guard could not judge this: ${plainLine(why)}`
  return onError === 'allow'
    ? allow(to, [text])
    : deny(
        to,
        cutBytes(`${text}\n  Refused because onError is "deny" in its configuration.`, mostMessageBytes),
      )
}

function answer(
  { uid, apiVersion }: Addressee,
  { warnings, ...rest }: Omit<AdmissionAnswer['response'], 'uid'>,
): AdmissionAnswer {
  return {
    apiVersion,
    kind: 'AdmissionReview',
    response: { uid, ...rest, ...(warnings?.length ? { warnings } : {}) },
  }
}
