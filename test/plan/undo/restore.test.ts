import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { isSameState, restore } from '../../../shared/plan/undo/restore.ts'
import type { Change } from '../../../shared/view/change.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

type Text = Readonly<Record<string, string>>

const ref = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' }
/** What the API server keeps in an object that it has. */
const kept = { uid: '8e1f', resourceVersion: '7', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z' }

/** A route to each subset, with metadata of a person. */
const written = (subsets: readonly string[], annotations?: Text): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop', ...(annotations && { annotations }) },
    spec: {
      hosts: ['catalog'],
      http: subsets.map(subset => ({ name: subset, route: [{ destination: { host: 'catalog', subset } }] })),
    },
  }) as KubeObject
const served = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, ...kept } })

const [one, two, three] = [written(['v1']), written(['v1', 'v2']), written(['v1', 'v2', 'v3'])]
const restored = (now: KubeObject | undefined, ...recorded: readonly Change[]) =>
  restore(snapshot(now === undefined ? [] : [now]), recorded)
/** What an object becomes, without what the server keeps. */
const becomes = (now: KubeObject, ...recorded: readonly Change[]): unknown => {
  const [change] = restored(now, ...recorded).changes
  return change?.after
}
const conflict = (what: string, ...conflicts: readonly string[]) => ({
  changes: [],
  drift: [{ object: ref, what, conflicts }],
})

describe('a recorded change of an object that nobody touched since', () => {
  test('is taken back, and what the server keeps in the object stays', () => {
    const now = { ...served(two), status: { conditions: [] } } as KubeObject
    const { changes, drift } = restored(now, { before: one, after: two })
    assert.deepEqual(drift, [])
    assert.deepEqual(changes, [
      { before: now, after: { ...served(one), status: { conditions: [] } } as KubeObject },
    ])
  })

  test('is taken back together with those after it, as one change', () => {
    const changes = [
      { before: one, after: two },
      { before: two, after: three },
    ]
    assert.deepEqual(becomes(served(three), ...changes), served(one))
    assert.deepEqual(restored(served(one), { before: one, after: two }, { before: two, after: one }), {
      changes: [],
      drift: [],
    })
  })

  test('is its end where it was made, and its making where it was deleted', () => {
    const now = served(one)
    assert.deepEqual(restored(now, { after: one }), { changes: [{ before: now }], drift: [] })
    assert.deepEqual(restored(undefined, { before: served(one) }), { changes: [{ after: one }], drift: [] })
  })

  test('takes away the annotations that it set, and no others', () => {
    const before = written(['v1'], { team: 'web' })
    const after = written(['v1'], { team: 'web', 'kubectl-canary/stable': 'v1' })
    assert.deepEqual(becomes(served(after), { before, after }), served(before))
    const bare = becomes(served(written(['v1'], { mine: 'yes' })), {
      before: one,
      after: written(['v1'], { mine: 'yes' }),
    })
    assert.deepEqual((bare as KubeObject).metadata.annotations ?? {}, {})
  })
})

describe('a recorded change of an object that others changed since', () => {
  const merged = { object: ref, what: 'changed', conflicts: [] }

  test('is taken back beside what they changed elsewhere in it, which is told', () => {
    const now = served(written(['v1', 'v2'], { team: 'web' }))
    assert.deepEqual(restored(now, { before: one, after: two }), {
      changes: [{ before: now, after: served(written(['v1'], { team: 'web' })) }],
      drift: [merged],
    })
  })

  test('changes nothing where they took it back themselves, or made again what it deleted', () => {
    assert.deepEqual(restored(served(one), { before: one, after: two }), { changes: [], drift: [merged] })
    assert.deepEqual(restored(served(one), { before: one }), { changes: [], drift: [merged] })
    assert.deepEqual(restored(undefined, { after: one }), { changes: [], drift: [] })
  })

  test('is a conflict with its place where both touch the same', () => {
    const now = served(written(['v1', 'v9']))
    const { spec, ...rest } = two as KubeObject & { spec: { http: readonly object[] } }
    const longer = {
      ...rest,
      spec: { ...spec, http: [spec.http[0], { ...spec.http[1], timeout: '5s' }] },
    } as KubeObject
    assert.deepEqual(
      restored(served(longer), { before: one, after: two }),
      conflict('changed', 'spec.http[1]'),
    )
    assert.deepEqual(restored(now, { after: one }), conflict('changed', ''))
    assert.deepEqual(restored(undefined, { before: one, after: two }), conflict('deleted', ''))
    assert.deepEqual(restored(now, { before: one }), conflict('created', ''))
  })

  test('leaves the other objects of the change to be taken back', () => {
    const other = { ...two, metadata: { ...two.metadata, name: 'orders' } } as KubeObject
    const otherOne = { ...one, metadata: { ...one.metadata, name: 'orders' } } as KubeObject
    const { changes, drift } = restore(snapshot([served(other)]), [
      { before: one, after: two },
      { before: otherOne, after: other },
    ])
    assert.deepEqual(
      [changes.map(({ after }) => after), drift.map(({ object }) => object.name)],
      [[served(otherOne)], ['catalog']],
    )
  })
})

test('two states of an object are the same but for what the server keeps, and no labels are empty labels', () => {
  assert.ok(isSameState(served(one), one))
  assert.ok(isSameState({ ...one, metadata: { ...one.metadata, labels: {} } }, one))
  assert.ok(isSameState(undefined, undefined))
  for (const other of [two, written(['v1'], { team: 'web' }), undefined]) {
    assert.ok(!isSameState(one, other))
    assert.ok(!isSameState(other, one))
  }
})
