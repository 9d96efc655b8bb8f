import type { AddressInfo } from 'node:net'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** The part of a fastify server that HTTP and HTTPS have in common. */
export interface ListeningServer {
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  readonly server: { address(): AddressInfo | string | null }
}

/**
 * Listens and returns the port; port 0 is any free one. Without a host it listens on all addresses of both
 * families, or of the only one. Throws a CanaryError `failed` if the port or the host is not available.
 */
export async function listenOn(
  app: ListeningServer,
  host: string | undefined,
  port: number,
): Promise<number> {
  try {
    await listenWithFallback(app, host, port)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'it is in use by another program' : message
    throw new CanaryError(
      'failed',
      `cannot listen on ${host === undefined ? '' : `${host} `}port ${port}: ${reason}`,
      { cause: error },
    )
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function listenWithFallback(
  app: ListeningServer,
  host: string | undefined,
  port: number,
): Promise<void> {
  try {
    await app.listen({ host: host ?? '::', port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (host !== undefined || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error
    await app.listen({ host: '0.0.0.0', port })
  }
}
