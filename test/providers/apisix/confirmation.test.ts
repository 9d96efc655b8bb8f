import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import { apisixRoute } from '../../plan/apisix/shop.ts'

const said = (generation: number, ...conditions: readonly object[]) => {
  const route = apisixRoute('catalog', [])
  return apisix.confirmationOf!({
    ...route,
    metadata: { ...route.metadata, generation },
    status: { conditions },
  } as typeof route)
}
const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '', observedGeneration: 3 }

describe('what the APISIX ingress controller says of a route', () => {
  it('is its condition for the generation that was written', () => {
    assert.deepEqual(said(3, accepted), { state: 'confirmed' })
    assert.deepEqual(said(4, accepted), { state: 'pending' })
    assert.deepEqual(said(1), { state: 'unknown' })
  })

  it('is a refusal with its reason, of 2.x and of 1.x', () => {
    const message = 'duplicate backend service: shop/catalog'
    assert.deepEqual(said(3, { ...accepted, status: 'False', reason: 'InvalidSpec', message }), {
      state: 'refused',
      by: 'the APISIX ingress controller',
      reason: `Accepted=False: InvalidSpec: ${message}`,
    })
    const old = {
      type: 'ResourcesAvailable',
      status: 'False',
      reason: 'ResourceSyncAborted',
      message: 'm',
      observedGeneration: 3,
    }
    assert.equal(said(3, old).state, 'refused')
  })
})
