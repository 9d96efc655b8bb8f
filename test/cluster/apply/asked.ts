/** Requests to an API server, and what it says. */

/** One answer of the API server; `body` is parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  /** The texts of its `Warning` headers. */
  readonly warnings?: readonly string[]
}

/** One request to the API server; GET without a body unless said otherwise. */
export interface Asked {
  readonly method?: string
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
}

/** Sends a request, as often as the server says that it should be sent again. */
export type Ask = (path: string, asked?: Asked) => Promise<Answer>
