import { fastify, type FastifyInstance } from 'fastify'

export interface ProbeOptions {
  /** What stands against taking requests, in words; empty when ready. */
  readonly unready: () => readonly string[]
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/**
 * The plain server for the kubelet and for Prometheus. Liveness depends on nothing: a restart mends neither a
 * certificate nor an API server.
 */
export function createProbeServer({ unready, metrics }: ProbeOptions): FastifyInstance {
  const app = fastify({ forceCloseConnections: true })
  app.get('/healthz', () => 'ok\n')
  app.get('/readyz', (_request, reply) => {
    const reasons = unready()
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send(reasons.length === 0 ? 'ok\n' : `not ready: ${reasons.join(', ')}\n`)
  })
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics()
    return reply.type(contentType).send(text)
  })
  return app
}
