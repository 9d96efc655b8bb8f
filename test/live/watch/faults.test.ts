import assert from 'node:assert/strict'
import test from 'node:test'
import { FaultServer, reset, sendStatus, silence, stream } from './fault-server.ts'
import { until, untilNames, watching } from './watching.ts'

const rejections: unknown[] = []
process.on('unhandledRejection', reason => rejections.push(reason))
test.after(() => assert.deepEqual(rejections, []))

const statsOf = ({ watch }: ReturnType<typeof watching>) => watch.stats().Service!

test('lists page by page, then follows events', async () => {
  await using server = await FaultServer.start()
  for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(name)
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual(watched.names(), ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(server.asked().slice(0, 3), ['list', 'page', 'page'])
  server.put('f')
  server.remove('a')
  server.put('b', { version: 'v2' })
  await untilNames(watched, 'b', 'c', 'd', 'e', 'f')
  await until('the label has changed', () => JSON.stringify(watched.labelsOf('b')) === '{"version":"v2"}')
  assert.deepEqual(statsOf(watched).objects, 5)
  assert.deepEqual(watched.problems, [])
})

test('tells of every change with the object before and after', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await watched.watch.synced
  server.put('a', { version: 'v2' })
  server.remove('a')
  await untilNames(watched)
  assert.deepEqual(
    watched.changes.map(({ before, after }) => [before?.metadata.labels, after?.metadata.labels]),
    [
      [undefined, {}],
      [{}, { version: 'v2' }],
      [{ version: 'v2' }, undefined],
    ],
  )
})

for (const [what, cut] of [
  ['ends', (server: FaultServer) => server.endWatches()],
  ['is reset', (server: FaultServer) => server.resetWatches()],
] as const) {
  test(`resumes from the last version without a new list when the watch ${what}`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    await using watched = watching(server)
    await until('the watch is open', () => server.openWatches === 1)
    server.put('b')
    await untilNames(watched, 'a', 'b')
    const { version } = server
    server.put('c', {}, { silently: true })
    cut(server)
    await untilNames(watched, 'a', 'b', 'c')
    assert.deepEqual(
      server.requests.map(({ asked }) => asked).filter(asked => asked !== 'watch'),
      ['list'],
    )
    assert.equal(server.requests.at(-1)!.version, String(version))
  })
}

test('resumes from a bookmark', async () => {
  await using server = await FaultServer.start()
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.put('unseen', {}, { silently: true })
  server.bookmark()
  await until('the bookmark has come', () => statsOf(watched).lastEvent !== undefined)
  server.endWatches()
  await until(
    'the watch is opened again',
    () => server.asked().filter(asked => asked === 'watch').length === 2,
  )
  assert.equal(server.requests.at(-1)!.version, String(server.version))
})

test('lists again when the version has expired, and forgets what was deleted meanwhile', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  server.put('b')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.remove('a', { silently: true })
  server.put('c', {}, { silently: true })
  server.compacted = server.version
  server.resetWatches()
  await untilNames(watched, 'b', 'c')
  assert.equal(statsOf(watched).relists, 1)
})

test('lists again when an ERROR event says that the version has expired', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.put('b', {}, { silently: true })
  server.write(
    `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`,
  )
  await untilNames(watched, 'a', 'b')
  assert.equal(statsOf(watched).relists, 1)
})

for (const code of [401, 403, 429, 500, 502, 503, 504]) {
  test(`outlives lists and watches that are answered ${code}`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('list', sendStatus(code), sendStatus(code))
    server.fail('watch', sendStatus(code), sendStatus(code))
    await using watched = watching(server)
    await watched.watch.synced
    await until('the watch is open', () => server.openWatches === 1)
    server.put('b')
    await untilNames(watched, 'a', 'b')
    assert.equal(watched.problems.filter(problem => problem.includes(String(code))).length, 4)
    assert.equal(statsOf(watched).restarts, 2)
  })
}

test('outlives connections that are reset before they answer', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  server.fail('list', reset, reset, reset)
  server.fail('watch', reset, reset, reset)
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.put('b')
  await untilNames(watched, 'a', 'b')
  assert.equal(statsOf(watched).relists, 0)
})

