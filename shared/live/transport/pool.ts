import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** One request on the wire. */
export interface Sent {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | undefined
  /** Stays open: outside what ordinary requests share, which it would use up. */
  readonly isStream: boolean
  readonly signal: AbortSignal | undefined
}

/** An answer's head; its body is still to come. */
export interface AnswerHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

/** Kept-alive connections of one protocol to one server, with one client certificate. */
export interface Pool {
  /** False when it can take no further request. */
  readonly isOpen: boolean
  /** Fails with the connection's error, a StaleConnection where another one may serve the request. */
  send(sent: Sent): Promise<AnswerHead>
  /** Lets the requests that are under way end, and keeps no connection after them. */
  retire(): void
  close(): void
}

/** Marks an error of a kept-alive connection that the server ended: what is asked can be asked again on another. */
export class StaleConnection extends Error {
  override readonly cause: Error
  /** Whether the server says that it has not seen the request, so that a write may be sent again as well. */
  readonly isUnseen: boolean
  constructor(cause: Error, isUnseen: boolean) {
    super(cause.message, { cause })
    this.cause = cause
    this.isUnseen = isUnseen
  }
}
