import type { OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiRequest } from './connection.ts'
import type { Credentials, Proof } from './credentials.ts'
import { isUnknownAuthority } from './failure.ts'
import type { Surroundings } from './login/login.ts'
import type { AnswerHead, Sent } from '../transport/pool.ts'
import type { Transport } from '../transport/transport.ts'

/** What all requests of a connection share. */
export interface ConnectionParts {
  /** The authority as it is now: its file may be written again at any time. */
  readonly readAuthority: () => Promise<string | undefined>
  readonly transport: Transport
  readonly credentials: Credentials
  readonly headers: Readonly<Record<string, string | string[]>>
  /** The server's URL without a slash at its end. */
  readonly server: string
  readonly onAnswer?: Surroundings['onAnswer']
}

/** client-go's limit (rest.withRetry). */
const mostRetries = 10

/**
 * Sends a request, once more with newer credentials where they are refused, and again whenever a busy server
 * asks for that.
 */
export async function send(
  parts: ConnectionParts,
  asked: ApiRequest,
  { isStream, signal }: Pick<Sent, 'isStream' | 'signal'>,
): Promise<{ readonly answer: AnswerHead; readonly proof: Proof }> {
  const request = requestOf(parts, asked)
  let proof = await parts.credentials.current()
  let isRenewed = false
  for (let attempt = 0; ; attempt++) {
    const headers = authorized(request.headers, proof)
    const tell = parts.onAnswer && (await teller(parts.onAnswer, request.method, parts.server + request.path))
    const answer = await sendTrusting(parts, { ...request, headers, isStream, signal }, proof)
    tell?.(answer)
    if (answer.status === 401 && !isRenewed) {
      const newer = await parts.credentials.renewed(proof)
      isRenewed = true
      if (newer === undefined) return { answer, proof }
      proof = newer
      answer.body.resume()
      continue
    }
    const wait = retryAfter(answer)
    if (wait === undefined || attempt >= mostRetries) return { answer, proof }
    answer.body.resume()
    await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
  }
}

/** Tells of a request's answer, how long it took from now on, and what its status is called. */
async function teller(
  onAnswer: NonNullable<Surroundings['onAnswer']>,
  method: string,
  url: string,
): Promise<(answer: AnswerHead) => void> {
  const { STATUS_CODES } = await import('node:http')
  const start = performance.now()
  return ({ status }) =>
    onAnswer({
      method,
      url,
      status: `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
      milliseconds: Math.round(performance.now() - start),
    })
}

function requestOf(
  parts: ConnectionParts,
  { method = 'GET', path, query = {}, ...asked }: ApiRequest,
): Pick<Sent, 'method' | 'path' | 'headers' | 'body'> {
  const search = searchOf(query)
  const body = bodyTextOf(asked.body)
  const headers = {
    ...parts.headers,
    accept: asked.accept ?? 'application/json',
    ...(body !== undefined && {
      'content-type': asked.contentType ?? 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
  }
  return { method, path: search === '' ? path : `${path}?${search}`, headers, body }
}

/** As `URLSearchParams` writes it, which takes a millisecond for two dozen requests. */
const searchOf = (query: NonNullable<ApiRequest['query']>): string =>
  Object.entries(query)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${inQuery(name)}=${inQuery(value)}`]))
    .join('&')

const inQuery = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')

const bodyTextOf = (body: unknown): string | undefined =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body)

const authorized = (headers: OutgoingHttpHeaders, { authorization }: Proof): OutgoingHttpHeaders =>
  authorization === undefined ? headers : { ...headers, authorization }

/**
 * Looks once whether the authority has changed where the server's certificate is of one that is not known:
 * nothing has been sent then.
 */
async function sendTrusting(
  { transport, readAuthority }: ConnectionParts,
  sent: Sent,
  proof: Proof,
): Promise<AnswerHead> {
  const trusted = transport.authority
  try {
    return await transport.send(sent, proof)
  } catch (error) {
    if (!isUnknownAuthority((error as NodeJS.ErrnoException).code ?? '')) throw error
    transport.trust(await readAuthority())
    if (transport.authority === trusted) throw error
    return transport.send(sent, proof)
  }
}

/** Milliseconds after which the server wants to be asked again, if it is too busy now and says so. */
function retryAfter({ status, headers }: AnswerHead): number | undefined {
  if (status !== 429 && status < 500) return undefined
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10)
  return Number.isNaN(seconds) ? undefined : seconds * 1000
}
