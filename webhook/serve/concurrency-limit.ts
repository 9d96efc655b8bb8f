import type { Server } from 'node:https'
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BodyMemory } from './body-memory.ts'
import { ByteBudget, type ReleaseBytes } from './byte-budget.ts'
import { timeBudgetOf } from './deadline.ts'
import type { IsKnownCaller } from './known-callers.ts'
import { ReceivedBody, receiveBody } from './receive-body.ts'

/** Bytes of all bodies that are received at a time, or were and wait to be judged. */
const receivedBytes = 8 * 1024 * 1024
/** Bytes of all reviews that are judged at a time, as they are in memory. */
const judgedBytes = 16 * 1024 * 1024
/** A parsed body takes about this many times its bytes; and the least that a review takes. */
const memoryPerByte = 8
const leastBytes = 64 * 1024
/** An API server has the whole body when it begins to send. */
const bodyTimeoutMs = 2_000
/** A body that brings nothing for this long is dropped while others wait. */
const stallMs = 250

/** What reviews share; those of known API servers share their own. */
interface Budgets {
  readonly received: BodyMemory
  readonly judged: ByteBudget
}

export interface ConcurrencyOptions {
  readonly mostBytes: number
  readonly onOverload: () => void
  /** Whose reviews have memory of their own; those with a verified certificate when left out. */
  readonly isKnown?: IsKnownCaller
}

const newBudgets = (): Budgets => ({
  received: new BodyMemory({ size: receivedBytes, stallMs, withinMs: bodyTimeoutMs }),
  judged: new ByteBudget(judgedBytes),
})

/**
 * Limits the bodies that are received and the reviews that are judged at a time to what memory holds; the others wait.
 * Memory is taken by the bytes that have come: what is announced and not sent takes nothing from others. A review that
 * has waited for half of its time is answered with 429, upon which an API server sends it again.
 */
export function limitConcurrency(
  app: FastifyInstance<Server>,
  { mostBytes, onOverload, isKnown = ({ authorized }) => authorized }: ConcurrencyOptions,
): void {
  const [ofStrangers, ofKnown] = [newBudgets(), newBudgets()]
  const budgetsOf = ({ raw }: FastifyRequest): Budgets =>
    isKnown(raw.socket as TLSSocket) ? ofKnown : ofStrangers
  // By callbacks, not promises: each promise in the way of a review costs it microseconds.
  app.addContentTypeParser('*', (request: FastifyRequest, stream: Readable, done) => {
    if (Number(request.headers['content-length'] ?? 0) > mostBytes)
      return done(Object.assign(new Error('the body is too large'), { statusCode: 413 }))
    const { received: memory } = budgetsOf(request)
    receiveBody(stream, { memory, mostBytes, waitMs: timeOf(request) / 2 }, done)
  })
  app.addHook('preValidation', (request, reply, done) => {
    const received = request.body instanceof ReceivedBody ? request.body : undefined
    request.body = received?.body
    const bytes = Math.max(leastBytes, memoryPerByte * (received?.body.length ?? 0))
    const { judged } = budgetsOf(request)
    const judge = (release: ReleaseBytes | undefined): void => {
      atEnd(reply, () => {
        received?.share.release()
        release?.()
      })
      done(release === undefined ? tooMany() : undefined)
    }
    const taken = judged.take(bytes)
    if (taken === undefined) void judged.acquire(bytes, timeOf(request) / 2).then(judge)
    else judge(taken)
  })
  app.addHook('onError', async (_request, reply, error) => {
    if (error.statusCode !== 429) return
    onOverload()
    // The connection stays open: closed while a body is under way, it is reset and the response may be lost.
    reply.header('retry-after', '1').removeHeader('connection')
  })
}

const tooMany = (): Error & { statusCode: number } =>
  Object.assign(new Error('too many reviews at a time'), { statusCode: 429 })

const timeOf = ({ query }: FastifyRequest): number =>
  timeBudgetOf((query as { readonly timeout?: unknown }).timeout)

function atEnd({ raw }: FastifyReply, end: () => void): void {
  if (raw.closed || raw.destroyed) return end()
  raw.on('close', end)
}
