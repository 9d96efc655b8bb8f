import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApiRequest } from '../../../shared/live/connection/connection.ts'
import { systemTimers, type Timers } from '../../../shared/live/watch/stream/timers.ts'
import { leaveWithNamespace, type Leaving } from '../../../webhook/run/disable-with-namespace.ts'

const namespace = (metadata: object): string =>
  `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'guard', uid: 'u1', ...metadata } } })}\n`
const dying = namespace({ deletionTimestamp: '2026-08-01T00:00:00Z' })

/** Every wait is over with the next turn. */
const hasty: Timers = {
  ...systemTimers,
  after: (_ms, callback) => {
    const turn = setImmediate(callback)
    return () => clearImmediate(turn)
  },
}

/** Runs it on what the watch tells, with an API server that answers the statuses in turn and then 200. */
async function told(events: readonly string[], statuses: readonly number[] = []) {
  const [told, asked, queries]: [string[], ApiRequest[], unknown[]] = [[], [], []]
  const answers = [...statuses]
  const ended = new AbortController()
  const leaving: Leaving = {
    namespace: 'guard',
    webhookConfigurationName: 'guard',
    timers: hasty,
    signal: ended.signal,
    onLeave: () => told.push('leave'),
    onLeft: () => told.push('left'),
    onProblem: error => told.push(String(error)),
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
  const running = leaveWithNamespace(leaving)
  for (let turn = 0; turn < 100; turn++) await nextTurn()
  ended.abort()
  await running
  return { told, asked: asked.map(({ method, path, body }) => [method, path, body]), queries }
}

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/guard'
const emptied = ['PATCH', path, { webhooks: [] }]
const owned = [
  'PATCH',
  path,
  { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'guard', uid: 'u1' }] } },
]

test('writes nothing as long as the namespace stays', async () => {
  const { told: said, asked, queries } = await told([namespace({}), namespace({ labels: { team: 'a' } })])
  assert.deepEqual([said, asked], [[], []])
  assert.deepEqual(queries[0], ['/api/v1/namespaces', 'metadata.name=guard'])
  assert.equal(queries.length > 1, true, 'a watch that ends is begun again')
})

test('empties the configuration once when the namespace is being deleted, and has the garbage collector take it', async () => {
  assert.deepEqual(await told([namespace({}), dying, dying]).then(({ told, asked }) => ({ told, asked })), {
    told: ['leave', 'left'],
    asked: [emptied, owned],
  })
})

test('tries again until the configuration is empty', async () => {
  const { told: said, asked } = await told([dying], [500, 403])
  assert.deepEqual(asked, [emptied, emptied, emptied, owned])
  assert.deepEqual([said[0], said.at(-1), said.length], ['leave', 'left', 4])
})

test('a configuration that is not there is as good as empty', async () => {
  assert.deepEqual((await told([dying], [404, 404])).told, ['leave', 'left'])
})

test('a configuration that may get no owner stays, empty', async () => {
  const { told: said, asked } = await told([dying], [200, 403])
  assert.deepEqual([asked, said.length], [[emptied, owned], 3])
})

test('a watch that reports an error is begun again, and nothing that comes after it counts', async () => {
  const expired = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', metadata: {}, code: 410 } })}\n`
  const { asked, queries } = await told([expired, dying])
  assert.deepEqual([asked, queries.length > 1], [[], true])
})
