import { proxyFor } from './corrections/environment-proxy.ts'
import type { Environment } from './corrections/exec/exec-info.ts'
import { readAnswer } from './connection/read-answer.ts'
import { Transport } from './transport/transport.ts'

/** A server that is no API server, by its URL. */
export interface OtherServer {
  readonly url: URL
  /** PEM of whom to trust; the system's authorities when left out. */
  readonly authority?: string | undefined
  readonly skipVerify: boolean
  readonly env: Environment
}

/** One request to it; the path comes after that of its URL. */
export interface OtherRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

/** Its answer, of any status, read to its end. */
export interface OtherAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

/** A few kept-alive connections to a server, through the environment's proxy; nothing is sent before the first request. */
export function openOtherServer({ url, authority, skipVerify, env }: OtherServer): {
  request(asked: OtherRequest): Promise<OtherAnswer>
  close(): void
} {
  const transport = new Transport({
    server: url,
    proxy: proxyFor(url, undefined, env),
    authority,
    skipVerify,
    serverName: undefined,
    isHttp1: false,
  })
  return {
    request: async ({ headers, body, ...asked }) => {
      const answer = await transport.send(
        {
          ...asked,
          body,
          isStream: false,
          headers: {
            'user-agent': 'kubectl-canary',
            accept: 'application/json',
            'accept-encoding': 'gzip',
            ...headers,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          },
        },
        {},
      )
      return readAnswer(answer, url.host)
    },
    close: () => transport.close(),
  }
}
