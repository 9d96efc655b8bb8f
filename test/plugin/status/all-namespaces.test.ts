import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const shopIn = (namespace: string): string => `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: ${namespace}}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: ${namespace}}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: ${namespace}}
spec: {hosts: [shop], http: [{route: [{destination: {host: shop, subset: v1}}]}]}
`

describe('a picture of all namespaces', () => {
  const frames = {
    svg: /<text class="head"[^>]*>shop in namespace (\w+)</g,
    mermaid: /subgraph s\d+\["shop in namespace (\w+)"\]/g,
    dot: /label="shop in namespace (\w+)"/g,
  }
  for (const [format, frame] of Object.entries(frames))
    it(`has the services of each, as ${format}`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', ['one', 'two'].map(shopIn).join('---'))
      const namespacesOf = async (line: string): Promise<readonly string[]> => {
        const { code, stdout, stderr } = await folder.run(line)
        assert.equal(code, 0, stderr)
        return [...stdout.matchAll(frame)].map(([, namespace]) => namespace!)
      }
      assert.deepEqual(await namespacesOf(`status -A -o ${format}`), ['one', 'two'])
      assert.deepEqual(await namespacesOf(`status -n two -o ${format}`), ['two'])
    })
})

it('a terminal that says no size is taken for one of 80 columns', async () => {
  using folder = new ManifestsFolder('catalog')
  for (const line of ['status', 'doctor catalog', 'status --help']) {
    const known = await folder.run(line, { isTTY: true, columns: 80 })
    assert.deepEqual(await folder.run(line, { isTTY: true, columns: 0 }), known)
  }
})
