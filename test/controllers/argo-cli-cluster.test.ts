import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as body } from 'node:stream/consumers'
import { join } from 'node:path'
import { clusterTests } from '../cluster/cluster-test.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { words } from '../plugin/run-command.ts'
import type { SentPatch } from './controllers-world.ts'
import { rolloutOrders, rolloutUndos, rolloutWorld } from './rollout-orders.ts'

const real = clusterTests({ crds: ['istio', 'controllers'], needs: ['kubectl-argo-rollouts'] })

/** What the command line of Argo Rollouts itself writes, by a proxy between it and the API server. */
async function sentByArgo(cluster: Cluster, namespace: string, line: string): Promise<readonly SentPatch[]> {
  const sent: SentPatch[] = []
  const server = createServer((asked, answer) => {
    void pass(cluster, asked, sent).then(({ status, body }) => {
      answer.writeHead(status, { 'content-type': 'application/json' })
      answer.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const kubeconfig = join(cluster.folder, `proxy-${port}.kubeconfig`)
    const context = { name: 'c', context: { cluster: 'c', user: 'c' } }
    const clusters = [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }]
    const users = [{ name: 'c', user: {} }]
    const config = { apiVersion: 'v1', kind: 'Config', clusters, users, contexts: [context] }
    await writeFile(kubeconfig, JSON.stringify({ ...config, 'current-context': 'c' }))
    const { code, stderr } = await cluster.run('kubectl-argo-rollouts', [...words(line), '-n', namespace], {
      kubeconfig,
    })
    assert.equal(code, 0, stderr)
    return sent
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

async function pass(
  cluster: Cluster,
  asked: IncomingMessage,
  sent: SentPatch[],
): Promise<{ readonly status: number; readonly body: unknown }> {
  const text = await body(asked)
  const { url = '', method = 'GET', headers } = asked
  const contentType = headers['content-type'] ?? 'application/json'
  if (method === 'PATCH')
    sent.push({
      at: url.split('?')[0]!.replace(/^.*\/namespaces\/[^/]+\//, ''),
      type: /^application\/(\w+)-patch\+json$/.exec(contentType)?.[1] ?? contentType,
      body: JSON.parse(text) as unknown,
    })
  return cluster.request(url, { method, contentType, ...(text !== '' && { body: text }) })
}

for (const { what, line, cli, status, spec } of [...rolloutOrders, ...rolloutUndos])
  if (cli !== undefined)
    real(`${what}: ${line} sends what kubectl argo rollouts ${cli} sends`, async cluster => {
      const [ours, theirs] = [
        await rolloutWorld(cluster, status, spec),
        await rolloutWorld(cluster, status, spec),
      ]
      ours.sent()
      await ours.does(line)
      const expected = await sentByArgo(cluster, theirs.namespace, cli)
      assert.notEqual(expected.length, 0)
      assert.deepEqual(ours.sent(), expected)
    })
