/**
 * Prometheus through the API server's proxy. The proxy is a made-up one: the real one refuses to reach the loopback, where all
 * servers of a test are.
 */
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { openStore } from '../../../plugin/open-store.ts'
import { refOf, resources } from '../../../shared/objects/kinds.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import {
  listOf,
  startFakeServer,
  status,
  type FakeServer,
  type Reply,
  type Seen,
} from '../../live/api-server.ts'
import { labelsOf, startExporter, toVersion } from '../../metrics/exporter.ts'
import { startPrometheus } from '../../metrics/prometheus.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { shop } from '../shop.ts'
import { answerQuery, requests } from './fake-prometheus.ts'

const prometheus = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'prometheus',
    namespace: 'istio-system',
    labels: { 'app.kubernetes.io/name': 'prometheus' },
  },
  spec: { ports: [{ name: 'http', port: 9090 }] },
}
const proxied = '/api/v1/namespaces/istio-system/services/prometheus:9090/proxy'

/** An API server with a catalog, and what it answers to who asks for Prometheus. */
function apiServer({
  find = seen =>
    listOf(
      seen.url.searchParams.get('labelSelector') === 'app.kubernetes.io/name=prometheus' ? [prometheus] : [],
    ),
  proxy,
}: {
  readonly find?: (seen: Seen) => Reply | undefined
  readonly proxy: (seen: Seen) => Reply | undefined | Promise<Reply>
}): Promise<FakeServer> {
  const objects = shop('catalog').map(object => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: '1', uid: object.metadata.name },
  }))
  return startFakeServer(
    seen => {
      const { pathname, searchParams } = seen.url
      if (pathname.includes('/proxy')) return proxy(seen)
      if (searchParams.has('labelSelector') && pathname === '/api/v1/services') return find(seen)
      const name = pathname.split('/').at(-1)!
      if (name === 'istio') return status(404, 'NotFound', 'there is none')
      return listOf(objects.filter(object => resources[refOf(object).kind].plural === name))
    },
    { plain: true },
  )
}

const shown = (server: FakeServer, line = ''): Promise<Ended> =>
  runCommand(words(`status catalog -n shop --server ${server.url} ${line}`), {
    store: openStore,
    env: { HOME: '/nonexistent' },
    now: new Date(),
  })

test('a real Prometheus that was found in the cluster gives the figures, by GET alone', async (context: TestContext) => {
  const exporter = await startExporter([
    { labels: labelsOf('source', toVersion('v1')), rps: 30 },
    { labels: labelsOf('source', toVersion('v2')), rps: 10 },
  ])
  await using _ = exporter
  const real = await orSkip(context, () => startPrometheus(exporter))
  if (real === undefined) return
  await using __ = real
  await using server = await apiServer({
    proxy: async ({ method, url }) => {
      assert.equal(method, 'GET')
      assert.ok(url.pathname.startsWith(proxied))
      const answer = await fetch(`${real.url}${url.pathname.slice(proxied.length)}${url.search}`)
      return { status: answer.status, body: await answer.text() }
    },
  })
  const { code, stdout, stderr } = await shown(server, '-o wide')
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^ {2}v1 +100\.0 % +75\.0 % +30 +100 % .*█/m)
  assert.match(stdout, /^ {2}v2 +0\.0 % +25\.0 % +10 +100 % .*█/m)
  assert.match(stdout, /from Service istio-system\/prometheus/)
})

test('a cluster without Prometheus is shown without figures and without a word', async () => {
  await using server = await apiServer({ find: () => listOf([]), proxy: () => status(404, 'NotFound', '') })
  const { code, stdout, stderr } = await shown(server)
  assert.deepEqual([code, stderr], [0, ''])
  assert.doesNotMatch(stdout, /OBSERVED/)
})

test('who may not use Prometheus is shown no figures, and with -v 1 is told so', async () => {
  const forbidden = () => status(403, 'Forbidden', 'services "prometheus" is forbidden')
  await using server = await apiServer({ find: forbidden, proxy: forbidden })
  const quiet = await shown(server)
  assert.deepEqual([quiet.code, quiet.stderr], [0, ''])
  assert.match(
    (await shown(server, '-v 1')).stderr,
    /no live figures: Service istio-system\/prometheus: .*services\/proxy/,
  )
})

test('who may not list Services, and has no Prometheus by a well-known name, loses no word on it', async () => {
  await using server = await apiServer({
    find: () => status(403, 'Forbidden', 'services is forbidden'),
    proxy: () => status(404, 'NotFound', 'services "prometheus" not found'),
  })
  const { code, stderr } = await shown(server)
  assert.deepEqual([code, stderr], [0, ''])
})

test('a Prometheus without a pod is named in one note', async () => {
  await using server = await apiServer({
    proxy: () => status(503, 'ServiceUnavailable', 'no endpoints available for service "prometheus"'),
  })
  const { code, stderr } = await shown(server)
  assert.equal(code, 0)
  assert.match(stderr, /^note: no live figures: Service istio-system\/prometheus: no endpoints .*\n$/)
})

test('of several the one that has scraped the service is asked', async () => {
  const other = { ...prometheus, metadata: { ...prometheus.metadata, namespace: 'monitoring' } }
  await using server = await apiServer({
    find: ({ url }) => listOf(url.search.includes('app.kubernetes') ? [prometheus, other] : []),
    proxy: seen =>
      seen.url.pathname.includes('/monitoring/')
        ? answerQuery(seen, [requests('v1', 5)])
        : { body: { status: 'success', data: { resultType: 'vector', result: [] } } },
  })
  assert.match((await shown(server)).stdout, /from Service monitoring\/prometheus/)
})

test('an API server that does not answer who looks for Prometheus holds nothing up for long', async () => {
  await using server = await apiServer({ find: () => undefined, proxy: () => undefined })
  const start = performance.now()
  const { code, stderr } = await shown(server)
  assert.deepEqual([code, stderr], [0, ''])
  assert.ok(performance.now() - start < 6000)
})
