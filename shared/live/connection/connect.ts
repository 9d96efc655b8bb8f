import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { CanaryError } from '../../objects/canary-error.ts'
import { credentialsOf, type Credentials } from './credentials/credentials.ts'
import type { Proof } from './credentials/proof.ts'
import { readPem } from './credentials/read-pem.ts'
import { isUnknownAuthority, statusError, transportError, type Asker, type Refused } from './failure.ts'
import { readLogin, type Flags, type Login, type Surroundings } from './login/login.ts'
import { proxyFor } from './transport/proxy.ts'
import { Transport, type Sent } from './transport/transport.ts'

/** One request to the API server. */
export interface Asked {
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
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** What the server warns of (RFC 7234 `Warning: 299`). */
  readonly warnings: readonly string[]
  readonly text: string
  /** The body as JSON; a CanaryError where it is none. */
  json(): unknown
}

/** An answer whose body is still coming in. */
export interface StreamedAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Readable
}

/** One user's line to one API server, over a few kept-alive connections. */
export interface Connection {
  readonly server: string
  /** The context's name; empty where there is none. */
  readonly context: string
  /** The namespace of a request that names none. */
  readonly namespace: string
  /** The global flags that a kubectl command must repeat to mean the same cluster and user, each with a space before it. */
  readonly flags: string
  /** Any status is an answer; a CanaryError says that there was none. An abort fails with the signal's reason. */
  request(asked: Asked): Promise<Answer>
  /** As `request`, for a body that goes on for long: on a connection of its own. */
  stream(asked: Asked): Promise<StreamedAnswer>
  /** The CanaryError that an answer's status stands for. */
  refusal(answer: Answer, about?: Pick<Refused, 'verb' | 'resource' | 'namespace'>): CanaryError
  close(): void
}

/** The connection that kubectl would make for the same flags, files and environment. Nothing is sent before the first request. */
export async function connect(flags: Flags, surroundings: Surroundings): Promise<Connection> {
  const login = await readLogin(flags, surroundings)
  const server = new URL(login.server)
  const isTls = server.protocol === 'https:'
  const { cluster } = login
  const skipVerify = cluster['insecure-skip-tls-verify'] === true
  const readAuthority = async (): Promise<string | undefined> =>
    isTls ? readPem(cluster['certificate-authority-data'], cluster['certificate-authority']) : undefined
  const authority = await readAuthority()
  if (isTls && skipVerify && authority !== undefined) {
    throw new CanaryError(
      'unreadable',
      'kubeconfig: the cluster has both insecure-skip-tls-verify and a certificate authority',
      { hints: ['Leave one of them out.'] },
    )
  }
  const proxy = proxyFor(server, cluster['proxy-url'], surroundings.env)
  const asker: Asker = { login, flags: flagsText(flags) }
  const line: Line = {
    asker,
    readAuthority,
    transport: new Transport({
      server,
      proxy,
      authority,
      skipVerify,
      serverName: cluster['tls-server-name'],
    }),
    // As kubectl: no credentials over a connection that anybody can read.
    credentials: credentialsOf(isTls ? login.user : {}, {
      env: surroundings.env,
      isInteractive: surroundings.isInteractive ?? false,
      server: login.server,
      cluster,
    }),
    headers: {
      'user-agent': 'kubectl-canary',
      ...(cluster['disable-compression'] ? {} : { 'accept-encoding': 'gzip' }),
      ...impersonation(login.user),
    },
  }
  return connectionOf(line, login)
}

/** What all requests share. */
interface Line {
  readonly asker: Asker
  /** The authority as it is now: its file may be written anew at any time, as that of a service account is. */
  readonly readAuthority: () => Promise<string | undefined>
  readonly transport: Transport
  readonly credentials: Credentials
  readonly headers: Readonly<Record<string, string | string[]>>
}

function connectionOf(line: Line, login: Login): Connection {
  let lastProof: Proof = {}
  const exchange = async <T>(
    asked: Asked,
    isStream: boolean,
    read: (answer: IncomingMessage) => Promise<T> | T,
  ): Promise<T> => {
    try {
      const { answer, proof } = await send(line, asked, {
        isStream,
        signal: deadline(asked.signal, login.timeout),
      })
      lastProof = proof
      return await read(answer)
    } catch (error) {
      if (asked.signal?.aborted) throw asked.signal.reason
      throw transportError(error, line.asker)
    }
  }
  return {
    server: login.server,
    context: login.context,
    namespace: login.namespace,
    flags: line.asker.flags,
    request: asked => exchange(asked, false, answer => readAnswer(answer, login)),
    stream: asked =>
      exchange(asked, true, answer => ({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: bodyOf(answer),
      })),
    refusal: ({ status, text }, about = {}) =>
      statusError({ status, text, proof: lastProof, ...about }, line.asker),
    close: () => line.transport.close(),
  }
}

