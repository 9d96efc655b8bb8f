/** An HTTPS server that answers as an API server might, and counts what reaches it. */
import { createServer, type Server } from 'node:https'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createAuthority, type Authority } from '../cluster/credentials.ts'

/** One request as it came in. */
export interface Seen {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The common name of the client's certificate. */
  readonly subject: string | undefined
}

/** What is answered: 200 and JSON unless said otherwise; a string goes out as it is. Nothing: the request is never answered. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface FakeServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly authority: Authority
  readonly seen: readonly Seen[]
  /** How many connections were opened so far. */
  readonly connections: number
}

export type Handle = (seen: Seen) => Reply | undefined | Promise<Reply | undefined>

export interface FakeOptions {
  readonly names?: readonly string[]
  readonly plain?: boolean
}

/** Starts one on a free port of the loopback, with a certificate of an authority of its own. */
export async function startFakeServer(
  handle: Handle,
  { names = ['127.0.0.1', 'localhost'], plain = false }: FakeOptions = {},
): Promise<FakeServer> {
  const authority = await createAuthority()
  const { certificate, key } = await authority.server(names)
  const seen: Seen[] = []
  let connections = 0
  const listener: http.RequestListener = (request, response) => {
    void (async () => {
      const one = await read(request)
      seen.push(one)
      const reply = await handle(one)
      if (reply !== undefined) send(response, reply)
    })().catch(() => response.destroy())
  }
  const server: Server | http.Server = plain
    ? http.createServer(listener)
    : createServer(
        { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false },
        listener,
      )
  server.on(plain ? 'connection' : 'secureConnection', () => {
    connections++
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${plain ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    authority,
    seen,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Seen> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { subject } = (request.socket as TLSSocket).getPeerCertificate?.() ?? {}
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '', 'https://x'),
    headers: request.headers,
    body,
    subject: subject?.CN as string | undefined,
  }
}

function send(response: ServerResponse, { status = 200, headers, body = {} }: Reply): void {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body ?? {})
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(text)
}

/** The Status object of a refusal. */
export const status = (code: number, reason: string, message: string): Reply => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
})

export const listOf = (items: readonly unknown[], next = ''): Reply => ({
  body: { kind: 'List', metadata: { resourceVersion: '1', continue: next }, items },
})
