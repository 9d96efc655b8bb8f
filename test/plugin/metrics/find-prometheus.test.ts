import assert from 'node:assert/strict'
import test from 'node:test'
import { findPrometheus as found, type AskServer } from '../../../plugin/metrics/find-prometheus.ts'

interface Installed {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly object[]
}

const findPrometheus = async (ask: AskServer, rootNamespace?: string) =>
  (await found(ask, rootNamespace)).services

const web = [{ name: 'web', port: 9090 }]

/** An API server with these Services, which selects by one label as the real one does. */
const holding =
  (...services: readonly Installed[]): AskServer =>
  async ({ path, query }) => {
    assert.equal(path, '/api/v1/services')
    const [label, value] = query!['labelSelector']!.split('=')
    const items = services
      .filter(({ labels }) => labels[label!] === value)
      .map(({ name, namespace, labels, ports }) => ({
        metadata: { name, namespace, labels },
        spec: { ports },
      }))
    return { status: 200, headers: {}, text: JSON.stringify({ items }) }
  }

const addon: Installed = {
  name: 'prometheus',
  namespace: 'istio-system',
  labels: { 'app.kubernetes.io/name': 'prometheus', 'app.kubernetes.io/component': 'server' },
  ports: [{ name: 'http', port: 9090 }],
}
const operated: Installed = {
  name: 'prometheus-operated',
  namespace: 'monitoring',
  labels: { 'operated-prometheus': 'true' },
  ports: [...web, { name: 'grpc', port: 10_901 }],
}

test('Istio’s addon, the operator’s Services and the chart’s are found, the mesh’s own first', async () => {
  const chart: Installed = {
    name: 'prometheus-server',
    namespace: 'a-monitoring',
    labels: { 'app.kubernetes.io/name': 'prometheus', 'app.kubernetes.io/component': 'server' },
    ports: [{ name: 'http', port: 80 }],
  }
  assert.deepEqual(await findPrometheus(holding(operated, chart, addon)), [
    { namespace: 'istio-system', name: 'prometheus', port: '9090' },
    { namespace: 'a-monitoring', name: 'prometheus-server', port: '80' },
    { namespace: 'monitoring', name: 'prometheus-operated', port: '9090' },
  ])
  const [first] = await findPrometheus(holding(operated, chart, addon), 'monitoring')
  assert.equal(first?.name, 'prometheus-operated')
})

test('Alertmanager and the push gateway of an old chart are not Prometheus', async () => {
  const old = ['alertmanager', 'pushgateway', 'node-exporter', 'server'].map((component): Installed => ({
    name: `prometheus-${component}`,
    namespace: 'monitoring',
    labels: { app: 'prometheus', component },
    ports: [{ name: 'http', port: 80 }],
  }))
  assert.deepEqual(
    (await findPrometheus(holding(...old))).map(({ name }) => name),
    ['prometheus-server'],
  )
})

const ports: readonly (readonly [string, readonly object[], object | undefined])[] = [
  ['the web interface of several', [{ name: 'reloader-web', port: 8080 }, ...web], { port: '9090' }],
  ['9090 without a name', [{ port: 10_901 }, { port: 9090 }], { port: '9090' }],
  ['the only one', [{ name: 'x', port: 1234 }], { port: '1234' }],
  ['TLS', [{ name: 'https', port: 9091 }], { port: '9091', isTls: true }],
  ['no port of several that says what it is', [{ port: 1 }, { port: 2 }], undefined],
]
for (const [what, some, port] of ports) {
  test(`the port of a Service is chosen: ${what}`, async () => {
    const [chosen] = await findPrometheus(holding({ ...operated, ports: some }))
    assert.deepEqual(chosen, port && { namespace: 'monitoring', name: 'prometheus-operated', ...port })
  })
}

test('without the right to list Services well-known names are tried', async () => {
  const tried = await findPrometheus(async () => ({ status: 403, headers: {}, text: '' }))
  assert.deepEqual(
    tried.map(({ namespace, name }) => `${namespace}/${name}`),
    ['istio-system/prometheus', 'monitoring/prometheus-operated', 'monitoring/prometheus-k8s'],
  )
})

test('nothing is found where there is nothing, or where the API server fails or answers nonsense', async () => {
  assert.deepEqual(await findPrometheus(holding()), [])
  assert.deepEqual(await findPrometheus(() => Promise.reject(new Error('no answer'))), [])
  for (const text of ['', 'null', '[]', '{"items":[null,{"metadata":{}}]}'])
    assert.deepEqual(await findPrometheus(async () => ({ status: 200, headers: {}, text })), [])
})
