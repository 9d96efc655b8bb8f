import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const service = (name: string, namespace: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: shop }, ports: [{ name: http, port: 80 }] }
---
`
const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: prod }
spec:
  hosts: [shop]
  http: [{ route: [{ destination: { host: shop } }] }]
`
const linted = async (...services: readonly string[]): Promise<string> => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', services.join('') + route)
  return (await folder.runWords(['lint'])).stdout
}

describe('the host that was probably meant', () => {
  it('is that of the only Service of the name in another namespace', async () => {
    assert.match(await linted(service('shop', 'dev')), /Set spec\.hosts\[0\]: shop\.dev\.svc\.cluster\.local/)
  })

  it('is not known where the namespace has the name with a prefix or suffix, as an overlay gives it', async () => {
    for (const here of ['p-shop', 'shop-p']) {
      const said = await linted(service('shop', 'dev'), service(here, 'prod'))
      assert.match(said, /unknown-host/)
      assert.doesNotMatch(said, /shop\.dev/)
    }
  })

  it('has the namespace that was left out of the full name', async () => {
    const rule =
      '---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: shop, namespace: prod }\nspec: { host: shop.svc.cluster.local }\n'
    for (const [text, fix] of [
      [
        route.replace('hosts: [shop]', 'hosts: [shop.svc.cluster.local]'),
        /Set spec\.hosts\[0\]: shop\.prod\.svc/,
      ],
      [route.replace('host: shop ', 'host: shop.svc.cluster.local '), /destination\.host: shop\.prod\.svc/],
      [route.replace('host: shop ', 'host: shop.svc '), /destination\.host: shop\.prod\.svc/],
      [route + rule, /Set spec\.host: shop\.prod\.svc\.cluster\.local/],
    ] as const) {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', service('shop', 'prod') + service('shop', 'dev') + text)
      assert.match((await folder.runWords(['lint'])).stdout, fix)
    }
  })
})
