import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Cluster } from '../../cluster/cluster.ts'

/** A write that is about to reach the API server, counted from 1. */
export interface PassedWrite {
  readonly number: number
  readonly method: string
  readonly path: string
  readonly body: string
}

/** A server between a client and the cluster, which asks as the admin. */
export interface PassingServer extends AsyncDisposable {
  readonly url: string
  readonly writes: readonly PassedWrite[]
}

/**
 * Whether a request writes something: it is no dry run, asks nothing, and is no heartbeat, for which a slow machine
 * gives the command time between its writes.
 */
export const isWrite = (
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  body: string,
): boolean =>
  method !== 'GET'
  && !url.includes('selfsubjectreviews')
  && !url.includes('dryRun')
  && !(method === 'PATCH' && body.includes('"kubectl-canary/heartbeat":"'))

/** Passes requests on; `before` runs before each write that is no dry run and asks nothing. */
export async function passingServer(
  cluster: Cluster,
  before: (write: PassedWrite) => Promise<void>,
): Promise<PassingServer> {
  const writes: PassedWrite[] = []
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '', headers } = request
    const body = await text(request)
    if (isWrite({ method, url }, body)) {
      const write = { number: writes.length + 1, method, path: url.split('?')[0]!, body }
      writes.push(write)
      await before(write)
    }
    const answer = await cluster.request(url, {
      method,
      contentType: headers['content-type'] ?? 'application/json',
      ...(body === '' ? {} : { body }),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  }
  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
