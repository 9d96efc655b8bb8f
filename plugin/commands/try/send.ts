import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { authorityOf, formatUrl, portOf, type AskedRequest } from '../../../shared/trial/asked-request.ts'
import type { Session } from '../../session.ts'

/** How real requests are sent. */
export interface Sending {
  /** `HOST:PORT`; the host and port of the URL when left out. */
  readonly address?: { readonly host: string; readonly port: number } | undefined
  readonly count: number
  /** Requests per second at most. */
  readonly rate: number
  /** Where the version is in an answer. */
  readonly versionIn: { readonly header: string } | { readonly body: RegExp }
  readonly insecure: boolean
}

/** What came back: the version that an answer names, or its status where it names none, or why there was none. */
export interface LiveAnswer {
  readonly version?: string
  readonly status?: number
  readonly failure?: string
}

/** So much of an answer is read. */
const mostBytes = 64 * 1024
const timeout = 10_000

/** Sends the same request again and again, no faster than the rate; ends early where the person stops it. */
export async function sendMany(
  session: Session,
  asked: AskedRequest,
  sending: Sending,
): Promise<readonly LiveAnswer[]> {
  const { streams } = session
  const { interrupt } = streams
  const answers: Promise<LiveAnswer>[] = []
  const begun = performance.now()
  for (let i = 0; i < sending.count && !interrupt.aborted; i++) {
    const early = begun + (i * 1000) / sending.rate - performance.now()
    if (early > 1) await streams.wait(early).catch(() => undefined)
    if (interrupt.aborted) break
    answers.push(sendOne(asked, sending, interrupt))
  }
  return Promise.all(answers)
}

function sendOne(asked: AskedRequest, sending: Sending, interrupt: AbortSignal): Promise<LiveAnswer> {
  const { host, port } = sending.address ?? { host: asked.host, port: portOf(asked) }
  const options: RequestOptions = {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port,
    method: asked.method,
    path: asked.path + (asked.query === undefined ? '' : `?${asked.query}`),
    headers: { ...asked.headers, host: authorityOf(asked) },
    // Each request is a connection of its own, as of another caller.
    agent: false,
    signal: AbortSignal.any([interrupt, AbortSignal.timeout(timeout)]),
  }
  return new Promise(resolve => {
    const fail = (error: Error): void =>
      resolve({
        failure: error.name === 'TimeoutError' ? `no answer within ${timeout / 1000} s` : codeOf(error),
      })
    const answered = (message: IncomingMessage): void => {
      readBody(message).then(body => resolve(answerOf(message, body, sending)), fail)
    }
    const sent =
      asked.scheme === 'https'
        ? tlsRequest({ ...options, servername: asked.host, rejectUnauthorized: !sending.insecure }, answered)
        : plainRequest(options, answered)
    sent.on('error', fail).end()
  })
}

const codeOf = (error: Error): string => String(Reflect.get(error, 'code') ?? error.message)

async function readBody(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of message) {
    const bytes = part as Buffer
    size += bytes.length
    if (size <= mostBytes) parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

function answerOf(message: IncomingMessage, body: string, { versionIn }: Sending): LiveAnswer {
  const status = message.statusCode ?? 0
  const found =
    'header' in versionIn
      ? message.headers[versionIn.header.toLowerCase()]?.toString()
      : (versionIn.body.exec(body)?.[1] ?? undefined)
  return found === undefined ? { status } : { version: found.trim(), status }
}

/** Where requests go, for people. */
export const formatAddress = (asked: AskedRequest, { address }: Sending): string =>
  address === undefined ? formatUrl(asked) : `${address.host}:${address.port}`
