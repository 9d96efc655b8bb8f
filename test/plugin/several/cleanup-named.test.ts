/** What `cleanup` says of a version that routes still name, and of how to apply it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const version = (name: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: app, image: 'shop:1'}]}}
`
const route = (weights: readonly [number, number]): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: coffee, namespace: default}
spec:
  parentRefs: [{name: gw}]
  rules:
  - backendRefs:
    - {name: coffee-v1, port: 80, weight: ${weights[0]}}
    - {name: coffee-v2, port: 80, weight: ${weights[1]}}
`
const folderOf = (weights: readonly [number, number]): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', [version('coffee-v1'), version('coffee-v2'), route(weights)].join('---\n'))
  return folder
}

test('a version that a route names with a weight of 0 stays, and the route is named', async () => {
  using folder = folderOf([0, 100])
  const { stdout, stderr } = await folder.run('cleanup coffee')
  assert.match(stderr, /coffee-v1 stays: HTTPRoute default\/coffee names it/)
  assert.match(stdout, /unchanged/)
})

test('the command that applies a preview is no dry run', async () => {
  using folder = folderOf([0, 100])
  const old = `${version('coffee-v1')}---\n${version('coffee-v2')}---\n`
  const services = old.replaceAll(/selector: \{app: coffee-(v\d)\}/g, 'selector: {app: coffee, version: $1}')
  const pods = services
    .replaceAll(/matchLabels: \{app: coffee-(v\d)\}/g, 'matchLabels: {app: coffee, version: $1}')
    .replaceAll(/labels: \{app: coffee-(v\d)\}/g, 'labels: {app: coffee, version: $1}')
  folder.write('all.yaml', pods + route([0, 100]).replace(/ +- \{name: coffee-v1.*\n/, ''))
  for (const flag of ['', ' --dry-run=client', ' --dry-run']) {
    const { stderr } = await folder.run(`cleanup coffee${flag}`)
    assert.match(stderr, /to apply this: kubectl canary cleanup coffee -f \S+ --yes\n/, flag)
  }
})
