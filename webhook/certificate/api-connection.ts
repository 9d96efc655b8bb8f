import type { ApiRequest } from '../../shared/live/connection/connection.ts'

/** The part of a connection that sends one request to the API server and reads the whole response. */
export interface ApiRequests {
  request(request: ApiRequest): Promise<{ readonly status: number; readonly text: string }>
}

/** The part of a connection whose response continues, as that of a watch does. */
export interface ApiStreams {
  stream(request: {
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  }): Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>
}
