import type { Server } from 'node:https'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { budgetOf } from './deadline.ts'
import { Room } from './byte-budget.ts'

/** Bytes of all that is being received and judged, as it is in memory. */
const roomBytes = 16 * 1024 * 1024
/** A body is parsed into as many times its bytes, as a rule; and the least that a review takes. */
const perByte = 8
const leastBytes = 64 * 1024
/** An API server has the whole body when it begins to send. */
const arrivalMs = 2_000

/**
 * Receives no more reviews at a time than memory holds: the others are left in their connections until there
 * is room. Who has waited for half of the time
 * that it has is sent away with 429, upon which an API server comes again. A body that does not come at once
 * is given up, as it holds room that others wait for.
 */
export function limitCrowd(
  app: FastifyInstance<Server>,
  { mostBytes, onCrowded }: { readonly mostBytes: number; readonly onCrowded: () => void },
): void {
  const room = new Room(roomBytes)
  const arrivals = new WeakMap<FastifyRequest, NodeJS.Timeout>()
  app.addHook('preParsing', async (request, reply) => {
    const budgetMs = budgetOf((request.query as { readonly timeout?: unknown }).timeout)
    const leave = await room.enter(Math.max(leastBytes, perByte * lengthOf(request, mostBytes)), budgetMs / 2)
    if (leave === undefined) {
      onCrowded()
      return sendAway(reply)
    }
    const arrival = setTimeout(() => request.raw.destroy(), Math.min(budgetMs, arrivalMs))
    arrivals.set(request, arrival)
    atEnd(reply, () => {
      clearTimeout(arrival)
      leave()
    })
  })
  app.addHook('preValidation', async request => clearTimeout(arrivals.get(request)))
}

/**
 * Of a body that comes in chunks nobody knows the length before its end; without a word of either there is
 * none (RFC 9112, 6.3).
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

function sendAway(reply: FastifyReply): never {
  // The connection stays: closed with a body on its way, it would be reset, and the answer might never be
  // read.
  reply.header('retry-after', '1')
  throw Object.assign(new Error('too many reviews at a time'), { statusCode: 429 })
}
