import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openHistory } from '../../../shared/live/history/open-history.ts'
import { labelOf } from '../../../shared/live/history/record-object.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { HistoryScope, NewRecord, OpenRecord } from '../../../shared/view/history.ts'
import { MemoryApi } from './memory-api.ts'

const route = (namespace: string, subset: string, more: object = {}): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace, ...more },
    spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog', subset } }] }] },
  }) as KubeObject

const at = '2026-01-01T00:00:00Z'
/** A change of two namespaces, of which the objects are in turn. */
const changes = ['web', 'shop', 'web'].map((namespace, i) => ({
  before: route(namespace, `v${i}`),
  after: route(namespace, `v${i + 1}`),
}))
const record = (fields: Partial<NewRecord> = {}): NewRecord => ({
  service: 'catalog',
  namespace: 'shop',
  revision: 1,
  title: 'weight v2=10',
  command: 'kubectl canary weight v2=10',
  at,
  heartbeat: at,
  stable: 'v1',
  served: ['v1', 'v2'],
  changes,
  earlier: [],
  owner: { name: 'catalog', uid: 'u1' },
  ...fields,
})
const main = 'shop/kubectl-canary.catalog.shop.1'
const beside = 'web/kubectl-canary.catalog.shop.1'

async function opened(api: MemoryApi, fields: Partial<NewRecord> = {}): Promise<OpenRecord> {
  const open = await openHistory(api.connection).open(record(fields))
  assert.ok(typeof open !== 'string')
  return open
}
const listed = async (api: MemoryApi, namespace = 'shop') =>
  (await openHistory(api.connection).list({ namespace, service: 'catalog' })).changes

describe('a change of several namespaces', () => {
  test('is recorded in each with its objects, and read as it was, in its order', async () => {
    const api = new MemoryApi()
    const { id } = await opened(api, {
      reason: 'new search',
      with: [{ service: 'orders', namespace: 'shop', revision: 4 }],
    })
    assert.deepEqual([...api.objects.keys()], [main, beside])
    const [summary, ...more] = await listed(api)
    assert.deepEqual(more, [])
    assert.ok(summary !== undefined)
    assert.deepEqual(summary, {
      id,
      service: 'catalog',
      namespace: 'shop',
      revision: 1,
      title: 'weight v2=10',
      command: 'kubectl canary weight v2=10',
      reason: 'new search',
      by: 'jane',
      at,
      stable: 'v1',
      served: ['v1', 'v2'],
      with: [{ service: 'orders', namespace: 'shop', revision: 4 }],
      namespaces: ['web', 'shop'],
      heartbeat: at,
    })
    const loaded = await openHistory(api.connection).load(summary)
    assert.deepEqual(loaded, { ...summary, changes })
  })

  test('goes with its Service alone where the Service is, and is adopted by nobody', async () => {
    const api = new MemoryApi()
    await opened(api)
    const owner = { apiVersion: 'v1', kind: 'Service', name: 'catalog', uid: 'u1', controller: true }
    assert.deepEqual(api.objects.get(main)!.metadata.ownerReferences, [owner])
    assert.equal(api.objects.get(beside)!.metadata.ownerReferences, undefined)
  })
})

describe('the end of a change of several namespaces', () => {
  test('is written in each; the oldest records are removed, that of the Service last', async () => {
    const api = new MemoryApi()
    for (const revision of [1, 2, 3]) {
      const earlier = await listed(api)
      await (await opened(api, { revision, earlier })).close(2)
    }
    const changesNow = await listed(api)
    assert.deepEqual(
      changesNow.map(({ revision, heartbeat }) => [revision, heartbeat]),
      [
        [2, undefined],
        [3, undefined],
      ],
    )
    assert.equal(api.objects.size, 4)
    assert.deepEqual(
      api.asked.filter(asked => asked.startsWith('DELETE')),
      [`DELETE ${beside}`, `DELETE ${main}`],
    )
    assert.ok(
      [...api.objects.values()].every(
        ({ metadata }) => !('kubectl-canary/heartbeat' in metadata.annotations!),
      ),
    )
  })

  test('is recorded nowhere where one of its records may not be written', async () => {
    const api = new MemoryApi()
    api.fails = (method, key) => (method === 'POST' && key === beside ? 403 : undefined)
    assert.equal(await openHistory(api.connection).open(record()), 'refused with 403')
    assert.equal(api.objects.size, 0)
  })
})

describe('a change that ended while its records were written or removed', () => {
  test('can be loaded with what is there, so that the next command settles it', async () => {
    for (const method of ['POST', 'DELETE']) {
      const api = new MemoryApi()
      if (method === 'POST') {
        api.fails = (asked, key) => (asked === 'POST' && key === beside ? new Error('killed') : undefined)
        await assert.rejects(openHistory(api.connection).open(record()), { message: 'killed' })
      } else {
        const open = await opened(api)
        api.fails = (asked, key) => (asked === 'DELETE' && key === main ? new Error('killed') : undefined)
        await assert.rejects(open.discard(), { message: 'killed' })
      }
      api.fails = () => undefined
      const [pending] = await listed(api)
      const history = openHistory(api.connection)
      assert.deepEqual((await history.load(pending!)).changes, [changes[1]])
      await history.reopen(pending!).discard()
      assert.equal(api.objects.size, 0)
    }
  })

  test('is not taken for one that an earlier Service of that name left in another namespace', async () => {
    const api = new MemoryApi()
    await (await opened(api)).close(10)
    api.objects.delete(main)
    const killed = (method: string, key: string) => method === 'DELETE' && key === beside
    api.fails = (method, key) => (killed(method, key) ? new Error('killed') : undefined)
    await assert.rejects(openHistory(api.connection).open(record()), { message: 'killed' })
    const [pending] = await listed(api)
    assert.deepEqual((await openHistory(api.connection).load(pending!)).changes, [changes[1]])
  })

  test('is an error where it was made, for a part of what it did is not known', async () => {
    const api = new MemoryApi()
    await (await opened(api)).close(10)
    api.objects.delete(beside)
    const [made] = await listed(api)
    await assert.rejects(openHistory(api.connection).load(made!), { code: 'not-found' })
  })
})

