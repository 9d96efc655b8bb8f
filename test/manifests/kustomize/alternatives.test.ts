import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'

const host = 'store.shop.svc.cluster.local'
const route = (hosts: string, path = '/items') => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: store, namespace: shop}
spec:
  hosts: [${hosts}]
  http:
  - match: [{uri: {prefix: ${path}}}]
    route: [{destination: {host: ${host}}}]
`
const httpRoute = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: store, namespace: shop}
spec:
  parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: public, namespace: infra}]
  hostnames: [store.example.com]
  rules: [{backendRefs: [{name: store, port: 80}]}]
`
const service = `apiVersion: v1
kind: Service
metadata: {name: store, namespace: shop}
spec: {selector: {app: store}, ports: [{name: http, port: 80}]}
`

/** Overlays `dev` and `prod` of one base, each with a prefix for all names. */
function overlays(base: string, more: Readonly<Record<string, string>> = {}): Repository {
  const repository = new Repository({
    'k8s/base/kustomization.yaml': kustomization('resources: [app.yaml]\n'),
    'k8s/base/app.yaml': base,
    'k8s/shared/service.yaml': service,
    ...Object.fromEntries(
      ['dev', 'prod'].map(name => [
        `k8s/overlays/${name}/kustomization.yaml`,
        kustomization(`namePrefix: ${name}-\nresources: [../../base]\n${more[name] ?? ''}`),
      ]),
    ),
  })
  return repository
}

interface Output {
  readonly findings: readonly { readonly rule: string; readonly name: string }[]
}
async function found(repository: Repository) {
  const { stdout, stderr } = await repository.run('lint -f @k8s -o json')
  const { findings } = JSON.parse(stdout) as Output
  return { rules: findings.map(({ rule, name }) => `${rule} ${name}`), stderr }
}

describe('overlays of one base that name their objects each in its own way', () => {
  it('are alternatives: their routes for one host do not conflict', async () => {
    for (const text of [route(host), httpRoute]) {
      using repository = overlays(text)
      const { rules, stderr } = await found(repository)
      assert.deepEqual(rules, [])
      assert.match(
        stderr,
        /The text of \w+ shop\/dev-store is used more than once, in @k8s\/overlays\/dev, @k8s\/overlays\/prod\. Each place is checked by itself\./,
      )
    }
  })
  it('are judged each for what it says', async () => {
    const fault = `patches:
- target: {kind: VirtualService}
  patch: '[{"op": "add", "path": "/spec/http/0/route/0/destination/subset", "value": "gone"}]'
`
    using repository = overlays(route(host), { prod: fault })
    assert.deepEqual((await found(repository)).rules, ['subset-without-destination-rule prod-store'])
  })
  it('are one environment where they take different requests', async () => {
    const other = `patches:
- target: {kind: VirtualService}
  patch: '[{"op": "replace", "path": "/spec/hosts/0", "value": "other.shop.svc.cluster.local"}]'
`
    using repository = overlays(route(host), { prod: other })
    assert.doesNotMatch((await found(repository)).stderr, /more than once/)
  })
  it('conflict where one kustomization applies both', async () => {
    using repository = overlays(route(host))
    repository.write('k8s/kustomization.yaml', kustomization('resources: [overlays/dev, overlays/prod]\n'))
    assert.deepEqual((await found(repository)).rules, ['conflicting-virtual-services prod-store'])
  })
})

describe('a kustomization that cannot be built', () => {
  it('is named with the reason of kustomize in one sentence', async () => {
    using repository = overlays(route(host), {
      prod: "patches:\n- target: {kind: VirtualService}\n  patch: '[{op: remove, path: /spec}]'\n",
    })
    assert.match(
      (await found(repository)).stderr,
      /^kustomization @k8s\/overlays\/prod cannot be built: unable to parse SM or JSON patch from .*; its files are checked as they are$/m,
    )
  })
})
