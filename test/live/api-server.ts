/** An HTTPS server that answers as an API server might, and counts what reaches it. */
import { createServer, type Server } from 'node:https'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
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
  /** Ends every HTTP/2 session at once. */
  hangUp(): void
  /** Ends every HTTP/2 session in order: what is under way is answered. */
  goAway(): void
}

export type Handle = (seen: Seen) => Reply | undefined | Promise<Reply | undefined>

export interface FakeOptions {
  readonly names?: readonly string[]
  readonly plain?: boolean
  /** Speaks HTTP/2 to who asks for it. */
  readonly http2?: boolean
  /** The address to listen on. */
  readonly host?: string
}

/** Starts one on a free port of the loopback, with a certificate of an authority of its own. */
export async function startFakeServer(
  handle: Handle,
  { names = ['127.0.0.1', 'localhost'], plain = false, http2 = false, host = '127.0.0.1' }: FakeOptions = {},
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
  const server = serverFor(
    listener,
    plain ? undefined : { ...authority, server: { certificate, key } },
    http2,
  )
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session: ServerHttp2Session) => sessions.add(session))
  server.on(plain ? 'connection' : 'secureConnection', () => {
    connections++
  })
  await new Promise<void>(resolve => {
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${plain ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    authority,
    seen,
    get connections() {
      return connections
    },
    goAway: () => sessions.forEach(session => session.close()),
    hangUp: () => sessions.forEach(session => session.destroy()),
    [Symbol.asyncDispose]: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

type Listening = Server | http.Server | Http2SecureServer

interface Certificates {
  readonly certificate: string
  readonly server: { readonly certificate: string; readonly key: string }
}

/** Without certificates it speaks plain HTTP. */
function serverFor(
  listener: http.RequestListener,
  certificates: Certificates | undefined,
  isHttp2: boolean,
): Listening {
  if (certificates === undefined) return http.createServer(listener)
  const { certificate: ca, server } = certificates
  const tls = { cert: server.certificate, key: server.key, ca, requestCert: true, rejectUnauthorized: false }
  return isHttp2
    ? createSecureServer({ ...tls, allowHTTP1: true }, listener as never)
    : createServer(tls, listener)
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
