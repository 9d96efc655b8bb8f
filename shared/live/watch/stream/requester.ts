/** One GET to the API server. `path` starts with a slash and carries no query. */
export interface Ask {
  readonly method: 'GET'
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The answer as it comes in: `body` may continue for hours. */
export interface StreamedResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: AsyncIterable<Uint8Array>
  /** The whole body as text, where it was read already. */
  readonly text?: string
}

/**
 * All that a watch needs of a connection: it must put the credentials in, and read them again when they are
 * refused.
 */
export interface Requester {
  request(ask: Ask): Promise<StreamedResponse>
}
