import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const route = (spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: NAME}
spec:
${spec}`

test('a fault of a delegate stands at the line of the delegate that has it', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'root.yaml',
    route(
      '  hosts: [shop.example.com]\n  gateways: [public]\n  http:\n  - delegate: {name: child}\n',
    ).replace('NAME', 'root'),
  )
  folder.write(
    'child.yaml',
    route(
      '  http:\n  - name: main\n    route:\n    - destination:\n        host: shop\n        subset: v9\n',
    ).replace('NAME', 'child'),
  )
  folder.write(
    'shop.yaml',
    `apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}]}
`,
  )
  const { stdout } = await folder.run('lint -o json')
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Record<string, unknown>[] }
  const found = findings.find(({ rule }) => rule === 'undefined-subset')
  assert.match(String(found?.['file']), /child\.yaml$/)
  assert.deepEqual([found?.['name'], found?.['line'], found?.['column']], ['root', 10, 9])
})
