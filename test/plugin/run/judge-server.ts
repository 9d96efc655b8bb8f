import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A POST that was received. */
export interface ReceivedPost {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** A server that answers POSTs with a status of the test's choice, and keeps them. */
export interface JudgeServer {
  readonly url: string
  readonly received: readonly ReceivedPost[]
  close(): void
}

/** Starts one; `statusOf` is told the path and how often it was asked before. */
export async function judgeServer(
  statusOf: (path: string, before: number) => number = () => 200,
): Promise<JudgeServer> {
  const received: ReceivedPost[] = []
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const path = request.url!
      const before = received.filter(one => one.path === path).length
      received.push({ path, body: JSON.parse(body) as ReceivedPost['body'] })
      response.writeHead(statusOf(path, before)).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
