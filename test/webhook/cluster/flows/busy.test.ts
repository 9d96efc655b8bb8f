import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { deny, allow } from '../../../../webhook/review/response.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { createAuthority } from '../../../cluster/credentials.ts'
import { configure, unconfigure } from '../guarded.ts'

const real = clusterTests()

real('an API server that is sent away with 429 and Retry-After asks again, so that the write goes through', async cluster => {
  const namespace = await cluster.namespace()
  const authority = await createAuthority()
  const { certificate, key } = await authority.server(['127.0.0.1'])
  const asked: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { request: { uid, name } } = await json(request) as { readonly request: { readonly uid: string, readonly name: string } }
    if (name !== 'probe') asked.push(uid)
    if (asked.length === 1) return void response.writeHead(429, { 'retry-after': '1', 'connection': 'close' }).end()
    const to = { uid, apiVersion: 'admission.k8s.io/v1' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(name === 'probe' ? deny(to, 'as planned') : allow(to)))
  }
  const server = createServer({ cert: certificate, key }, (request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  try {
    await configure(cluster, { at: { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate` }, authority: authority.certificate })
    const service = { metadata: { name: 'written' }, spec: { ports: [{ port: 80 }] } }
    const { status } = await cluster.request(`/api/v1/namespaces/${namespace}/services`, { method: 'POST', body: service })
    assert.equal(status, 201)
    assert.equal(asked.length, 2)
    assert.equal(asked[0], asked[1])
  } finally {
    await unconfigure(cluster)
    server.closeAllConnections()
    server.close()
  }
})
