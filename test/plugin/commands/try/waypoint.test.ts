import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const world = (namespaceLabels: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: ${namespaceLabels}}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - match: [{sourceLabels: {app: webapp}, uri: {prefix: /web}}]
    route: [{destination: {host: catalog}}]
  - match: [{uri: {prefix: /plain}}]
    route: [{destination: {host: catalog}}]
`

const tried = async (labels: string, path: string) => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', world(labels))
  return (await folder.runWords(['try', `http://catalog${path}`])).stdout
}

const ambient = '{istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}'

it('says that the waypoint of a Service decides, and what conditions on callers are about there', async () => {
  const stdout = await tried(ambient, '/web')
  assert.match(
    stdout,
    /The waypoint of the Service decides: conditions on callers are about the waypoint there/,
  )
  using folder = new ManifestsFolder()
  folder.write('all.yaml', world(ambient))
  const { trials } = JSON.parse((await folder.run('try http://catalog/web -o json')).stdout)
  assert.equal(trials[0].isAtWaypoint, true)
})

it('says nothing of a waypoint to a caller with a sidecar', async () => {
  assert.doesNotMatch(await tried('{istio-injection: enabled}', '/web'), /waypoint/)
})
