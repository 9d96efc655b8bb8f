import type { StreamedResponse } from './requester.ts'

/** An answer that is not a success, as the API server put it. */
export class ApiFailure extends Error {
  readonly status: number
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfter: number

  constructor(status: number, message: string, retryAfter = 0) {
    super(`${status} ${message}`)
    this.name = 'ApiFailure'
    this.status = status
    this.retryAfter = retryAfter
  }
}

/**
 * The version that was asked for is gone: only a new list helps. It comes as a status, and as an ERROR event
 * in the stream.
 */
export const isExpired = (error: unknown): boolean => error instanceof ApiFailure && error.status === 410

/** Nobody serves the resource: its definition is not installed (yet). */
export const isAbsent = (error: unknown): boolean => error instanceof ApiFailure && error.status === 404

/** The API server does not know us, or we have no right to what was asked. */
export const isRefused = (error: unknown): boolean =>
  error instanceof ApiFailure && (error.status === 401 || error.status === 403)

/** The API server knows us, and we have no right to what was asked. */
export const isForbidden = (error: unknown): boolean => error instanceof ApiFailure && error.status === 403

/** A stream whose bytes are no events, or that ended without any. */
export class UnreadableWatch extends Error {}

/**
 * Whether asking for the same again is likely to fail in the same way, as it is not when a server is busy,
 * away or refuses our credentials.
 */
export const isFruitless = (error: unknown): boolean =>
  error instanceof UnreadableWatch
  || (error instanceof ApiFailure && ![401, 403, 429, 502, 503].includes(error.status))

/** However long a server asks us to wait, and be it by mistake: after this we look again. */
const mostRetryAfter = 60_000

/** A failure from the answer's status and what its body says. */
export function failureOf({ status, headers }: StreamedResponse, text: string): ApiFailure {
  const seconds = Number(headers?.['retry-after'])
  return new ApiFailure(status, messageOf(text), seconds > 0 ? Math.min(seconds * 1000, mostRetryAfter) : 0)
}

/** A failure from the Status object of an ERROR event. */
export function failureOfStatus(status: unknown): ApiFailure {
  const { code, reason, message } = (typeof status === 'object' && status !== null ? status : {}) as Record<
    string,
    unknown
  >
  const isGone = reason === 'Expired' || reason === 'Gone'
  return new ApiFailure(
    isGone ? 410 : typeof code === 'number' ? code : 500,
    typeof message === 'string' ? message : 'the watch reported an error',
  )
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // Not a Status object: a proxy's page, or plain text.
  }
  return text.slice(0, 200).trim() || 'no message'
}
