import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { deny, allow } from '../../../../webhook/admission/response.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { createAuthority } from '../../../cluster/credentials.ts'
import { configure, unconfigure } from '../guarded.ts'

const real = clusterTests()

/** A VirtualService of about a megabyte, whose body has not come in when the head of its review is answered. */
const large = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'large' },
  spec: {
    hosts: ['catalog'],
    http: Array.from({ length: 4_000 }, (_, i) => ({
      match: [{ uri: { prefix: `/${'path/'.repeat(40)}${i}` } }],
      route: [{ destination: { host: 'catalog' } }],
    })),
  },
}

real(
  'an API server sends a review again after 429 with Retry-After, also before its body was read, so that the write succeeds',
  async cluster => {
    const namespace = await cluster.namespace()
    const authority = await createAuthority()
    const { certificate, key } = await authority.server(['127.0.0.1'])
    const busy = { times: 0, rejected: 0 }
    const asked: string[] = []
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (busy.rejected < busy.times) {
        busy.rejected++
        return void response.writeHead(429, { 'retry-after': '1' }).end()
      }
      const {
        request: { uid, name },
      } = (await json(request)) as { readonly request: { readonly uid: string; readonly name: string } }
      asked.push(name)
      const to = { uid, apiVersion: 'admission.k8s.io/v1' }
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(name === 'probe' ? deny(to, 'as planned') : allow(to)))
    }
    const server = createServer({ cert: certificate, key }, (request, response) => {
      answer(request, response).catch(() => response.destroy())
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    try {
      await configure(cluster, {
        at: { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate` },
        authority: authority.certificate,
      })
      busy.times = 1
      const { status } = await cluster.request(
        `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`,
        { method: 'POST', body: large },
      )
      assert.deepEqual([status, busy.rejected, asked.filter(name => name === 'large')], [201, 1, ['large']])
    } finally {
      await unconfigure(cluster)
      server.closeAllConnections()
      server.close()
    }
  },
)
