import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requireConfirmed, unconfirmed } from '../../../plugin/edit/confirm.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { confirmationOf } from '../../../shared/providers/gateway-api/read/confirmation.ts'
import type { Store } from '../../../shared/view/store.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { route } from '../../providers/gateway-api/written-objects.ts'

const at = (generation: number, observedGeneration: number, status = 'True'): ServiceRoute => {
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, status, observedGeneration }))
  const object = route('shop/catalog', { status: { parents: [{ controllerName: 'x.io/gw', conditions }] } })
  return { ...object, metadata: { ...object.metadata, generation } }
}

/** A store that gives one state of the route after the other, and the last again and again. */
const reading = (...states: readonly ServiceRoute[]) => {
  let reads = 0
  const store = {
    read: () =>
      Promise.resolve({
        view: snapshot([states[Math.min(reads++, states.length - 1)]!]),
        notes: [],
        live: true,
      }),
  } as unknown as Store
  return { store, reads: () => reads }
}
const pace = { settle: 0, drain: 0, ready: 0, wait: () => Promise.resolve() }
const planOf = (before: ServiceRoute) => ({ changes: [{ before, after: before }], confirms: confirmationOf })

describe('a written route', () => {
  it('is waited for until its controller has seen it', async () => {
    const { store, reads } = reading(at(2, 1), at(2, 1), at(2, 2))
    assert.deepEqual(await unconfirmed(store, planOf(at(1, 1)), { pace }), [])
    assert.equal(reads(), 3)
  })
  it('is refused in the words of its controller, with the way back', async () => {
    const { store } = reading(at(2, 1), at(2, 2, 'False'))
    const found = await unconfirmed(store, planOf(at(1, 1)), { pace })
    assert.throws(
      () => requireConfirmed(found, 'kubectl canary undo catalog -n shop'),
      (error: unknown) =>
        error instanceof CanaryError
        && error.message.includes('HTTPRoute shop/catalog is written, but x.io/gw does not carry it out')
        && error.hints.join().includes('kubectl canary undo catalog -n shop'),
    )
  })
  it('is told as pending where its controller takes too long', async () => {
    const { store, reads } = reading(at(2, 1))
    const found = await unconfirmed(store, planOf(at(1, 1)), { pace })
    assert.deepEqual(
      found.map(({ confirmation }) => confirmation),
      [{ state: 'pending' }],
    )
    assert.equal(reads(), 21)
    assert.doesNotThrow(() => requireConfirmed(found, ''))
  })
  it('is not waited for where no controller has said anything, or one had refused it before', async () => {
    const { store, reads } = reading(at(2, 1))
    assert.deepEqual(await unconfirmed(store, planOf(route('shop/catalog')), { pace }), [])
    assert.deepEqual(await unconfirmed(store, planOf(at(1, 1, 'False')), { pace }), [])
    assert.equal(reads(), 0)
  })
})
