import assert from 'node:assert/strict'
import { test } from 'node:test'
import { around, apisixRoute, to } from '../../plan/apisix/shop.ts'
import { ManifestsFolder } from '../manifests-folder.ts'

test('a cohort on a route that was chosen is not said to lack the routes that were left out', async () => {
  using folder = new ManifestsFolder()
  const routed = (name: string, path: string): unknown =>
    apisixRoute(name, [
      {
        name: 'items',
        match: { hosts: [`${name}.example.com`], paths: [path] },
        backends: [to('catalog-v1')],
      },
    ])
  const objects = [...around, routed('public', '/items*'), routed('partner', '/v2*')]
  folder.write('all.yaml', objects.map(object => JSON.stringify(object)).join('\n---\n'))
  const { code, stderr } = await folder.run('cohort internal catalog --to v2 --route partner/items -n shop')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /does not cover/)
  assert.doesNotMatch((await folder.run('status catalog -n shop')).stdout, /does not cover/)
})

test('try says once why a route of several methods does not take a request, and in no words of Envoy', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'all.yaml',
    `{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: web}, spec: {ports: [{port: 80}]}}
---
{apiVersion: apisix.apache.org/v2, kind: ApisixRoute, metadata: {name: shop, namespace: web}, spec: {ingressClassName: apisix, http: [{name: items, match: {hosts: [shop.example.com], paths: [/items], methods: [GET, HEAD]}, backends: [{serviceName: shop, servicePort: 80}]}]}}
`,
  )
  const { stdout } = await folder.run('try http://shop.example.com/other')
  assert.match(stdout, /No route takes the request: 404\.$/m)
  assert.equal(stdout.match(/path must be \/items, but is \/other/g)?.length, 1)
})

test('status says what a rule takes as it is written, with what no request tells', async () => {
  using folder = new ManifestsFolder()
  const match = { paths: ['/api/*/items'], remoteAddrs: ['10.0.0.0/8'] }
  const route = apisixRoute('catalog', [{ name: 'items', match, backends: [to('catalog-v1')] }])
  folder.write('all.yaml', [...around, route].map(object => JSON.stringify(object)).join('\n---\n'))
  const { stdout } = await folder.run('status catalog -n shop')
  assert.match(stdout, /everyone, \/api\/\*\/items with remoteAddrs → v1/)
})
