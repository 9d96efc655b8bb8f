import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requireConfirmed, unconfirmed } from '../../../../plugin/edit/confirm.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import { confirmationOf } from '../../../../shared/providers/gateway-api/read/confirmation.ts'
import type { Store } from '../../../../shared/view/store.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { route } from '../../../providers/gateway-api/written-objects.ts'

const at = (generation: number, observedGeneration: number, status = 'True'): ServiceRoute => {
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, status, observedGeneration }))
  const object = route('shop/catalog', { status: { parents: [{ controllerName: 'x.io/gw', conditions }] } })
  return { ...object, metadata: { ...object.metadata, generation } }
}

/** A store that gives one state of the route after the other, and the last again and again. */
const reading = (...states: readonly (ServiceRoute | undefined)[]) => {
  const asked: unknown[] = []
  const store = {
    read: (scope: unknown) => {
      const state = states[Math.min(asked.length, states.length - 1)]
      asked.push(scope)
      return Promise.resolve({ view: snapshot(state === undefined ? [] : [state]), notes: [], live: true })
    },
  } as unknown as Store
  return { store, asked, reads: () => asked.length }
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

describe('a written route, and its controller', () => {
  it('is not asked of where nothing waits, as on files', async () => {
    const { store, reads } = reading(at(2, 1))
    assert.deepEqual(await unconfirmed(store, planOf(at(1, 1)), {}), [])
    assert.deepEqual(await unconfirmed(store, { ...planOf(at(1, 1)), confirms: undefined! }, { pace }), [])
    assert.equal(reads(), 0)
  })
  it('is asked of twice a second, alone', async () => {
    const waits: number[] = []
    const { store, asked } = reading(at(2, 1), at(2, 1), at(2, 2))
    const plan = { ...planOf(at(1, 1)), changes: [...planOf(at(1, 1)).changes, ...planOf(at(1, 1)).changes] }
    const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds)
    await unconfirmed(store, plan, { pace: { ...pace, wait } })
    assert.deepEqual(waits, [500, 500])
    assert.deepEqual(
      asked,
      Array.from({ length: 3 }, () => ({ namespaces: ['shop'], kinds: ['HTTPRoute'] })),
    )
  })
  it('that is new or deleted is not waited for, and one that somebody deletes meanwhile no longer', async () => {
    const { store, reads } = reading(undefined)
    const confirms = confirmationOf
    for (const change of [{ before: at(1, 1) }, { after: at(1, 1) }])
      assert.deepEqual(await unconfirmed(store, { changes: [change], confirms }, { pace }), [])
    assert.equal(reads(), 0)
    assert.deepEqual(await unconfirmed(store, planOf(at(1, 1)), { pace }), [])
  })
  it('is not waited for any longer after Ctrl-C, and told as pending', async () => {
    const { store, reads } = reading(at(2, 1))
    const stop = new AbortController()
    const wait = async (): Promise<void> => {
      stop.abort()
      throw new Error('interrupted')
    }
    const found = await unconfirmed(store, planOf(at(1, 1)), {
      pace: { ...pace, wait },
      signal: stop.signal,
    })
    assert.deepEqual([found.length, reads()], [1, 2])
  })
})
