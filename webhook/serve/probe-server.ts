import { fastify, type FastifyInstance } from 'fastify'

export interface ProbeOptions {
  /** The reasons why no request can be answered now; empty when ready. */
  readonly notReady: () => readonly string[]
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/**
 * The plain HTTP server for the kubelet and Prometheus. Liveness depends on nothing, because a restart fixes
 * neither a certificate nor an API server.
 */
export function createProbeServer({ notReady, metrics }: ProbeOptions): FastifyInstance {
  const app = fastify({ forceCloseConnections: true })
  app.get('/healthz', () => 'ok\n')
  app.get('/readyz', (_request, reply) => {
    const reasons = notReady()
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
