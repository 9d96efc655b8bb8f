import type { IncomingHttpHeaders } from 'node:http'
import type { CanaryError } from '../../objects/canary-error.ts'
import type { AnswerHead } from '../transport/pool.ts'
import type { Refused } from './failure.ts'

/** One request to the API server. */
export interface ApiRequest {
  readonly method?: string
  /** Starts with a slash, without a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal
}

/** An answer of any status, read to its end. */
export interface ApiResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** What the server warns of (RFC 7234 `Warning: 299`). */
  readonly warnings: readonly string[]
  readonly text: string
  /** The body as JSON; a CanaryError where it is none. */
  json(): unknown
}

/** One user's access to one API server, over a few kept-alive connections. */
export interface Connection {
  readonly server: string
  /** The context's name; empty where there is none. */
  readonly context: string
  /** The namespace of a request that names none. */
  readonly namespace: string
  /**
   * The global flags that a kubectl command must repeat to mean the same cluster and user, each with a space
   * before it.
   */
  readonly flags: string
  /**
   * Any status is an answer; a CanaryError says that there was none. An abort fails with the signal's reason.
   */
  request(asked: ApiRequest): Promise<ApiResponse>
  /** As `request`, for a body that continues for long: on a connection of its own. */
  stream(asked: ApiRequest): Promise<AnswerHead>
  /** The CanaryError that an answer's status stands for. */
  refusal(answer: ApiResponse, about?: Pick<Refused, 'verb' | 'resource' | 'namespace'>): CanaryError
  close(): void
}
