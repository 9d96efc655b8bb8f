/** A request for a host whose routes are at Gateways that are not in the files. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const service =
  '{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: default}, spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}}'
const routes = {
  VirtualService: (host: string) =>
    `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: edge, namespace: default}, spec: {hosts: ["${host}"], gateways: [edge], http: [{route: [{destination: {host: shop}}]}]}}`,
  HTTPRoute: (host: string) =>
    `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: edge, namespace: default}, spec: {hostnames: ["${host}"], parentRefs: [{name: edge}], rules: [{backendRefs: [{name: shop, port: 80}]}]}}`,
}
const gateways = {
  VirtualService:
    '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: edge, namespace: default}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}',
  HTTPRoute:
    '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: default}, spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}}',
}

for (const kind of ['VirtualService', 'HTTPRoute'] as const)
  for (const host of ['shop.example.com', '*.example.com'])
    test(`nobody can tell where a request goes that a ${kind} for ${host} takes at a Gateway not in view`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', [service, routes[kind](host)].join('\n---\n'))
      const { stdout } = await folder.run('try http://shop.example.com/')
      assert.match(
        stdout,
        new RegExp(
          `→ cannot tell\\n {2}${kind} default/edge may take the request at Gateway default/edge, which is not in view`,
        ),
      )
      const expecting = await folder.run('try http://shop.example.com/ --expect shop')
      assert.equal(expecting.code, 3)
      assert.match(expecting.stderr, /expected shop, but cannot tell \(/)
      const data = JSON.parse((await folder.run('try http://shop.example.com/ -o json')).stdout) as {
        readonly trials: readonly [{ readonly leavesMesh?: true; readonly unseenGateways?: unknown }]
      }
      assert.equal(data.trials[0].leavesMesh, undefined)
      assert.deepEqual(data.trials[0].unseenGateways, [
        { route: { kind, namespace: 'default', name: 'edge' }, gateway: 'default/edge' },
      ])
    })

test('nobody can tell where a request goes that a route takes at a ListenerSet', async () => {
  using folder = new ManifestsFolder()
  const route = routes
    .HTTPRoute('shop.example.com')
    .replace('{name: edge}]', '{kind: ListenerSet, name: edge}]')
  folder.write('all.yaml', [service, route, gateways.HTTPRoute].join('\n---\n'))
  assert.match(
    (await folder.run('try http://shop.example.com/')).stdout,
    /HTTPRoute default\/edge may take the request at ListenerSet default\/edge, which is not read/,
  )
  assert.match((await folder.run('status shop')).stdout, /on ListenerSet default\/edge\n +everyone → /)
})

for (const kind of ['VirtualService', 'HTTPRoute'] as const)
  test(`with its Gateway, or for another host, or from a caller that is named, a request at a ${kind} is decided`, async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', [service, routes[kind]('shop.example.com')].join('\n---\n'))
    for (const line of ['try http://other.example.com/', 'try http://shop.example.com/ --from app=a'])
      assert.doesNotMatch((await folder.run(line)).stdout, /cannot tell/, line)
    folder.write('gateway.yaml', gateways[kind])
    assert.match((await folder.run('try http://shop.example.com/')).stdout, /by Gateway default\/edge\n\n→ /)
  })

test('nobody can tell whether an HTTPRoute without hostnames takes a request at a Gateway not in view', async () => {
  using folder = new ManifestsFolder()
  const route = routes.HTTPRoute('').replace('hostnames: [""], ', '')
  folder.write('all.yaml', [service, route].join('\n---\n'))
  assert.match((await folder.run('try http://other.example.com/')).stdout, /→ cannot tell\n {2}HTTPRoute /)
  folder.write('gateway.yaml', gateways.HTTPRoute)
  assert.match(
    (await folder.run('try http://other.example.com/')).stdout,
    /by Gateway default\/edge\n\n→ shop/,
  )
})

test('nobody can tell what a request reaches whose Service is not in the files', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', service)
  for (const host of ['gone', 'gone.default.svc.cluster.local']) {
    const { stdout } = await folder.run(`try http://${host}:8080/`)
    assert.ok(
      stdout.endsWith(`→ cannot tell\n  Nothing in the files provides ${host} on port 8080.\n`),
      stdout,
    )
    const expecting = await folder.run(`try http://${host}:8080/ --expect shop`)
    assert.equal(expecting.code, 3)
    assert.match(expecting.stderr, /expected shop, but cannot tell \(/)
    const { trials } = JSON.parse((await folder.run(`try http://${host}:8080/ -o json`)).stdout) as {
      readonly trials: readonly [{ readonly leavesMesh?: true; readonly isServiceUnknown?: true }]
    }
    assert.deepEqual([trials[0].leavesMesh, trials[0].isServiceUnknown], [undefined, true])
  }
  const { stdout: outside } = await folder.run('try http://api.example.com/')
  assert.match(outside, /→ leaves the mesh unchanged\n/)
  const { stdout: otherPort } = await folder.run('try http://shop:8080/')
  assert.match(otherPort, /→ no answer\n {2}shop has no port 8080\.\n/)
})

test('a host outside the mesh is shown as it is, without the namespace of its ServiceEntry', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'entry.yaml',
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pay, namespace: shop}
spec: {hosts: [api.pay.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
`,
  )
  const { stdout } = await folder.run('try http://api.pay.example.com/v1 -n shop')
  assert.match(stdout, /^→ api\.pay\.example\.com +100 % +api\.pay\.example\.com, port 80$/m)
})

test('nobody can tell where a request goes that a route takes at the default Gateways', async () => {
  using folder = new ManifestsFolder()
  const route = routes
    .HTTPRoute('shop.example.com')
    .replace('parentRefs: [{name: edge}]', 'useDefaultGateways: All')
  folder.write('all.yaml', [service, route].join('\n---\n'))
  assert.match(
    (await folder.run('try http://shop.example.com/')).stdout,
    /→ cannot tell\n {2}HTTPRoute default\/edge may take the request at the default Gateways/,
  )
  assert.match((await folder.run('try http://other.example.com/')).stdout, /→ leaves the mesh/)
})

test('a request for a host outside goes to the APISIX that has a route for every host', async () => {
  using folder = new ManifestsFolder()
  const route =
    '{apiVersion: apisix.apache.org/v2, kind: ApisixRoute, metadata: {name: edge, namespace: default}, spec: {http: [{name: all, match: {paths: [/*]}, backends: [{serviceName: shop, servicePort: 80}]}]}}'
  folder.write('all.yaml', [service, route].join('\n---\n'))
  assert.match(
    (await folder.run('try http://shop.example.com/')).stdout,
    /by Gateway ingress-class\/apisix\n\n→ shop +100 %/,
  )
  assert.match((await folder.run('try http://shop/')).stdout, /from a workload in default/)
})
