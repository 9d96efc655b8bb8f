import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const all = (host: string): string => `apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: front}
spec: {hosts: [a.example.com], gateways: [edge], http: [{route: [{destination: {host: ${host}, subset: v1}}]}]}
`

test('a Service without a route names the route that probably means it', async () => {
  for (const host of ['catlog', 'catalog.svc.cluster.local', 'catalog.svc']) {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', all(host))
    assert.match(
      (await folder.run('status catalog')).stdout,
      /VirtualService default\/front.*did you mean catalog/,
      host,
    )
    const { code, stderr } = await folder.run('weight catalog v2=10')
    assert.equal(code, 1)
    assert.match(stderr, /VirtualService default\/front names the host/, host)
  }
})

test('a route to another Service, or to one of a namespace that may not be in view, is not said to mean this one', async () => {
  for (const host of ['orders', 'catalog.default2.svc.cluster.local']) {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', all(host))
    assert.doesNotMatch((await folder.run('status catalog')).stdout, /front/)
    assert.doesNotMatch((await folder.run('weight catalog v2=10')).stderr, /front/)
    folder.write('all.yaml', all('catalog').replace('{name: front}', '{name: front, namespace: other}'))
    assert.doesNotMatch((await folder.run('status catalog -n default')).stdout, /front/)
  }
})