test('starts the list over when its second page fails or expires', async () => {
  await using server = await FaultServer.start()
  for (const name of ['a', 'b', 'c']) server.put(name)
  server.fail('page', sendStatus(500), sendStatus(410), reset)
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual(watched.names(), ['a', 'b', 'c'])
  assert.deepEqual(server.asked().slice(0, 8), [
    'list',
    'page',
    'list',
    'page',
    'list',
    'page',
    'list',
    'page',
  ])
})

test('gives up connections on which nothing comes', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  server.fail('list', silence)
  server.fail('watch', silence, response => void response.writeHead(200).flushHeaders())
  await using watched = watching(server, { idleMs: 200 })
  await until('the watch is open', () => server.openWatches === 1)
  assert.equal(watched.problems.filter(problem => problem.includes('no data for 200 ms')).length >= 3, true)
  server.put('b')
  await untilNames(watched, 'a', 'b')
})

test('waits for a list that comes slowly', async () => {
  await using server = await FaultServer.start()
  const list = {
    metadata: { resourceVersion: '1' },
    items: [{ metadata: { name: 'slow', namespace: 'shop', resourceVersion: '1' } }],
  }
  server.fail('list', response => {
    response.writeHead(200)
    const letters = [...JSON.stringify(list)]
    const next = (): void =>
      letters.length === 0 ? void response.end() : void (response.write(letters.shift()!), setImmediate(next))
    next()
  })
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual(watched.names(), ['slow'])
})

test('reads events however their bytes are cut', async () => {
  await using server = await FaultServer.start()
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  const event = {
    type: 'ADDED',
    object: {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'a', namespace: 'shop', resourceVersion: '9', labels: { team: 'Äpfel 🍎' } },
    },
  }
  for (const byte of Buffer.from(`${JSON.stringify(event)}\n\n`)) {
    server.write(Uint8Array.of(byte))
    await new Promise(setImmediate)
  }
  await untilNames(watched, 'a')
  assert.deepEqual(watched.labelsOf('a'), { team: 'Äpfel 🍎' })
})

for (const [what, line] of [
  ['garbage', '{"type":"ADDED","obj\u0000\n'],
  ['a page of HTML', '<html>\n<body>proxy error</body>\n'],
  ['events without an object', '{"type":"ADDED"}\n'],
  ['null', 'null\n'],
  ['an object without a version', '{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n'],
  ['an error of the server', '{"type":"ERROR","object":{"code":500,"message":"etcd"}}\n'],
] as const) {
  test(`resumes after ${what} in the stream, and lists again if that goes on`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('watch', ...Array.from({ length: 3 }, () => stream(line)))
    await using watched = watching(server)
    await until('the watch is open', () => server.openWatches === 1)
    server.put('b')
    await untilNames(watched, 'a', 'b')
    assert.deepEqual(server.asked(), ['list', 'watch', 'watch', 'watch', 'list', 'watch'])
  })
}

test('drops an event that is cut in the middle and gets it on resuming', async () => {
  await using server = await FaultServer.start()
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.put('a', {}, { silently: true })
  server.write('{"type":"ADDED","object":{"kind":"Service"')
  server.endWatches()
  await untilNames(watched, 'a')
})

test('a kind that nobody serves is known and empty, and is found when it is served', async () => {
  await using server = await FaultServer.start()
  server.isServed = false
  await using watched = watching(server)
  await watched.watch.synced
  assert.deepEqual([watched.watch.isSynced(), statsOf(watched).isAbsent, watched.names()], [true, true, []])
  server.put('a')
  server.isServed = true
  await untilNames(watched, 'a')
  assert.equal(statsOf(watched).isAbsent, false)
  assert.deepEqual(watched.problems, [])
})

test('forgets the objects of a kind that is served no longer', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.isServed = false
  server.resetWatches()
  await untilNames(watched)
  assert.equal(watched.watch.isSynced(), true)
})

