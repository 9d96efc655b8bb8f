import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const base = `apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: front}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: wild}
spec:
  hosts: ['*.default.svc.cluster.local']
  http:
  - route:
    - {destination: {host: front}, weight: 50}
    - {destination: {host: front.next.svc.cluster.local}, weight: 50}
`

const ofItsOwn = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog}
spec:
  hosts: [catalog]
  http:
  - route:
    - destination: {host: catalog, subset: v1}
`

interface Shown {
  readonly services: readonly {
    readonly service: string
    readonly entryPoints: readonly {
      readonly ref: { readonly name: string }
      readonly splits: readonly { readonly shares: readonly { readonly version: string }[] }[]
    }[]
  }[]
}

async function routesOf(service: string, text: string): Promise<readonly string[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  const { stdout } = await folder.run(`status ${service} -o json`)
  return (JSON.parse(stdout) as Shown).services[0]!.entryPoints.map(
    ({ ref, splits }) =>
      `${ref.name}: ${splits.map(({ shares }) => shares.map(({ version }) => version).join(', ')).join('; ')}`,
  )
}

test('a VirtualService that takes the requests of a Service by a wildcard host is an entry point of it', async () => {
  assert.deepEqual(await routesOf('catalog', base), ['wild: front, front.next'])
  using folder = new ManifestsFolder()
  folder.write('all.yaml', base)
  assert.match((await folder.run('try http://catalog/')).stdout, /by VirtualService default\/wild/)
})

test('a VirtualService for the host itself goes before one for a wildcard host', async () => {
  assert.deepEqual(await routesOf('catalog', base + ofItsOwn), ['catalog: v1'])
})

test('a wildcard host of gateways takes no requests of callers in the mesh', async () => {
  assert.deepEqual(await routesOf('catalog', base.replace('  http:', '  gateways: [web]\n  http:')), [])
})

test('a wildcard host takes no connections of a port that is not HTTP', async () => {
  const tcp = base.replace('{app: catalog}, ports: [{name: http,', '{app: catalog}, ports: [{name: tcp,')
  assert.deepEqual(await routesOf('catalog', tcp), [])
})

test('a VirtualService that is not exported to the callers takes none of their requests', async () => {
  const exported = (to: string): string =>
    base
      .replace('metadata: {name: wild}', 'metadata: {name: wild, namespace: other}')
      .replace("  hosts: ['*.d", `  exportTo: [${to}]\n  hosts: ['*.d`)
      .replace('host: front}', 'host: front.default.svc.cluster.local}')
  assert.deepEqual(await routesOf('catalog', exported('"*"')), ['wild: front, front.next'])
  // The callers of its own namespace follow it.
  assert.deepEqual(await routesOf('catalog', exported('.')), ['wild: front, front.next'])
  assert.deepEqual(await routesOf('catalog', exported('"~"')), [])
})

test('a wildcard host that splits to other Services is no canary of the Services under it', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', base)
  assert.doesNotMatch((await folder.run('list')).stdout, /catalog/)
})
