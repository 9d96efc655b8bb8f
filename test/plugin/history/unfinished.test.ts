import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { meetUnfinished, type Recovered } from '../../../plugin/edit/unfinished.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { isSameState } from '../../../shared/plan/undo/restore.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { ChangeRecord } from '../../../shared/view/history.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { MemoryStore } from '../memory-store.ts'

const route = (name: string, subset: string): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace: 'shop' },
    spec: { hosts: [name], http: [{ route: [{ destination: { host: name, subset } }] }] },
  }) as KubeObject

const [catalog, orders, fresh, old] = ['catalog', 'orders', 'fresh', 'old'].map(name =>
  route(name, 'v1'),
) as [KubeObject, KubeObject, KubeObject, KubeObject]
/** One object changed, one made and one deleted. */
const change: readonly Change[] = [
  { before: catalog, after: route('catalog', 'v2') },
  { after: fresh },
  { before: old },
]
const [changed] = change.map(({ after }) => after) as [KubeObject]

const record = (fields: Partial<ChangeRecord> = {}): ChangeRecord => ({
  id: 'theirs',
  service: 'catalog',
  namespace: 'shop',
  namespaces: ['shop'],
  revision: 3,
  title: 'weight v2=10',
  command: 'kubectl canary weight v2=10',
  at: '2026-01-01T00:00:00Z',
  changes: change,
  heartbeat: new Date(0).toISOString(),
  ...fields,
})

/** Meets the change twice, as an edit does that reads again in between. */
async function met(objects: readonly KubeObject[], records: readonly ChangeRecord[] = [record()]) {
  const store = new MemoryStore(objects, { namespace: 'shop' })
  store.history.records = records
  const recovered: Recovered[] = []
  const meeting = {
    store,
    history: store.history,
    givenUp: new Set<string>(),
    onWait: () => undefined,
    onRecovered: (one: Recovered) => void recovered.push(one),
  }
  const answers: boolean[] = []
  for (let turn = 0; turn < 3; turn++) {
    const { changes } = await store.history.list({ namespace: 'shop', service: 'catalog' })
    answers.push(await meetUnfinished({ changes, view: snapshot(store.objects) }, meeting))
  }
  const [only] = recovered
  assert.deepEqual(answers, [true, true, false])
  assert.equal(recovered.length, 1)
  return { store, ...only! }
}
const key = (name: string): string => `VirtualService shop/${name}`
const namesOf = ({ objects }: MemoryStore): readonly string[] =>
  objects.map(({ metadata: { name } }) => name).toSorted()

describe('a change that its process left', () => {
  test('is complete where all of it was written: the record stays, and nothing is written', async () => {
    const { store, outcome, written, left } = await met([changed, fresh])
    assert.deepEqual([outcome, written, left], ['complete', ['catalog', 'fresh', 'old'].map(key), []])
    assert.deepEqual(store.applied, [])
    assert.deepEqual(
      store.history.records.map(({ id, heartbeat }) => [id, heartbeat]),
      [['theirs', undefined]],
    )
  })

  test('is taken back where it was written in part, and its record is removed', async () => {
    const { store, outcome, written, left } = await met([changed, fresh, old])
    assert.deepEqual([outcome, written, left], ['undone', ['catalog', 'fresh'].map(key), []])
    assert.deepEqual(namesOf(store), ['catalog', 'old'])
    const now = store.objects.find(({ metadata: { name } }) => name === 'catalog')
    assert.ok(isSameState(now, catalog))
    assert.deepEqual(store.history.records, [])
    const deleted = await met([catalog])
    assert.deepEqual([deleted.outcome, deleted.written], ['undone', [key('old')]])
    assert.deepEqual(namesOf(deleted.store), ['catalog', 'old'])
  })

  test('is taken back the last object first, as what is named outlives what names it', async () => {
    const { store } = await met([changed, fresh, old])
    const [back] = store.applied
    assert.deepEqual(
      back!.map(one => (one.before ?? one.after)!.metadata.name),
      ['fresh', 'catalog'],
    )
  })

  test('is nothing where none of it was written', async () => {
    const { store, outcome, written, left } = await met([catalog, old])
    assert.deepEqual([outcome, written, left, store.applied], ['none', [], [], []])
    assert.deepEqual(store.history.records, [])
  })

  test('leaves what somebody else changed since, and says so', async () => {
    const theirs = route('catalog', 'v9')
    const { store, outcome, written, left } = await met([theirs, fresh, old])
    assert.deepEqual([outcome, written, left], ['undone', [key('fresh')], [key('catalog')]])
    assert.deepEqual(store.objects, [theirs, old])
  })
})

describe('a change of several services that its process left', () => {
  const both = [
    record({ with: [{ service: 'orders', namespace: 'shop', revision: 8 }] }),
    record({
      service: 'orders',
      revision: 8,
      with: [{ service: 'catalog', namespace: 'shop', revision: 3 }],
    }),
    record({ service: 'orders', revision: 7, id: 'earlier', heartbeat: undefined }),
  ]

  test('is settled in the histories of all of them, and other records stay', async () => {
    const undone = await met([changed, fresh, old, orders], both)
    assert.deepEqual(
      undone.store.history.records.map(({ id }) => id),
      ['earlier'],
    )
    const complete = await met([changed, fresh, orders], both)
    assert.deepEqual(
      complete.store.history.records.map(({ id, service, heartbeat }) => [id, service, heartbeat]),
      [
        ['theirs', 'catalog', undefined],
        ['theirs', 'orders', undefined],
        ['earlier', 'orders', undefined],
      ],
    )
  })
})
