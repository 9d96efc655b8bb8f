/** Routes that a route of the other kind keeps off a listener, as `lint` tells of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const services = ['web', 'rpc'].map(
  name =>
    `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: {app: ${name}}, ports: [{name: ${name === 'rpc' ? 'grpc' : 'http'}, port: 80}]}}`,
)
const gateway =
  '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}, {name: alt, port: 8080, protocol: HTTP}]}}'

interface Written {
  readonly hostname?: string
  readonly section?: string
  readonly created?: string
}
const route = (kind: 'HTTPRoute' | 'GRPCRoute', name: string, { hostname, section, created }: Written = {}) =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: shop${created === undefined ? '' : `, creationTimestamp: '${created}'`}}, spec: {parentRefs: [{name: edge${section === undefined ? '' : `, sectionName: ${section}`}}], hostnames: [${hostname ?? 'shop.example.com'}], rules: [{backendRefs: [{name: ${kind === 'GRPCRoute' ? 'rpc' : 'web'}, port: 80}]}]}}`

async function keptOut(...routes: readonly string[]): Promise<readonly string[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', [...services, gateway, ...routes].join('\n---\n'))
  const { stdout } = await folder.run('lint -o json')
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly rule: string; readonly name: string; readonly message: string }[]
  }
  return findings
    .filter(({ rule }) => rule === 'unattached-route')
    .map(({ name, message }) => `${name}: ${message}`)
}

const unknownAges = ' (files do not tell their ages: the first by namespace and name counts as the older)'

test('of an HTTPRoute and a GRPCRoute with a hostname in common the younger one is told', async () => {
  assert.deepEqual(await keptOut(route('GRPCRoute', 'a'), route('HTTPRoute', 'b')), [
    `b: GRPCRoute shop/a has a hostname of this HTTPRoute on Gateway shop/edge: by the specification only the older of the two is installed there${unknownAges}`,
  ])
  const dated = [
    route('GRPCRoute', 'a', { created: '2026-02-01T00:00:00Z' }),
    route('HTTPRoute', 'b', { created: '2026-01-01T00:00:00Z' }),
  ]
  assert.deepEqual(await keptOut(...dated), [
    'a: HTTPRoute shop/b has a hostname of this GRPCRoute on Gateway shop/edge: by the specification only the older of the two is installed there',
  ])
})

test('a listener is named where others have the route', async () => {
  const routes = [route('GRPCRoute', 'a', { section: 'alt' }), route('HTTPRoute', 'b')]
  assert.deepEqual(await keptOut(...routes), [
    `b: GRPCRoute shop/a has a hostname of this HTTPRoute on listener alt of Gateway shop/edge: by the specification only the older of the two is installed there${unknownAges}`,
  ])
})

test('routes of one kind, of other hostnames and of other listeners stand beside each other', async () => {
  const first = route('GRPCRoute', 'a')
  assert.deepEqual(await keptOut(first, route('GRPCRoute', 'b')), [])
  assert.deepEqual(await keptOut(first, route('HTTPRoute', 'b', { hostname: 'other.example.com' })), [])
  const hostless = [first, route('HTTPRoute', 'b')].map(text =>
    text.replace('hostnames: [shop.example.com], ', ''),
  )
  assert.deepEqual(await keptOut(...hostless), [])
  const apart = [route('GRPCRoute', 'a', { section: 'alt' }), route('HTTPRoute', 'b', { section: 'http' })]
  assert.deepEqual(await keptOut(...apart), [])
})