function deadline(signal: AbortSignal | undefined, timeout: number): AbortSignal | undefined {
  if (timeout === 0) return signal
  const late = AbortSignal.timeout(timeout)
  return signal === undefined ? late : AbortSignal.any([signal, late])
}

/** client-go's limit (rest.withRetry). */
const mostRetries = 10

async function send(
  line: Line,
  asked: Asked,
  { isStream, signal }: { readonly isStream: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ readonly answer: IncomingMessage; readonly proof: Proof }> {
  const {
    method = 'GET',
    path,
    query = {},
    body,
    contentType = 'application/json',
    accept = 'application/json',
  } = asked
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const search = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString()
  const headers = {
    ...line.headers,
    accept,
    ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
  }
  let proof = await line.credentials.current()
  let isRenewed = false
  for (let attempt = 0; ; attempt++) {
    const authorized =
      proof.authorization === undefined ? headers : { ...headers, authorization: proof.authorization }
    const answer = await sendTrusting(line, {
      method,
      path: search === '' ? path : `${path}?${search}`,
      headers: authorized,
      body: text,
      proof,
      isStream,
      signal,
    })
    if (answer.statusCode === 401 && !isRenewed) {
      const newer = await line.credentials.renewed(proof)
      isRenewed = true
      if (newer === undefined) return { answer, proof }
      proof = newer
      answer.resume()
      continue
    }
    const wait = retryAfter(answer)
    if (wait === undefined || attempt >= mostRetries) return { answer, proof }
    answer.resume()
    await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
  }
}

/** Looks once whether the authority has changed where the server's certificate is of one that is not known: nothing has been sent then. */
async function sendTrusting({ transport, readAuthority }: Line, sent: Sent): Promise<IncomingMessage> {
  const trusted = transport.authority
  try {
    return await transport.send(sent)
  } catch (error) {
    if (!isUnknownAuthority((error as NodeJS.ErrnoException).code ?? '')) throw error
    transport.trust(await readAuthority())
    if (transport.authority === trusted) throw error
    return transport.send(sent)
  }
}

/** Milliseconds after which the server wants to be asked again, if it is too busy now and says so. */
function retryAfter({ statusCode = 0, headers }: IncomingMessage): number | undefined {
  if (statusCode !== 429 && statusCode < 500) return undefined
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10)
  return Number.isNaN(seconds) ? undefined : seconds * 1000
}

function bodyOf(answer: IncomingMessage): Readable {
  // Whoever reads the body sees its error; where nobody does, it concerns nobody.
  answer.on('error', () => {})
  if (answer.headers['content-encoding'] !== 'gzip') return answer
  const gunzip = createGunzip()
  gunzip.on('error', () => {})
  answer.once('error', error => gunzip.destroy(error))
  gunzip.once('close', () => answer.destroy())
  return answer.pipe(gunzip)
}

/** The whole body; by events, since an iterator over a stream takes longer to set up than a small answer to arrive. */
const readText = (body: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.on('data', (chunk: Buffer) => chunks.push(chunk))
    body.once('end', () => resolve(Buffer.concat(chunks).toString()))
    body.once('error', reject)
    body.once('close', () =>
      reject(Object.assign(new Error('the answer was broken off'), { code: 'ECONNRESET' })),
    )
  })

async function readAnswer(answer: IncomingMessage, { server }: Login): Promise<Answer> {
  const text = await readText(bodyOf(answer))
  const { statusCode: status = 0, headers } = answer
  const json = (): unknown => {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new CanaryError('failed', `${server} answered with something else than JSON (status ${status})`, {
        cause: error,
        hints: ['Is it an API server? A proxy or a login page may stand before it.'],
      })
    }
  }
  return { status, headers, warnings: warningsOf(headers['warning']), text, json }
}

/** The texts of `299 - "text"` entries; quotes in them are escaped. */
const warningsOf = (header: string | undefined): readonly string[] =>
  [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    text!.replace(/\\(.)/g, '$1'),
  )

function impersonation({
  as: user,
  'as-uid': uid,
  'as-groups': groups,
  'as-user-extra': extra,
}: Login['user']): Readonly<Record<string, string | string[]>> {
  if (!user) return {}
  return {
    'impersonate-user': user,
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': [...groups] }),
    // Keys may hold what a header name may not (client-go, transport.headerKeyEscape).
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key)}`,
        [...values],
      ]),
    ),
  }
}

function flagsText(flags: Flags): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['server', flags.server],
    ['as', flags.as],
    ...(flags.asGroups ?? []).map(group => ['as-group', group] as const),
    ['as-uid', flags.asUid],
  ]
  return given
    .filter(([, value]) => value)
    .map(([name, value]) => ` --${name} ${quoted(value!)}`)
    .join('')
}

const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
