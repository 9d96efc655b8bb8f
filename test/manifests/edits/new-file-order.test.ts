import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const workloads = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
${['v1', 'v2']
  .map(
    version => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-${version}, namespace: shop }
spec:
  selector: { matchLabels: { app: web, version: ${version} } }
  template:
    metadata: { labels: { app: web, version: ${version} } }
    spec: { containers: [{ name: main, image: 'web:${version}' }] }
`,
  )
  .join('')}`

const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front, namespace: shop }
spec:
  hosts: [web.shop.svc.cluster.local]
  http: [{ route: [{ destination: { host: web } }] }]
`

const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec: { host: web, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`

/** The files that a command adds, which must be such that lint advises no other order. */
async function added(files: Readonly<Record<string, string>>, line: string): Promise<readonly string[]> {
  using folder = new ManifestsFolder()
  for (const [name, text] of Object.entries(files)) folder.write(name, text)
  const { code, stderr } = await folder.run(line)
  assert.equal(code, 0, stderr)
  const lint = await folder.run('lint')
  assert.doesNotMatch(lint.stdout + lint.stderr, /before/)
  return Object.keys(folder.texts()).filter(name => !(name in files))
}

test('a new DestinationRule is in a file that is applied before the file of its route', async () => {
  const files = { 'app.yaml': workloads }
  const line = 'weight web v2=10 -n shop'
  assert.deepEqual(await added({ ...files, 'base.yaml': route }, line), ['base-destinationrule.yaml'])
  assert.deepEqual(await added({ ...files, 'base.yml': route }, line), ['base-destinationrule.yaml'])
  assert.deepEqual(await added({ ...files, 'zone.yaml': route }, line), ['web-destinationrule.yaml'])
})

test('a new VirtualService is in a file that is applied after the file of its DestinationRule', async () => {
  const files = { 'app.yaml': workloads }
  const line = 'init web --stable v1 -n shop'
  assert.deepEqual(await added({ ...files, 'zone.yaml': rule }, line), ['zone_virtualservice.yaml'])
  assert.deepEqual(await added({ ...files, 'base.yaml': rule }, line), ['web-virtualservice.yaml'])
})
