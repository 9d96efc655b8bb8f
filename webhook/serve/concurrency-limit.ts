import type { Server } from 'node:https'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ByteBudget } from './byte-budget.ts'
import { timeBudgetOf } from './deadline.ts'

/** Bytes of all reviews that are received and judged at a time, as they are in memory. */
const budgetBytes = 16 * 1024 * 1024
/** A parsed body takes about this many times its bytes; and the least that a review takes. */
const memoryPerByte = 8
const leastBytes = 64 * 1024
/** An API server has the whole body when it begins to send. */
const bodyTimeoutMs = 2_000

/**
 * Limits the reviews that are received at a time to what memory holds; the others wait in their connections. A
 * review that has waited for half of its time is answered with 429, upon which an API server sends it again. A
 * body that does not arrive in time is given up, because it uses budget that others wait for.
 */
export function limitConcurrency(
  app: FastifyInstance<Server>,
  { mostBytes, onOverload }: { readonly mostBytes: number; readonly onOverload: () => void },
): void {
  const budget = new ByteBudget(budgetBytes)
  const bodyTimers = new WeakMap<FastifyRequest, NodeJS.Timeout>()
  app.addHook('preParsing', async (request, reply) => {
    const timeMs = timeBudgetOf((request.query as { readonly timeout?: unknown }).timeout)
    const bytes = Math.max(leastBytes, memoryPerByte * lengthOf(request, mostBytes))
    const release = await budget.acquire(bytes, timeMs / 2)
    if (release === undefined) {
      onOverload()
      return rejectOverload(reply)
    }
    const bodyTimer = setTimeout(() => request.raw.destroy(), Math.min(timeMs, bodyTimeoutMs))
    bodyTimers.set(request, bodyTimer)
    atEnd(reply, () => {
      clearTimeout(bodyTimer)
      release()
    })
  })
  app.addHook('preValidation', async request => clearTimeout(bodyTimers.get(request)))
}

/**
 * The length of a chunked body is not known before its end; a request with neither header has no body
 * (RFC 9112, 6.3).
 */
function lengthOf({ headers }: FastifyRequest, mostBytes: number): number {
  const length =
    headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : mostBytes
  return Number.isFinite(length) ? Math.min(length, mostBytes) : mostBytes
}

function atEnd({ raw }: FastifyReply, end: () => void): void {
  if (raw.closed || raw.destroyed) return end()
  raw.once('close', end)
}

function rejectOverload(reply: FastifyReply): never {
  // The connection stays open: closed while a body is under way, it is reset and the response may be lost.
  reply.header('retry-after', '1')
  throw Object.assign(new Error('too many reviews at a time'), { statusCode: 429 })
}
