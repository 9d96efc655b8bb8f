import type { Connection } from '../../shared/live/connection/connection.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'

/** A connection as watches and reads need it: a watch has a connection of its own, reads share pooled ones. */
export function requesterOf(connection: Connection): Requester {
  return {
    request: async ({ path, query, signal }) => {
      if (query['watch'] !== undefined) return connection.stream({ path, query, signal })
      const { status, headers, text } = await connection.request({ path, query, signal })
      return { status, headers, body: encoded(text), text }
    },
  }
}

async function* encoded(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
