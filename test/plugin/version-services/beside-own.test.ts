import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
`
const virtualService = (name: string, spec: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`
const split =
  'route: [{destination: {host: cart-blue}, weight: 100}, {destination: {host: cart-green}, weight: 0}]'
const rest = '{route: [{destination: {host: shop}}]}'
const delegated =
  virtualService(
    'shop',
    `{hosts: [shop], http: [{match: [{uri: {prefix: /cart}}], delegate: {name: cart-routes}}, ${rest}]}`,
  ) + virtualService('cart-routes', `{http: [{${split}}]}`)
const direct = virtualService(
  'shop',
  `{hosts: [shop], http: [{match: [{uri: {prefix: /cart}}], ${split}}, ${rest}]}`,
)
const services = ['shop', 'cart-blue', 'cart-green'].map(service).join('')

test('Services that share a path beside the Service of the host are another application', async () => {
  for (const routes of [delegated, direct])
    for (const text of [routes, services + routes]) {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', text)
      const { stdout } = await folder.run('status -o json')
      const { services: shown } = JSON.parse(stdout) as {
        services: { service: string; versions: { name: string }[] }[]
      }
      const names = shown.map(({ service: name, versions }) => [
        name,
        ...versions.map(version => version.name),
      ])
      assert.deepEqual(new Set(names), new Set([['cart', 'cart-blue', 'cart-green'], ['shop']]))
      const { code, stderr } = await folder.run('weight cart cart-green=20')
      assert.equal(code, 0, stderr)
      assert.match(folder.texts()['all.yaml']!, /host: shop}}\]/)
      assert.equal((await folder.run('abort cart')).code, 0)
      assert.equal(folder.texts()['all.yaml'], text)
    }
})
