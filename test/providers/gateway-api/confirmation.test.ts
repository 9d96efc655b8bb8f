import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { confirmationOf } from '../../../shared/providers/gateway-api/read/confirmation.ts'
import { route } from './written-objects.ts'

const said = (generation: number, ...conditions: readonly object[]) => {
  const object = route('shop/r', { status: { parents: [{ controllerName: 'x.io/gw', conditions }] } })
  return confirmationOf({ ...object, metadata: { ...object.metadata, generation } })
}
const condition = (
  [type, status]: readonly [string, string],
  observedGeneration: number,
  more: object = {},
) => ({
  type,
  status,
  observedGeneration,
  ...more,
})

describe('what a controller says of a route', () => {
  it('is a confirmation once all conditions are of the generation that was written', () => {
    const accepted = condition(['Accepted', 'True'], 2)
    assert.deepEqual(said(2, accepted, condition(['ResolvedRefs', 'True'], 2)), { state: 'confirmed' })
    assert.deepEqual(said(2, accepted, condition(['ResolvedRefs', 'True'], 1)), { state: 'pending' })
    assert.deepEqual(said(3, accepted), { state: 'pending' })
  })
  it('is a refusal where one is false, and not where an older generation was refused', () => {
    const refused = condition(['ResolvedRefs', 'False'], 2, {
      reason: 'BackendNotFound',
      message: 'no catalog-v2',
    })
    assert.deepEqual(said(2, condition(['Accepted', 'True'], 2), refused), {
      state: 'refused',
      by: 'x.io/gw',
      reason: 'ResolvedRefs=False: BackendNotFound: no catalog-v2',
    })
    assert.deepEqual(said(3, refused), { state: 'pending' })
  })
  it('is nothing where no parent has a status', () => {
    assert.deepEqual(confirmationOf(route('shop/r')), { state: 'unknown' })
    assert.deepEqual(confirmationOf(route('shop/r', { status: { parents: 'odd' } })), { state: 'unknown' })
  })
})
