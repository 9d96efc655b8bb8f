/** TLSRoutes and TCPRoutes beside the routes of a service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const version = (name: string): string => `apiVersion: v1
kind: Service
metadata: {name: catalog-${name}, namespace: default}
spec: {selector: {app: catalog, version: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog-${name}, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: catalog, version: ${name}}}
  template: {metadata: {labels: {app: catalog, version: ${name}}}, spec: {containers: [{name: app, image: 'shop:1'}]}}
`
const http = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: catalog, namespace: default}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: catalog-v2, port: 80}]}]}
`
const streams = (weight: number): string => `apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: raw, namespace: default}
spec:
  parentRefs: [{name: edge, sectionName: raw}]
  rules: [{backendRefs: [{name: catalog-v1, port: 80, weight: ${weight}}, {name: catalog-v2, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: secure, namespace: default}
spec:
  parentRefs: [{name: edge, sectionName: secure}]
  hostnames: [catalog.example.com]
  rules: [{backendRefs: [{name: catalog-v2, port: 80}]}]
`
const folderOf = (weight: number): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', [version('v1'), version('v2'), http, streams(weight)].join('---\n'))
  return folder
}

test('are named by status and edits, with what they take', async () => {
  using folder = folderOf(1)
  for (const line of ['status catalog', 'weight catalog v1=10 --dry-run=client']) {
    const { stdout, stderr } = await folder.run(line)
    const said = stdout + stderr
    assert.match(
      said,
      /TCPRoute default\/raw, spec\.rules\[0\]: TCP connections at Gateway default\/edge go to Service catalog-v1/,
    )
    assert.match(
      said,
      /TLSRoute default\/secure, .*: TLS connections for catalog\.example\.com at .* go to Service catalog-v2/,
    )
  }
})

test('keep the version to which they lead from a cleanup, unless its weight is 0', async () => {
  using kept = folderOf(1)
  const { stderr, stdout } = await kept.run('cleanup catalog')
  assert.match(stderr, /Version v1 stays: TCPRoute default\/raw names it/)
  assert.match(stdout, /unchanged/)
  using free = folderOf(0)
  assert.match((await free.run('cleanup catalog')).stdout, /deployment\.apps\/catalog-v1 configured/)
})

test('are read by lint without a finding', async () => {
  using folder = folderOf(1)
  const { stderr, code } = await folder.run('lint')
  assert.doesNotMatch(stderr, /is not read/)
  assert.equal(code, 0)
})
