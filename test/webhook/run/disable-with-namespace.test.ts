import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApiRequest } from '../../../shared/live/connection/connection.ts'
import { systemTimers, type Timers } from '../../../shared/live/watch/stream/timers.ts'
import { disableWithNamespace, type DisableOptions } from '../../../webhook/run/disable-with-namespace.ts'

const namespace = (metadata: object): string =>
  `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'guard', uid: 'u1', ...metadata } } })}\n`
const dying = namespace({ deletionTimestamp: '2026-08-01T00:00:00Z' })

/** Timers whose every wait ends in the next turn. */
const hasty: Timers = {
  ...systemTimers,
  after: (_ms, callback) => {
    const turn = setImmediate(callback)
    return () => clearImmediate(turn)
  },
}

/** Runs it with these watch events, and an API server that answers with the statuses in turn and then 200. */
async function run(events: readonly string[], statuses: readonly number[] = []) {
  const [calls, asked, queries]: [string[], ApiRequest[], unknown[]] = [[], [], []]
  const answers = [...statuses]
  const ended = new AbortController()
  const options: DisableOptions = {
    namespace: 'guard',
    webhookConfigurationName: 'guard',
    timers: hasty,
    signal: ended.signal,
    onDeletion: () => calls.push('deletion'),
    onDisabled: () => calls.push('disabled'),
    onProblem: error => calls.push(String(error)),
    connection: {
      stream: async ({ path, query }) => {
        queries.push([path, query['fieldSelector']])
        return {
          status: 200,
          body: (async function* () {
            for (const event of events) yield Buffer.from(event)
          })(),
        }
      },
      request: async ask => {
        asked.push(ask)
        return { status: answers.shift() ?? 200, text: 'planned' }
      },
    },
  }
  const running = disableWithNamespace(options)
  for (let turn = 0; turn < 100; turn++) await nextTurn()
  ended.abort()
  await running
  return { calls, asked: asked.map(({ method, path, body }) => [method, path, body]), queries }
}

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/guard'
const emptied = ['PATCH', path, { webhooks: [] }]
const owned = [
  'PATCH',
  path,
  { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'guard', uid: 'u1' }] } },
]

test('writes nothing as long as the namespace is not deleted', async () => {
  const { calls, asked, queries } = await run([namespace({}), namespace({ labels: { team: 'a' } })])
  assert.deepEqual([calls, asked], [[], []])
  assert.deepEqual(queries[0], ['/api/v1/namespaces', 'metadata.name=guard'])
  assert.equal(queries.length > 1, true, 'a watch that ends is started again')
})

test('empties the configuration once when the namespace is being deleted, and makes the namespace its owner', async () => {
  assert.deepEqual(await run([namespace({}), dying, dying]).then(({ calls, asked }) => ({ calls, asked })), {
    calls: ['deletion', 'disabled'],
    asked: [emptied, owned],
  })
})

test('retries until the configuration is empty', async () => {
  const { calls, asked } = await run([dying], [500, 403])
  assert.deepEqual(asked, [emptied, emptied, emptied, owned])
  assert.deepEqual([calls[0], calls.at(-1), calls.length], ['deletion', 'disabled', 4])
})

test('a configuration that does not exist counts as empty', async () => {
  assert.deepEqual((await run([dying], [404, 404])).calls, ['deletion', 'disabled'])
})

test('a configuration without the right to set its owner stays empty', async () => {
  const { calls, asked } = await run([dying], [200, 403])
  assert.deepEqual([asked, calls.length], [[emptied, owned], 3])
})

test('a watch that reports an error is started again, and later events of it are ignored', async () => {
  const expired = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', metadata: {}, code: 410 } })}\n`
  const { asked, queries } = await run([expired, dying])
  assert.deepEqual([asked, queries.length > 1], [[], true])
})
