/** Mirrors to Services that are no versions of the service. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isInCanary } from '../../../plugin/print/services/list.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { gateway } from '../../providers/gateway-api/written-objects.ts'
import { at, mirrorTo, whole } from '../gateway-api/rules.ts'
import { around, catalogRoute } from '../gateway-api/shop.ts'

const virtualService = (http: readonly object[]): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http },
  }) as KubeObject
const toV1 = { route: [{ destination: { host: 'catalog-v1' } }] }
const copied = { mirror: { host: 'orders' }, mirrorPercentage: { value: 5 } }
const items = { match: [{ uri: { prefix: '/items' } }] }

function mirrorsOf(object: KubeObject) {
  const [traffic] = readTraffic(snapshot([...around, gateway('infra/gw'), object]), {
    namespace: 'shop',
    service: 'catalog',
    command: 'status catalog',
  })
  assert.equal(isInCanary(traffic!), false)
  return traffic!.entryPoints.flatMap(({ mirrors }) => mirrors)
}

describe('a mirror to another Service', () => {
  it('of an HTTPRoute is shown, and is no canary', () => {
    const filters = [mirrorTo('orders', { percent: 5 })]
    const shown = { version: 'orders.shop', percent: 5, byHand: true, isElsewhere: true }
    assert.deepEqual(mirrorsOf(catalogRoute([{ ...whole, filters }])), [shown])
    assert.deepEqual(mirrorsOf(catalogRoute([at('/items', { filters }), whole])), [
      { ...shown, takes: ['/items/*'] },
    ])
  })
  it('of a VirtualService is shown, and is no canary', () => {
    const shown = { version: 'orders', percent: 5, byHand: true, isElsewhere: true }
    assert.deepEqual(mirrorsOf(virtualService([{ ...toV1, ...copied }])), [shown])
    assert.deepEqual(mirrorsOf(virtualService([{ ...items, ...toV1, ...copied }, toV1])), [
      { ...shown, takes: ['/items*'] },
    ])
  })
})
