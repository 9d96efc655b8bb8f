import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { requests, startFakePrometheus } from '../metrics/fake-prometheus.ts'
import { runCommand, type Ended, type World } from '../run-command.ts'
import { fastClock } from '../run/fast-clock.ts'

const deployment = (name: string, version: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}-${version} }
spec:
  selector: { matchLabels: { app: ${name}, version: ${version} } }
  template:
    metadata: { labels: { app: ${name}, version: ${version} } }
    spec: { containers: [{ name: ${name}, image: ${name} }] }
---`

const service = (name: string, versions: readonly string[]): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---${versions.map(version => deployment(name, version)).join('')}`

const rule = (name: string, versions: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
  subsets: [${versions.map(version => `{ name: ${version}, labels: { version: ${version} } }`).join(', ')}]
---`

/** A route to v1 of a service. */
const route = (name: string, service: string, reached: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { ${reached}, http: [{ route: [{ destination: { host: ${service}, subset: v1 } }] }] }
---`

/** Its proxies read tokens, and are of this world alone. */
const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: catalog-gateway }
spec:
  selector: { istio: NAMESPACE }
  servers:
  - port: { number: 80, name: http, protocol: HTTP }
    hosts: [catalog.example.com, next.example.com, shop.example.com]
  - port: { number: 443, name: https, protocol: HTTPS }
    tls: { mode: SIMPLE, credentialName: shop }
    hosts: [shop.example.com]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens }
spec: { selector: { matchLabels: { istio: NAMESPACE } }, jwtRules: [{ issuer: 'https://issuer.example.com' }] }
---`

const versions = ['v1', 'v2', 'v3']
const services =
  service('catalog', versions) + service('webapp', ['v1']).replace('name: webapp-v1', 'name: webapp')
const atGateway =
  rule('catalog', versions)
  + gateway
  + route('catalog-public', 'catalog', 'hosts: [shop.example.com], gateways: [catalog-gateway]')
const inMesh = route('catalog', 'catalog', 'hosts: [catalog]')

/** Where examples are run, by what the catalog has there. */
const places = {
  routed: services + atGateway + inMesh,
  'without routes': services + gateway,
  'at a gateway': services + atGateway,
  'beside a checkout':
    services
    + rule('catalog', versions)
    + inMesh
    + service('checkout', ['v1', 'v2'])
    + rule('checkout', ['v1', 'v2'])
    + route('checkout', 'checkout', 'hosts: [checkout]'),
}

/** The world of an example. */
export type Place = keyof typeof places

/** A namespace, and a folder with what the examples name. */
export interface ExamplesWorld extends AsyncDisposable {
  readonly namespace: string
  readonly folder: string
  /** Runs a command with the files and addresses of this world in place of those that the help names. */
  readonly run: (words: readonly string[], world?: World) => Promise<Ended>
}

/** Makes one on a cluster. */
export async function examplesWorld(cluster: Cluster, place: Place): Promise<ExamplesWorld> {
  const namespace = await cluster.namespace()
  const yaml = places[place].replaceAll('NAMESPACE', namespace)
  await cluster.apply(yaml, { namespace })
  await makeReady(cluster, namespace)
  const folder = mkdtempSync(join(tmpdir(), 'canary-examples-'))
  writeFiles(folder, yaml)
  const prometheus = await startFakePrometheus(rowsOf(namespace))
  const answering = await startVersions()
  const there: Readonly<Record<string, string>> = {
    shop: namespace,
    'istio-ingress/public': 'catalog-gateway',
    'http://localhost:9090': prometheus.url,
    '127.0.0.1:8080': answering.address,
    ...Object.fromEntries(
      ['k8s/', 'catalog/', 'canary.yaml', 'routing-tests.yaml', 'report.md'].map(name => [
        name,
        join(folder, name),
      ]),
    ),
  }
  const env = {
    HOME: folder,
    SHELL: '/bin/bash',
    PATH: join(folder, 'bin'),
    KUBECTL_CANARY_PROMETHEUS: prometheus.url,
  }
  return {
    namespace,
    folder,
    run: (words, world = {}) =>
      runCommand(
        [...words.map(word => there[word] ?? word), ...flagsFor(words, { cluster, namespace, folder })],
        {
          store: openStore,
          stdin: yaml,
          env,
          clock: fastClock(),
          ...world,
        },
      ),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([prometheus[Symbol.asyncDispose](), answering[Symbol.asyncDispose]()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Verbs that use no cluster take no flags for one. */
function flagsFor(
  [verb = '']: readonly string[],
  {
    cluster,
    namespace,
    folder,
  }: { readonly cluster: Cluster; readonly namespace: string; readonly folder: string },
): readonly string[] {
  if (['rules', 'completion', 'version'].includes(verb)) return []
  const kubeconfig = ['--kubeconfig', cluster.kubeconfig]
  return verb === 'demo'
    ? [...kubeconfig, '--dir', join(folder, 'canary-demo')]
    : ['--namespace', namespace, ...kubeconfig]
}

async function makeReady(cluster: Cluster, namespace: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const { items } = (await cluster.expect(path)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[]
  }
  for (const { metadata } of items)
    await cluster.expect(`${path}/${metadata.name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 1 } },
    })
}

const plan = `
steps: [10, 50]
interval: 1m
threshold: 3
`
const table = `
tests:
- { url: http://catalog/items, expect: v1 }
`

function writeFiles(folder: string, yaml: string): void {
  for (const name of ['k8s', 'catalog', 'bin']) mkdirSync(join(folder, name))
  const texts = {
    'canary.yaml': plan,
    'routing-tests.yaml': table,
    'k8s/all.yaml': yaml,
    'catalog/all.yaml': yaml,
    'bin/kubectl-canary': '',
    'bin/kubectl_complete-canary': '',
  }
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text, { mode: 0o755 })
}

/** Traffic by which every check passes. */
const rowsOf = (namespace: string) =>
  ['v1', 'v2'].map(version =>
    requests(version, 1000, {
      destination_service: `catalog.${namespace}.svc.cluster.local`,
      destination_service_namespace: namespace,
      destination_workload_namespace: namespace,
    }),
  )

/** A service that answers as v1 does. */
async function startVersions(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((_, response) => response.writeHead(200, { 'x-version': 'v1' }).end('hello'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
