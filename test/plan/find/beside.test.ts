/** How an error says that a Service becomes a version of another: by the routing object that is there. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { gateway, route } from '../../providers/gateway-api/written-objects.ts'
import { apisixRoute, around, target, to, weights } from '../apisix/shop.ts'

const backendRefs = [{ name: 'catalog-v1', port: 80 }]
const parents = [{ namespace: 'infra', name: 'gw' }]
const [http, grpc]: readonly KubeObject[] = (['HTTPRoute', 'GRPCRoute'] as const).map(kind =>
  route('shop/catalog', { kind, parents, rules: [{ backendRefs }] }),
)
const virtualService = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog-v1' } }] }] },
} as KubeObject

for (const [object, written] of [
  [http!, 'the backend {name: orders, port: 80, weight: 0}'],
  [grpc!, 'the backend {name: orders, port: 80, weight: 0}'],
  [
    apisixRoute('catalog', [{ name: 'all', match: { paths: ['/*'] }, backends: [to('catalog-v1')] }]),
    'the backend {serviceName: orders, servicePort: 80, weight: 0}',
  ],
  [virtualService, 'the destination {destination: {host: orders}, weight: 0}'],
] as const)
  it(`a Service is written beside the versions as an item of a ${object.kind}`, () => {
    const view = snapshot([...around, gateway('infra/gw'), object])
    assert.throws(
      () => planWeight(view, { ...weights(10), target, weights: new Map([['orders', 10]]) }),
      (error: unknown) => {
        assert.ok(error instanceof CanaryError)
        assert.ok(
          error.hints.some(hint => hint.includes(`${object.kind} shop/catalog: ${written}.`)),
          error.hints.join('\n'),
        )
        return true
      },
    )
  })