test('keeps the objects when a served kind is missed once, as by a server that is starting', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  server.fail('watch', sendStatus(404))
  server.resetWatches()
  await until(
    'the watch is open again',
    () => server.openWatches === 1 && server.asked().filter(asked => asked === 'list').length === 2,
  )
  assert.deepEqual(watched.changes.length, 1)
})

test('finds and counts lost events by comparing with the list of the same version', async () => {
  await using server = await FaultServer.start()
  for (const name of ['a', 'b', 'c']) server.put(name)
  await using watched = watching(server, { compareMs: 1 })
  await watched.watch.synced
  await until('the watch is open', () => server.openWatches === 1)
  server.put('a', { version: 'v2' }, { silently: true })
  server.remove('b', { silently: true })
  server.put('d', {}, { silently: true })
  server.bookmark()
  await untilNames(watched, 'a', 'c', 'd')
  await until('the drift is counted', () => statsOf(watched).drift === 3)
  assert.deepEqual(watched.labelsOf('a'), { version: 'v2' })
  assert.equal(statsOf(watched).relists, 0)
})

test('a comparison with nothing lost counts nothing, and news that came meanwhile are no drift', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server, { compareMs: 1 })
  await until('the watch is open', () => server.openWatches === 1)
  server.fail('exact', () => {
    server.put('b', {}, { silently: true })
    return false
  })
  server.bookmark()
  await untilNames(watched, 'a', 'b')
  assert.equal(statsOf(watched).drift, 0)
})

test('compares in time though the clock is set back by a year', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  let now = Date.now()
  await using watched = watching(server, { compareMs: 20, now: () => now })
  await until('the watch is open', () => server.openWatches === 1)
  now -= 365 * 86_400_000
  await until('a comparison is asked for', () => {
    server.bookmark()
    return server.asked().includes('exact')
  })
  assert.deepEqual(watched.problems, [])
})

test('lists again when the version to compare with is gone, and goes on watching when the comparison fails otherwise', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  server.fail('exact', sendStatus(500), sendStatus(410))
  await using watched = watching(server, { compareMs: 1 })
  await until('a comparison has failed and another has expired', () => {
    server.bookmark()
    return statsOf(watched).relists >= 1
  })
  server.put('b')
  await untilNames(watched, 'a', 'b')
})

test('keeps only what is asked for, and gives up what is no longer', async () => {
  await using server = await FaultServer.start()
  for (const name of ['a', 'b']) server.put(name)
  let unwanted = 'b'
  await using watched = watching(server, {
    keep: object => (object.metadata.name === unwanted ? undefined : object),
  })
  await watched.watch.synced
  assert.deepEqual([watched.names(), watched.watch.stats().Service?.objects], [['a'], 1])
  unwanted = 'a'
  for (const name of ['a', 'b']) server.put(name)
  await untilNames(watched, 'b')
  assert.deepEqual([watched.problems, watched.watch.stats().Service?.objects], [[], 1])
})

test('outlives callbacks and projections that throw', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  const explode = (): never => {
    throw new Error('planned')
  }
  await using watched = watching(server, {
    onChange: explode,
    keep: object => (object.metadata.name === 'bad' ? explode() : object),
  })
  await watched.watch.synced
  server.put('bad')
  server.put('b')
  await untilNames(watched, 'a', 'b')
  assert.equal(watched.problems.length >= 3, true)
})

test('outlives a server that is away for a while, and resumes', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server)
  await until('the watch is open', () => server.openWatches === 1)
  const { port } = server
  await server.stop()
  await until('it was missed often', () => watched.problems.length > 8)
  server.put('b')
  await server.listen(port)
  await untilNames(watched, 'a', 'b')
  assert.deepEqual(
    server.asked().filter(asked => asked !== 'watch'),
    ['list'],
  )
})

test('stopping ends every request and settles what waits for it', async () => {
  await using server = await FaultServer.start()
  server.fail('list', silence)
  const watched = watching(server)
  await until('the list is asked', () => server.requests.length === 1)
  await watched.watch.stop()
  await watched.watch.synced
  assert.equal(watched.watch.isSynced(), false)
  await watched.watch.stop()
  assert.equal(server.requests.length, 1)
})
