/** What no API server should answer, but a proxy, a faulty one or one of the future may. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import test from 'node:test'
import { FaultServer, sendStatus, stream, type Fault } from './fault-server.ts'
import { until, untilNames, watching } from './watching.ts'

const rejections: unknown[] = []
process.on('unhandledRejection', reason => rejections.push(reason))
test.after(() => assert.deepEqual(rejections, []))

const answer =
  (body: unknown, status = 200): Fault =>
  (response: ServerResponse) =>
    void response
      .writeHead(status, { location: '/api/v1/services' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
const service = (name: unknown, more: object = {}): object => ({
  metadata: { name, namespace: 'shop', resourceVersion: '1', ...more },
})
const metadata = { resourceVersion: '1' }

for (const [what, body, it] of [
  ['nothing', '', 'not JSON'],
  ['null', 'null', 'not a list'],
  ['HTML', '<html>who are you?</html>', 'HTML, not JSON'],
  ['a list that is cut off', '{"metadata":{"resourceVersion":"1"},"items":[{"metad', 'not JSON'],
  ['a list without a version', { metadata: {}, items: [] }, 'not a list'],
  ['a list with an empty version', { metadata: { resourceVersion: '' }, items: [] }, 'not a list'],
  ['a list without items, such as a Table', { kind: 'Table', metadata, rows: [] }, 'not a list'],
  ['items that are no list', { metadata, items: {} }, 'not a list'],
  [
    'a failure with the status of a success',
    { kind: 'Status', metadata: {}, status: 'Failure', code: 500 },
    'not a list',
  ],
] as const) {
  test(`does not take ${what} for a list, nor forgets anything because of it`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('list', answer(body))
    await using watched = watching(server)
    await watched.watch.synced
    assert.deepEqual([watched.names(), watched.problems], [['a'], [`Error: the response is ${it}`]])
  })
}

test('takes null for an empty list, as Go writes it', async () => {
  await using server = await FaultServer.start()
  server.fail('list', answer({ metadata, items: null }))
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual([watched.names(), watched.problems], [[], []])
})

test('leaves out what has no name, and keeps what has nothing else', async () => {
  await using server = await FaultServer.start()
  const items = [
    null,
    5,
    [],
    {},
    { metadata: null },
    service(undefined),
    service(null),
    service(''),
    service('bare', { labels: null, annotations: null }),
    { ...service('empty'), spec: null },
  ]
  server.fail('list', answer({ metadata, items }))
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  assert.deepEqual(watched.names(), ['bare', 'empty'])
  server.put('a')
  await untilNames(watched, 'a', 'bare', 'empty')
  assert.deepEqual(watched.problems, [])
})

test('gives up a list whose page names itself as the next one', async () => {
  await using server = await FaultServer.start()
  const same = answer({ metadata: { ...metadata, continue: 'again' }, items: [service('a')] })
  server.fail('list', same)
  server.fail('page', same)
  server.put('a')
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual(server.asked().slice(0, 3), ['list', 'page', 'list'])
  assert.match(watched.problems.join(), /the list does not end/)
})

test('takes redirections, and everything else that is not 200, for failures', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  const statuses = [204, 206, 301, 302, 304, 307, 308, 400, 405, 406, 415]
  server.fail('list', ...statuses.map(status => answer('', status)))
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual(
    watched.problems,
    statuses.map(status => `ApiFailure: ${status} no message`),
  )
})

for (const [what, object] of [
  ['an object without a name', { kind: 'Service', apiVersion: 'v1', metadata }],
  ['an object whose name is none', { kind: 'Service', apiVersion: 'v1', metadata: { ...metadata, name: 5 } }],
  ['an object with an empty version', service('x', { resourceVersion: '' })],
] as const) {
  test(`resumes from where it was after an event with ${what}`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('watch', stream(`${JSON.stringify({ type: 'ADDED', object })}\n`))
    await using watched = watching(server)
    await until('the watch is open', () => server.openWatches === 1)
    assert.deepEqual([watched.names(), server.requests.at(-1)?.version], [['a'], String(server.version)])
  })
}

test('takes events that come twice, out of order, or of types of the future', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  const line = (type: string, name: string): string =>
    `${JSON.stringify({ type, object: service(name, { resourceVersion: '2' }) })}\n`
  for (const [type, name] of [
    ['MODIFIED', 'new'],
    ['ADDED', 'new'],
    ['ADDED', 'new'],
    ['DELETED', 'unknown'],
    ['DELETED', 'a'],
    ['DELETED', 'a'],
    ['MODIFIED', 'a'],
    ['RENAMED', 'new'],
  ] as const)
    server.write(line(type, name))
  await until('all have come', () => watched.changes.length === 4)
  assert.deepEqual(
    [watched.names(), watched.problems, watched.watch.stats().Service!.objects],
    [['a', 'new'], [], 2],
  )
})

test('waits no longer than a minute, however long the server says, and never less for that', async () => {
  await using server = await FaultServer.start()
  const waits: number[] = []
  server.fail(
    'list',
    ...['99999999999', '1e99', '-5', 'Wed, 21 Oct 2026 07:28:00 GMT'].map(after =>
      sendStatus(503, { 'retry-after': after }),
    ),
  )
  await using watched = watching(server, { onWait: ms => waits.push(ms) })
  await watched.watch.synced
  assert.deepEqual(
    waits.map(ms => (ms >= 60_000 ? 'a minute' : 'as usual')),
    ['a minute', 'a minute', 'as usual', 'as usual'],
  )
  assert.ok(waits.every(ms => ms <= 60_000))
})
