/** Rules of routes that routes of the same files hide, as `lint` tells of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const service =
  '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}, {name: http-admin, port: 8080}]}}'
const gateway =
  '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}, {name: alt, port: 8080, protocol: HTTP}]}}'
const route = (name: string, parents: readonly string[], matches = '') =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: ${name}, namespace: shop}, spec: {parentRefs: [${parents.join()}], rules: [{${matches}backendRefs: [{name: web, port: 80}]}]}}`
const atService = (more = '') => `{group: "", kind: Service, name: web${more}}`
const atGateway = (more = '', name = 'edge') => `{name: ${name}${more}}`

interface Hidden {
  readonly name: string
  readonly message: string
  readonly fix: string
}

async function hiddenIn(...objects: readonly string[]): Promise<readonly Hidden[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', objects.join('\n---\n'))
  const { stdout } = await folder.run('lint -o json')
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly (Hidden & { readonly rule: string })[]
  }
  return findings.filter(({ rule }) => rule === 'unreachable-match')
}

const namesIn = async (...objects: readonly string[]) => (await hiddenIn(...objects)).map(({ name }) => name)

test('a rule is not called hidden where its route is at a Gateway that is not in the files, too', async () => {
  const first = route('a', [atGateway()])
  assert.deepEqual(await namesIn(service, gateway, first, route('b', [atGateway()])), ['b'])
  assert.deepEqual(
    await namesIn(service, gateway, first, route('b', [atGateway(), atGateway('', 'gone')])),
    [],
  )
  assert.deepEqual(await namesIn(service, route('a', [atService()]), route('b', [atService()])), ['b'])
  assert.deepEqual(
    await namesIn(service, route('a', [atService()]), route('b', [atService(), atGateway('', 'gone')])),
    [],
  )
})

test('a route for one port of a Service that is not in the files hides none for all of its ports', async () => {
  const first = route('a', [atService(', port: 8080')])
  assert.deepEqual(await namesIn(first, route('b', [atService()])), [])
  assert.deepEqual(await namesIn(route('a', [atService(', port: 80')]), route('b', [atService()])), [])
  assert.deepEqual(await namesIn(route('a', [atService()]), route('b', [atService()])), ['b'])
  assert.deepEqual(await namesIn(first, route('b', [atService(', port: 8080')])), ['b'])
})

test('every route is named that takes a part of the requests of a rule, and once', async () => {
  const [one, other] = [route('a', [atGateway(', port: 80')]), route('b', [atGateway(', sectionName: alt')])]
  const [found] = await hiddenIn(service, gateway, one, other, route('c', [atGateway()]))
  assert.ok(
    found!.message.startsWith(
      'no request reaches this rule: HTTPRoute shop/a spec.rules[0] and HTTPRoute shop/b spec.rules[0] take all requests that it matches (',
    ),
    found!.message,
  )
  const [twice] = await hiddenIn(service, gateway, route('a', [atGateway()]), route('c', [atGateway()]))
  assert.match(twice!.message, /: HTTPRoute shop\/a spec\.rules\[0\] takes all requests that it matches \(/)
  const matches = (path: string) => `matches: [{path: {value: ${path}}}], `
  const both = 'matches: [{path: {value: /a}}, {path: {value: /b}}], '
  const [apart] = await hiddenIn(
    service,
    gateway,
    route('a', [atGateway()], matches('/a')),
    route('b', [atGateway()], matches('/b')),
    route('c', [atGateway()], both),
  )
  assert.match(apart!.message, /: HTTPRoute shop\/a \S+ and HTTPRoute shop\/b \S+ take all/)
})

test('hostnames are no fix for routes of the mesh, which have none', async () => {
  const [inMesh] = await hiddenIn(service, route('a', [atService()]), route('b', [atService()]))
  assert.doesNotMatch(inMesh!.fix, /hostname/)
  const [outside] = await hiddenIn(service, gateway, route('a', [atGateway()]), route('b', [atGateway()]))
  assert.match(outside!.fix, /hostname/)
})
