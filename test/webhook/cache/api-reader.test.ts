import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'
import type { RestsOn } from '../../../shared/rules/rule.ts'
import { apiReader } from '../../../webhook/cache/api-reader.ts'

const subsets = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({ name: `v${i}`, labels: { version: `v${i}` } }))
const destinationRule = (count: number): object => ({
  metadata: { name: 'catalog', namespace: 'shop', uid: '1' },
  spec: { host: 'catalog', subsets: subsets(count) },
})

/** An API server that has nothing but these paths. */
const serverWith = (answers: Readonly<Record<string, object>>): Requester => ({
  request: async ({ path }) => {
    const answer = answers[path]
    const bytes = Buffer.from(JSON.stringify(answer ?? { kind: 'Status', code: 404, message: 'not found' }))
    return {
      status: answer === undefined ? 404 : 200,
      body: (async function* () {
        yield bytes
      })(),
    }
  },
})

const one: RestsOn = { kind: 'DestinationRule', namespace: 'shop', name: 'catalog' }
const path = (version: string): string =>
  `/apis/networking.istio.io/${version}/namespaces/shop/destinationrules/catalog`
const read = (
  answers: Readonly<Record<string, object>>,
  signal = new AbortController().signal,
): ReturnType<ReturnType<typeof apiReader>> => apiReader(serverWith(answers))(one, signal)

describe('a read from the API server', () => {
  it('finds the object in any version that the API server has', async () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      const found = await read({ [path(version)]: destinationRule(2) })
      assert.deepEqual(
        found.map(({ kind, apiVersion, metadata: { name } }) => [kind, apiVersion, name]),
        [['DestinationRule', `networking.istio.io/${version}`, 'catalog']],
      )
    }
  })
  it('finds nothing where no version has the object', async () => assert.deepEqual(await read({}), []))
  it('fails for an object that is too large to be cached', () =>
    assert.rejects(read({ [path('v1')]: destinationRule(60_000) }), {
      code: 'failed',
      message: 'DestinationRule: shop/catalog is too large to be judged',
    }))
  it('leaves out derivable objects, as the cache does', async () => {
    const pod = (name: string, metadata: object = {}): object => ({
      metadata: { name, namespace: 'shop', ...metadata },
    })
    const made = pod('made', {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: '1', controller: true }],
    })
    const items = [pod('alone'), made]
    const found = await apiReader(
      serverWith({
        '/api/v1/namespaces/shop/pods': { kind: 'PodList', metadata: { resourceVersion: '1' }, items },
      }),
    )({ kind: 'Pod', namespace: 'shop' }, new AbortController().signal)
    assert.deepEqual(
      found.map(({ metadata: { name } }) => name),
      ['alone'],
    )
  })
  it('fails with the reason of its signal', async () => {
    const late = new AbortController()
    late.abort(new Error('too late'))
    const stopped: Requester = { request: () => Promise.reject(new Error('aborted')) }
    await assert.rejects(apiReader(stopped)(one, late.signal), { message: 'too late' })
  })
})

it('a read from the API server finds no ControllerRevisions without the right to them, and fails for other kinds', async () => {
  const refusing: Requester = {
    request: async () => ({
      status: 403,
      body: (async function* () {
        yield Buffer.from(JSON.stringify({ kind: 'Status', code: 403, message: 'forbidden' }))
      })(),
    }),
  }
  const all = (kind: RestsOn['kind']): ReturnType<typeof read> =>
    apiReader(refusing)({ kind, namespace: 'shop', labels: { app: 'a' } }, new AbortController().signal)
  assert.deepEqual(await all('ControllerRevision'), [])
  await assert.rejects(all('Pod'), { code: 'failed' })
})
