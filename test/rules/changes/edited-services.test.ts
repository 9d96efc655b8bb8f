/** Services that stay, and that an edit takes from the routes in force. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced } from '../../../shared/rules/introduced.ts'
import type { Change } from '../../../shared/view/change.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const [istio, gateway] = ['networking.istio.io/v1', 'gateway.networking.k8s.io/v1']
const named = (kind: string, name: string, spec: string): KubeObject =>
  ({
    ...(parse(kind) as KubeObject),
    metadata: { name, namespace: 'shop' },
    spec: parse(spec) as object,
  }) as KubeObject

const port = '{name: http, port: 80}'
const service = (spec: string, name = 'cart'): KubeObject =>
  named('{apiVersion: v1, kind: Service}', name, spec)
const before = service(`{selector: {app: cart}, ports: [${port}]}`)
const aliasOf = (host: string): KubeObject =>
  service(`{type: ExternalName, externalName: ${host}, selector: {app: cart}, ports: [${port}]}`)
const workload = named(
  '{apiVersion: apps/v1, kind: Deployment}',
  'cart',
  '{template: {metadata: {labels: {app: cart}}}}',
)
const other = service(`{selector: {app: cart}, ports: [${port}]}`, 'other')

const [inMesh, atGateway] = ['{hosts: [cart]', '{hosts: [cart.example.com], gateways: [web]'].map(head =>
  named(
    `{apiVersion: ${istio}, kind: VirtualService}`,
    'cart',
    `${head}, http: [{route: [{destination: {host: cart}}]}]}`,
  ),
) as [KubeObject, KubeObject]
const istioGateway = named(
  `{apiVersion: ${istio}, kind: Gateway}`,
  'web',
  '{selector: {app: gateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
)
const gatewayOf = (controller: string): KubeObject =>
  named(
    `{apiVersion: ${gateway}, kind: Gateway}`,
    'web',
    `{gatewayClassName: ${controller}, listeners: [{name: http, port: 80, protocol: HTTP}]}`,
  )
const routeTo = (kind: string, parent: string, backend: string): KubeObject =>
  named(
    `{apiVersion: ${gateway}, kind: ${kind}}`,
    'cart',
    `{parentRefs: [${parent}], rules: [{backendRefs: [{name: ${backend}, port: 80}]}]}`,
  )
const toCart = (kind: string): KubeObject => routeTo(kind, '{name: web}', 'cart')
const atCart = (kind: string, more = ''): KubeObject =>
  routeTo(kind, `{group: "", kind: Service, name: cart${more}}`, 'other')

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const judged = (change: Change, objects: readonly KubeObject[]): readonly string[] =>
  introduced(judge, snapshot(objects), [change]).map(
    ({ rule, ref, severity }) => `${rule} ${ref.kind} ${severity.webhook}`,
  )
const found = (after: KubeObject, objects: readonly KubeObject[]): readonly string[] =>
  judged({ before, after }, [before, other, workload, ...objects])

const external = aliasOf('example.com')
const renamed = service('{selector: {app: cart}, ports: [{name: http2, port: 80}]}')
const moved = service('{selector: {app: cart}, ports: [{name: http, port: 81}]}')

for (const [what, after, objects, expected] of [
  [
    'a VirtualService of a gateway leads to',
    external,
    [istioGateway, atGateway],
    ['unknown-host VirtualService error'],
  ],
  ['a VirtualService of the mesh is for', external, [inMesh], ['unknown-host VirtualService error']],
  ...['HTTPRoute', 'GRPCRoute'].flatMap(
    kind =>
      [
        [
          `a ${kind} of another implementation leads to`,
          external,
          [gatewayOf('envoy'), toCart(kind)],
          [`backend-matches-no-workload ${kind} error`],
        ],
        [
          `a ${kind} of another implementation leads to, as a name of another Service,`,
          aliasOf('other.shop.svc.cluster.local'),
          [gatewayOf('envoy'), toCart(kind)],
          [`backend-matches-no-workload ${kind} error`],
        ],
        [
          `a ${kind} of Istio leads to`,
          external,
          [gatewayOf('istio'), toCart(kind)],
          [`backend-matches-no-workload ${kind} error`],
        ],
        [
          `a ${kind} of Istio leads to, as a name of another Service,`,
          aliasOf('other.shop.svc.cluster.local'),
          [gatewayOf('istio'), toCart(kind)],
          [],
        ],
        [`a ${kind} is attached to`, external, [atCart(kind)], [`unattached-route ${kind} error`]],
      ] as const,
  ),
] as const) {
  test(`a Service that ${what} and that becomes an ExternalName: ${expected.join() || 'nothing'}`, () =>
    assert.deepEqual(found(after, objects), expected))
}

for (const kind of ['HTTPRoute', 'GRPCRoute'] as const) {
  const lost = [`unknown-parent ${kind} error`]
  test(`a Service that loses the port to which a ${kind} is attached breaks it`, () => {
    assert.deepEqual(found(renamed, [atCart(kind, ', sectionName: http')]), lost)
    assert.deepEqual(found(moved, [atCart(kind, ', port: 80')]), lost)
    assert.deepEqual(found(renamed, [atCart(kind, ', port: 80')]), [])
    assert.deepEqual(found(moved, [atCart(kind)]), [])
  })
}

test('a route to an ExternalName is only warned of, whatever its ports, and so is one that was broken before', () => {
  const route = toCart('HTTPRoute')
  const alias = service('{type: ExternalName, externalName: example.com}')
  const warned = ['backend-matches-no-workload HTTPRoute warning']
  assert.deepEqual(judged({ after: route }, [alias, gatewayOf('envoy')]), warned)
  assert.deepEqual(judged({ before, after: external }, [before, gatewayOf('envoy'), route]), [])
  const loose = { before: renamed, after: external }
  assert.deepEqual(judged(loose, [renamed, workload, other, atCart('HTTPRoute', ', sectionName: http')]), [
    'unattached-route HTTPRoute warning',
  ])
})

test('a Service whose namespaces are narrowed so that no caller of a route sees it breaks the route', () => {
  const hidden = {
    ...before,
    metadata: { ...before.metadata, annotations: { 'networking.istio.io/exportTo': 'shop' } },
  }
  const routed = named(
    `{apiVersion: ${istio}, kind: VirtualService}`,
    'other',
    '{hosts: [other], exportTo: [web], http: [{route: [{destination: {host: cart}}]}]}',
  )
  const namespaces = ['shop', 'web'].map((name): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
  assert.deepEqual(found(hidden, [routed, ...namespaces]), ['unknown-host VirtualService error'])
})

test('a Service that becomes an ExternalName takes the routes for it along where nothing else listens on its port', () => {
  assert.deepEqual(judged({ before, after: external }, [before, workload, inMesh]), [
    'applies-nowhere VirtualService error',
  ])
  assert.deepEqual(judged({ before: external, after: aliasOf('example.org') }, [external, inMesh]), [])
})
