import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}
  - {port: {number: 8080, name: http-alt, protocol: HTTP}, hosts: [shop.example.com]}
  - {port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [shop.example.com]}
`
const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
  - match: [{authority: {exact: shop.example.com}}]
    route: [{destination: {host: catalog, port: {number: 80}}}]
  - directResponse: {status: 418}
`
const services = `
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: other}
spec: {selector: {app: orders}, ports: [{name: http, port: 80}]}
`

const withFiles = async (words: readonly string[], texts: readonly string[] = [gateway, route, services]) => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', texts.join('---'))
  return await folder.runWords(['try', ...words])
}

describe('the Host header of a request that is tried', () => {
  for (const url of [
    'http://shop.example.com:80/',
    'http://shop.example.com/',
    'https://shop.example.com:443/',
  ])
    it(`has no port in ${url}, as clients leave out the one of the scheme`, async () => {
      const { stdout } = await withFiles([url])
      assert.match(stdout, /→ catalog +100 % +catalog\.shop/)
    })

  it('has a port that is not that of the scheme', async () => {
    const { stdout } = await withFiles(['http://shop.example.com:8080/'])
    assert.match(stdout, /→ 418[^]*Host header must be shop\.example\.com, but is shop\.example\.com:8080/)
  })

  it('is the one that is given with -H, on the port of the URL', async () => {
    const words = ['http://10.0.0.1:8080/', '-H', 'Host: shop.example.com']
    const { stdout } = await withFiles(words)
    assert.match(stdout, /→ catalog +100 % +catalog\.shop/)
    const { trials } = JSON.parse((await withFiles([...words, '-o', 'json'])).stdout)
    assert.deepEqual(trials[0].request.headers, { host: 'shop.example.com' })
  })
})

describe('the namespace of a request that is tried on files of several', () => {
  for (const words of [
    ['http://shop.example.com/'],
    ['http://shop.example.com/', '--via', 'shop/public'],
    ['http://catalog.shop/', '--from', 'webapp.shop'],
  ])
    it(`is not asked for where nothing depends on it: ${words.join(' ')}`, async () => {
      const { stderr } = await withFiles(words)
      assert.doesNotMatch(stderr, /several namespaces/)
    })

  for (const words of [
    ['http://catalog/'],
    ['http://shop.example.com/', '--via', 'public'],
    ['http://catalog.shop/', '--from', 'app=webapp'],
    ['http://shop.example.com/', '--with', 'weight catalog v2=10'],
  ])
    it(`is asked for where the answer depends on it: ${words.join(' ')}`, async () => {
      const { code, stderr } = await withFiles(words)
      assert.notEqual(code, 0)
      assert.match(stderr, /several namespaces: other, shop/)
    })
})

describe('a Service whose workloads are not in the files', () => {
  it('may have pods elsewhere: try says no 503, as status does not', async () => {
    const { stdout } = await withFiles(['http://catalog/', '-n', 'shop'])
    assert.match(stdout, /→ catalog +100 % +catalog\.shop, port 80\n/)
  })

  it('answers with 503 where the files have workloads and a subset selects none of them', async () => {
    const subsets = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec: {selector: {matchLabels: {app: catalog}}, template: {metadata: {labels: {app: catalog, version: v1}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog, subset: v2}}]}]}
`
    const { stdout } = await withFiles(['http://catalog/', '-n', 'shop'], [services, subsets])
    assert.match(stdout, /→ 503 for v2 +100 % .*no pods/)
  })
})
