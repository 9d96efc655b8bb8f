import assert from 'node:assert/strict'
import { Agent, request } from 'undici'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { LiveView } from '../../../shared/view/snapshot.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { startWatch } from '../../../shared/live/watch/start-watch.ts'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'
import { until } from './watching.ts'

const real = clusterTests({ crds: [] })

function connectionTo(cluster: Cluster): Requester & AsyncDisposable {
  const agent = new Agent({ connect: { ca: Buffer.from(cluster.caData, 'base64').toString() } })
  const headers = { authorization: `Bearer ${cluster.tokens.get('admin')}` }
  return {
    request: async ({ path, query, signal }) => {
      const { statusCode, ...answer } = await request(
        `${cluster.url}${path}?${new URLSearchParams(query).toString()}`,
        { headers, signal, dispatcher: agent, headersTimeout: 0, bodyTimeout: 0 },
      )
      return { status: statusCode, headers: answer.headers, body: answer.body }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

const fast = { backoff: { first: 20, longest: 200 }, absent: { first: 20, longest: 200 } }

function watchOf(cluster: Cluster, connection: Requester) {
  const view = new LiveView()
  const watch = startWatch({
    connection,
    kinds: ['Service', 'VirtualService', 'Deployment'],
    view,
    keep: projectObject,
    options: fast,
  })
  const names = (namespace: string) =>
    view
      .list('Service', namespace)
      .map(({ metadata }) => metadata.name)
      .sort()
      .join()
  const put = (namespace: string, name: string) =>
    cluster.expect(`/api/v1/namespaces/${namespace}/services`, {
      method: 'POST',
      body: { metadata: { name }, spec: { ports: [{ name: 'http', port: 80 }], clusterIP: 'None' } },
    })
  return { view, watch, names, put }
}

real(
  'follows a real API server, through its death and its return, and lists again at most once',
  async cluster => {
    await using connection = connectionTo(cluster)
    const { watch, names, put } = watchOf(cluster, connection)
    try {
      await watch.synced
      const namespace = await cluster.namespace()
      await put(namespace, 'a')
      await until('the Service is seen', () => names(namespace) === 'a')
      await cluster.killApiServer()
      await until('the watch has noticed', () => watch.stats().Service!.restarts > 0)
      await cluster.startApiServer()
      await put(namespace, 'b')
      await until('the new Service is seen', () => names(namespace) === 'a,b')
      await cluster.expect(`/api/v1/namespaces/${namespace}/services/a`, { method: 'DELETE' })
      await until('the old Service is gone', () => names(namespace) === 'b')
      // A new API server answers 410 once its own cache is filled, which begins at a later version.
      assert.ok(watch.stats().Service!.relists <= 1)
    } finally {
      await watch.stop()
    }
  },
)

real(
  'compares with the list of its own version on a real API server, and finds no drift where events flow',
  async cluster => {
    await using connection = connectionTo(cluster)
    const namespace = await cluster.namespace()
    const view = new LiveView()
    let exact = 0
    const counting: Requester = {
      request: async ask => {
        const answer = await connection.request(ask)
        if (ask.query['resourceVersionMatch'] === 'Exact' && answer.status === 200) exact++
        return answer
      },
    }
    const watch = startWatch({
      connection: counting,
      kinds: ['ConfigMap'],
      view,
      keep: projectObject,
      options: { ...fast, compareMs: 50 },
    })
    try {
      await watch.synced
      const path = `/api/v1/namespaces/${namespace}/configmaps`
      for (let i = 0; exact < 3; i++) {
        await cluster.expect(path, { method: 'POST', body: { metadata: { name: `m${i}` } } })
        await until('it is seen', () =>
          view.list('ConfigMap', namespace).some(({ metadata }) => metadata.name === `m${i}`),
        )
      }
      const { drift, relists } = watch.stats().ConfigMap!
      assert.deepEqual({ drift, relists }, { drift: 0, relists: 0 })
    } finally {
      await watch.stop()
    }
  },
)

real('takes absent kinds for empty, and sees them when their definitions arrive', async cluster => {
  await using connection = connectionTo(cluster)
  const { view, watch } = watchOf(cluster, connection)
  try {
    await watch.synced
    assert.equal(watch.stats().VirtualService!.isAbsent, true)
    await cluster.addCrds('istio')
    const namespace = await cluster.namespace()
    await cluster.apply(
      `{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: shop}, spec: {hosts: [shop], http: [{route: [{destination: {host: shop}}]}]}}`,
      { namespace },
    )
    await until(
      'the VirtualService is seen',
      () => view.get({ kind: 'VirtualService', namespace, name: 'shop' }) !== undefined,
    )
    assert.equal(
      view.get({ kind: 'VirtualService', namespace, name: 'shop' })!.metadata.annotations,
      undefined,
    )
  } finally {
    await watch.stop()
  }
})
