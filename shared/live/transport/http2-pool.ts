import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import { connectionClosed } from './dial.ts'
import { StaleConnection, type AnswerHead, type Pool, type Sent } from './pool.ts'

/** Bytes that the server may send ahead, of one answer and of all: Go's client has 4 MB and 1 GB. */
const window = { stream: 4 << 20, connection: 256 << 20 }

/** client-go asks after 30 s of silence whether the server is still there, and waits 15 s. */
const health = { quiet: 30_000, longestPing: 15_000 }

/** A pool of one connection that speaks HTTP/2: it carries all requests and streams at once. */
export function http2Pool(server: URL, socket: Socket): Pool {
  const session = connect(server.origin, {
    createConnection: () => socket,
    settings: { initialWindowSize: window.stream, enablePush: false },
    // Megabytes: what is buffered of large lists must not keep other requests from being sent.
    maxSessionMemory: 1000,
  })
  session.setLocalWindowSize(window.connection)
  // Reaches whoever waits for an answer.
  session.on('error', () => {})
  watchHealth(session)
  let open = 0
  let answered = 0
  return {
    get isOpen() {
      return !session.closed && !session.destroyed
    },
    async send(sent) {
      sent.signal?.throwIfAborted()
      try {
        const stream = session.request(headersOf(sent), { endStream: sent.body === undefined })
        if (open++ === 0) session.ref()
        stream.once('close', () => {
          if (--open === 0 && !session.destroyed) session.unref()
        })
        const answer = await answerTo(stream, sent)
        answered++
        return answer
      } catch (error) {
        const isOurs = sent.signal?.aborted === true
        if (isOurs || !(isUnseen(error) || (answered > 0 && isLost(error)))) throw error
        throw new StaleConnection(connectionClosed(error), isUnseen(error))
      }
    },
    retire: () => session.close(),
    close: () => session.destroy(),
  }
}

const headersOf = ({ method, path, headers }: Sent): OutgoingHttpHeaders => ({
  ':method': method,
  ':path': path,
  ...headers,
})

function answerTo(stream: ClientHttp2Stream, { signal, body }: Sent): Promise<AnswerHead> {
  const promise = new Promise<AnswerHead>((resolve, reject) => {
    const onAbort = (): void => {
      stream.destroy(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    stream.once('error', (error: Error) => reject((error.cause as Error | undefined) ?? error))
    stream.once('close', () => {
      signal?.removeEventListener('abort', onAbort)
      reject(connectionClosed())
    })
    stream.once('response', ({ ':status': status = 0, ...headers }) =>
      resolve({ status, headers, body: stream }),
    )
    // A second error, after the answer's head, reaches whoever reads the body.
    stream.on('error', () => {})
  })
  if (body !== undefined) stream.end(body)
  return promise
}

/** An API server ends a connection in order by GOAWAY, for example after a request without valid credentials. */
const isUnseen = (error: unknown): boolean => {
  const { code = '', message } = error as NodeJS.ErrnoException
  return /^ERR_HTTP2_(GOAWAY_SESSION|INVALID_SESSION)$/.test(code) || /REFUSED_STREAM/.test(message)
}

const isLost = (error: unknown): boolean =>
  /^(ECONNRESET|EPIPE|ERR_HTTP2_(SESSION_ERROR|STREAM_CANCEL))$/.test(
    (error as NodeJS.ErrnoException).code ?? '',
  )

function watchHealth(session: ClientHttp2Session): void {
  session.setTimeout(health.quiet, () => {
    if (session.destroyed || session.closed) return
    const giveUp = (): void =>
      session.destroy(connectionClosed(new Error('the server does not answer a ping')))
    const timer = setTimeout(giveUp, health.longestPing).unref()
    session.ping(() => clearTimeout(timer))
  })
}