describe('the revision of a change', () => {
  test('that somebody else has just taken is a conflict, and their record stays', async () => {
    const api = new MemoryApi()
    const { id } = await opened(api)
    await assert.rejects(openHistory(api.connection).open(record({ title: 'mine' })), { code: 'conflict' })
    assert.deepEqual(
      (await listed(api)).map(one => one.id),
      [id],
    )
  })

  test('is counted anew for a new Service; what the old one left in other namespaces is replaced', async () => {
    const api = new MemoryApi()
    await (await opened(api)).close(10)
    api.objects.delete(main)
    const { id } = await opened(api, { title: 'another', changes: changes.slice(1) })
    const [only] = await listed(api)
    assert.deepEqual([only!.id, only!.title], [id, 'another'])
    assert.deepEqual((await openHistory(api.connection).load(only!)).changes, changes.slice(1))
  })
})

describe('the records that are listed', () => {
  test('are of the service or of all in a namespace, by their main part, the oldest first', async () => {
    const api = new MemoryApi()
    for (const revision of [10, 9]) await opened(api, { revision })
    await opened(api, { service: 'orders', revision: 1 })
    const history = openHistory(api.connection)
    const revisionsOf = async (scope: HistoryScope) =>
      (await history.list(scope)).changes.map(({ service, revision }) => `${service} ${revision}`)
    assert.deepEqual(await revisionsOf({ namespace: 'shop', service: 'catalog' }), [
      'catalog 9',
      'catalog 10',
    ])
    assert.deepEqual(await revisionsOf({ namespace: '*' }), ['orders 1', 'catalog 9', 'catalog 10'])
    assert.deepEqual(await revisionsOf({ namespace: 'web' }), [])
  })

  test('are none that nobody can read, and why they may not be read', async () => {
    const api = new MemoryApi()
    await opened(api)
    const whole = api.objects.get(main)!
    for (const change of ['', '{', '{}', 'null']) {
      const annotations = { 'kubectl-canary/change': change }
      api.objects.set(main, { ...whole, metadata: { ...whole.metadata, annotations } })
      assert.deepEqual(await listed(api), [])
    }
    for (const [key, value] of [
      ['revision', 1.5],
      ['at', 'yesterday'],
      ['id', undefined],
      ['service', 1],
      ['namespace', undefined],
    ] as const) {
      const said = JSON.parse(whole.metadata.annotations!['kubectl-canary/change']!) as object
      const annotations = { 'kubectl-canary/change': JSON.stringify({ ...said, [key]: value }) }
      api.objects.set(main, { ...whole, metadata: { ...whole.metadata, annotations } })
      assert.deepEqual(await listed(api), [], key)
    }
    api.fails = () => 403
    assert.deepEqual(await openHistory(api.connection).list({ namespace: 'shop' }), {
      changes: [],
      missing: 'refused with 403',
    })
  })
})

describe('what a record holds', () => {
  test('is compressed where it is large, read the same, and nothing where one object cannot take it', async () => {
    const api = new MemoryApi()
    const large = changes.map(({ before, after }) => ({
      before: { ...before, text: 'a'.repeat(9000) } as KubeObject,
      after,
    }))
    await opened(api, { changes: large })
    assert.ok(JSON.stringify(api.objects.get(main)).length < 4000)
    const [summary] = await listed(api)
    assert.deepEqual((await openHistory(api.connection).load(summary!)).changes, large)
    const noise = Array.from({ length: 400_000 }, (_, i) => ((i * 2654435761) >>> 7).toString(36)).join('')
    const huge = changes.map(({ before, after }) => ({ before: { ...before, noise } as KubeObject, after }))
    const other = new MemoryApi()
    assert.equal(
      await openHistory(other.connection).open(record({ changes: huge })),
      'its objects are too large for a record',
    )
    assert.equal(other.objects.size, 0)
  })

  test('is nothing that the server keeps in an object', async () => {
    const api = new MemoryApi()
    const kept = { uid: 'x', resourceVersion: '9', creationTimestamp: at, generation: 2 }
    await opened(api, {
      changes: [{ before: route('shop', 'v1', kept) }, { after: route('shop', 'v2', kept) }],
    })
    const [summary] = await listed(api)
    const loaded = await openHistory(api.connection).load(summary!)
    assert.deepEqual(loaded.changes, [{ before: route('shop', 'v1') }, { after: route('shop', 'v2') }])
  })

  test('is told from what is no record of ours', async () => {
    const api = new MemoryApi()
    await opened(api)
    const [summary] = await listed(api)
    for (const data of [undefined, {}, { gzip: 'no' }, { changes: 'none' }]) {
      api.objects.set(main, { ...api.objects.get(main)!, data } as KubeObject)
      await assert.rejects(openHistory(api.connection).load(summary!), {
        code: 'unreadable',
        message: `ControllerRevision ${main} is not a record of kubectl canary`,
      })
    }
  })
})

test('a service is a label by its name, or where that cannot be one by a digest of it', () => {
  for (const name of ['catalog', 'api.example.com', 'a'.repeat(63)]) assert.equal(labelOf(name), name)
  for (const name of ['*.example.com', 'a'.repeat(64), 'a-']) assert.match(labelOf(name), /^[0-9a-f]{32}$/)
})
