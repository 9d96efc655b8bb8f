import { Agent, request as requestPlain, type ClientRequest } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import type { Socket } from 'node:net'
import type { Dial } from './dial.ts'
import { StaleConnection, type AnswerHead, type Pool, type Sent } from './pool.ts'

/** How many connections all calls share; streams that stay open have their own beside them. */
export const mostConnections = 4

/** A pool of HTTP/1.1 connections to a server, of which one may be open already. */
export function http1Pool(server: URL, dial: Dial, opened?: Socket): Pool {
  const isTls = server.protocol === 'https:'
  const agent = isTls
    ? new TlsAgent({ keepAlive: true, maxFreeSockets: mostConnections })
    : new Agent({ keepAlive: true, maxFreeSockets: mostConnections })
  let first = opened
  agent.createConnection = (_options, callback) => {
    const socket = first
    first = undefined
    const dialled = socket && !socket.destroyed ? Promise.resolve(socket) : dial(['http/1.1'])
    dialled.then(
      given => callback?.(null, given),
      (error: Error) => callback?.(error, undefined as never),
    )
    return undefined
  }
  const slots = slotsOf(mostConnections)
  return {
    isOpen: true,
    async send(sent) {
      const release = sent.isStream ? () => {} : await slots.take(sent.signal)
      sent.signal?.throwIfAborted()
      const request = (isTls ? requestTls : requestPlain)({
        host: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port || (isTls ? 443 : 80),
        method: sent.method,
        path: sent.path,
        headers: sent.headers,
        agent,
      })
      // Emitted right before the connection becomes free for the next one.
      request.once('close', release)
      return answerTo(request, sent)
    },
    retire: () => {
      agent.maxFreeSockets = 0
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
    },
    close: () => {
      agent.destroy()
      first?.destroy()
    },
  }
}

function answerTo(request: ClientRequest, { signal, body }: Sent): Promise<AnswerHead> {
  const promise = new Promise<AnswerHead>((resolve, reject) => {
    const onAbort = (): void => {
      request.destroy(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    request.once('error', (error: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', onAbort)
      const isStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '')
      reject(isStale ? new StaleConnection(error, false) : error)
    })
    request.once('response', answer => {
      answer.once('close', () => signal?.removeEventListener('abort', onAbort))
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer })
    })
    // A second error, after the answer's head, reaches whoever reads the body.
    request.on('error', () => {})
  })
  request.end(body)
  return promise
}

interface Slots {
  /** Resolves when there is one, with what gives it back; fails with the signal's reason. */
  take(signal: AbortSignal | undefined): Promise<() => void>
}

/** Lets so many at a time go ahead: an agent does not count connections that are still being opened. */
function slotsOf(most: number): Slots {
  let free = most
  const waiting: (() => void)[] = []
  const release = (): void => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return {
    take: async signal => {
      if (free > 0) free--
      else await new Promise<void>(resolve => waiting.push(resolve))
      if (signal?.aborted) {
        release()
        signal.throwIfAborted()
      }
      let isGiven = false
      return () => {
        if (!isGiven) release()
        isGiven = true
      }
    },
  }
}
