import type { AddressInfo } from 'node:net'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** What fastify's servers have in common, whatever they speak. */
export interface Listening {
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  readonly server: { address(): AddressInfo | string | null }
}

/**
 * Listens and returns the port, which is a free one for 0. Without a host: on every address of both families,
 * or of the one there is. Throws a CanaryError
 * `failed` where the port or the host cannot be had.
 */
export async function listenOn(app: Listening, host: string | undefined, port: number): Promise<number> {
  try {
    await listenWhereItCan(app, host, port)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'another program listens there' : message
    throw new CanaryError(
      'failed',
      `cannot listen on ${host === undefined ? '' : `${host} `}port ${port}: ${reason}`,
      { cause: error },
    )
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function listenWhereItCan(app: Listening, host: string | undefined, port: number): Promise<void> {
  try {
    await app.listen({ host: host ?? '::', port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (host !== undefined || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error
    await app.listen({ host: '0.0.0.0', port })
  }
}
