import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const workload = (version: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-${version}}
spec:
  selector: {matchLabels: {app: cart, version: ${version}}}
  template: {metadata: {labels: {app: cart, version: ${version}}}, spec: {containers: [{name: cart, image: cart}]}}
`
const service = (name: string, selector: string): string => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {${selector}}, ports: [{name: http, port: 80}]}
`
const services = ['catalog-stable', 'catalog-canary'].map(name => service(name, 'app: catalog')).join('')
const rollout = (trafficRouting: string): string => `---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: catalog}
spec:
  selector: {matchLabels: {app: catalog}}
  template: {metadata: {labels: {app: catalog}}, spec: {containers: [{name: catalog, image: catalog}]}}
  strategy: {canary: {stableService: catalog-stable, canaryService: catalog-canary, trafficRouting: ${trafficRouting}}}
`

/** A routing object of two services, of which a Rollout shifts catalog. */
const shared: Readonly<Record<string, string>> = {
  VirtualService: `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
  - name: catalog
    match: [{uri: {prefix: /catalog}}]
    route:
    - {destination: {host: catalog-stable}, weight: 100}
    - {destination: {host: catalog-canary}, weight: 0}
  - name: cart
    match: [{uri: {prefix: /cart}}]
    route:
    - {destination: {host: cart, subset: v1}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart}
spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
${service('cart', 'app: cart')}`,
  HTTPRoute: `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: shop}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /catalog}}]
    backendRefs: [{name: catalog-stable, port: 80, weight: 100}, {name: catalog-canary, port: 80, weight: 0}]
  - matches: [{path: {type: PathPrefix, value: /cart}}]
    backendRefs: [{name: cart-v1, port: 80, weight: 1}, {name: cart-v2, port: 80, weight: 0}]
${service('cart-v1', 'app: cart, version: v1')}${service('cart-v2', 'app: cart, version: v2')}`,
  ApisixRoute: `---
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: shop}
spec:
  http:
  - name: catalog
    match: {paths: ["/catalog*"]}
    backends:
    - {serviceName: catalog-stable, servicePort: 80, weight: 100}
    - {serviceName: catalog-canary, servicePort: 80, weight: 0}
  - name: cart
    match: {paths: ["/cart*"]}
    backends: [{serviceName: cart-v1, servicePort: 80, weight: 100}, {serviceName: cart-v2, servicePort: 80, weight: 0}]
${service('cart-v1', 'app: cart, version: v1')}${service('cart-v2', 'app: cart, version: v2')}`,
}

const folderWith = (kind: string, trafficRouting: string): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write(
    'shop.yaml',
    `${shared[kind]}${services}${workload('v1')}${workload('v2')}${rollout(trafficRouting)}`,
  )
  return folder
}

const plugin = (more: string): string =>
  `{${more}plugins: {argoproj-labs/gatewayAPI: {httpRoute: shop, namespace: default}}}`

for (const [kind, trafficRouting] of [
  ['VirtualService', '{istio: {virtualService: {name: shop, routes: [catalog]}}}'],
  ['HTTPRoute', plugin('')],
  ['ApisixRoute', '{apisix: {route: {name: shop, rules: [catalog]}}}'],
] as const) {
  test(`${kind}: routes that a Rollout does not write are edited, and shown as owned by nobody`, async () => {
    using folder = folderWith(kind, trafficRouting)
    const shown = await folder.run('status cart')
    assert.equal(shown.code, 0, shown.stderr)
    assert.doesNotMatch(shown.stdout, /Rollout/)
    const before = folder.texts()['shop.yaml']
    for (const line of ['weight cart v2=10', 'cohort staff cart --to v2']) {
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 0, `${line}: ${stderr}`)
      assert.notEqual(folder.texts()['shop.yaml'], before)
    }
    assert.equal((await folder.run('abort cart')).code, 0)
    assert.equal(folder.texts()['shop.yaml'], before)
  })

  test(`${kind}: the routes that it writes stay its own`, async () => {
    using folder = folderWith(kind, trafficRouting)
    for (const line of ['weight catalog-stable catalog-canary=10', 'weight catalog catalog-canary=10']) {
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 3, `${line}: ${stderr}`)
      assert.match(stderr, /Rollout default\/catalog/)
    }
    const { stdout } = await folder.run('status catalog')
    assert.match(stdout, /owned by Rollout default\/catalog/)
  })
}

for (const [kind, trafficRouting] of [
  ['VirtualService', '{istio: {virtualService: {name: shop}}}'],
  // Its plugin finds a header route again by its index.
  ['HTTPRoute', plugin('managedRoutes: [{name: staff}], ')],
  ['ApisixRoute', '{apisix: {route: {name: shop}}}'],
] as const)
  test(`${kind}: a Rollout that does not say which routes it writes owns all of them`, async () => {
    using folder = folderWith(kind, trafficRouting)
    const { code, stderr } = await folder.run('weight cart v2=10')
    assert.equal(code, 3, stderr)
    assert.match(stderr, /belongs to Rollout default\/catalog/)
  })

test('a fix of weights names the Rollout only where it writes them', async () => {
  using folder = folderWith('VirtualService', '{istio: {virtualService: {name: shop, routes: [catalog]}}}')
  const text = folder.texts()['shop.yaml']!
  folder.write(
    'shop.yaml',
    text
      .replace('weight: 100', 'weight: 90')
      .replace(
        'subset: v1}}',
        'subset: v1}, weight: 90}\n    - {destination: {host: cart, subset: v2}, weight: 20}',
      ),
  )
  const { findings } = JSON.parse((await folder.run('lint -o json')).stdout) as {
    findings: readonly { rule: string; fix: string; path: string }[]
  }
  const fixes = findings.filter(({ rule }) => rule === 'weights-sum-to-100').map(({ fix }) => fix)
  assert.deepEqual(
    fixes.map(fix => fix.includes('Rollout default/catalog writes these weights again')),
    [true, false],
  )
})
