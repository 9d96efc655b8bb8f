import assert from 'node:assert/strict'
import test from 'node:test'
import { FaultServer, sendStatus, type Fault } from './fault-server.ts'
import { until, untilNames, watching } from './watching.ts'

for (const code of [401, 403, 500]) {
  test(`says since when it is refused while lists are answered ${code}, and no longer once one succeeds`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    const looked = Promise.withResolvers<void>()
    const answer = sendStatus(code)
    // The second list waits until what the first has led to was looked at.
    server.fail('list', answer, response => void looked.promise.then(() => answer(response)))
    const before = Date.now()
    await using watched = watching(server)
    await until('the first list has failed', () => watched.problems.length > 0)
    const since = watched.watch.stats().Service!.refusedSince
    if (code === 500) assert.equal(since, undefined)
    else assert.ok(since! >= before && since! <= Date.now(), String(since))
    looked.resolve()
    await watched.watch.synced
    assert.equal(watched.watch.stats().Service!.refusedSince, undefined)
  })
}

/** Answers that many requests, each in a way of its own. */
const each = (count: number, codeOf: (i: number) => number): readonly Fault[] =>
  Array.from({ length: count }, (_, i) => sendStatus(codeOf(i)))

test('sees within the time between two questions that it may no longer list, while its watch goes on', async () => {
  await using server = await FaultServer.start()
  server.put('a')
  await using watched = watching(server, { rightsMs: 20 })
  await untilNames(watched, 'a')
  server.fail('list', ...each(50, () => 403))
  await until('it has been refused for a while', () => watched.watch.stats().Service!.forbiddenMs > 100)
  server.put('b')
  await untilNames(watched, 'a', 'b')
  assert.equal(watched.watch.stats().Service!.restarts, 0)
  await until('it may list again', () => watched.watch.stats().Service!.forbiddenMs === 0)
  assert.equal(watched.watch.stats().Service!.refusedSince, undefined)
})

for (const [what, codeOf] of [
  ['429', () => 429],
  ['401', () => 401],
  ['503', () => 503],
  ['500', () => 500],
  ['403 between other failures', (i: number) => (i % 2 === 0 ? 403 : 429)],
] as const)
  test(`never takes ${what} for lost rights, while it lists and while it asks for them`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('list', ...each(20, codeOf))
    await using watched = watching(server, { rightsMs: 5 })
    let longest = 0
    const look = (): number => (longest = Math.max(longest, watched.watch.stats().Service!.forbiddenMs))
    await until('it has listed after all', () => (look(), watched.names().length === 1))
    const before = server.requests.length
    server.fail('list', ...each(20, codeOf))
    await until('it has asked for its rights', () => (look(), server.requests.length > before + 22))
    assert.equal(longest, 0)
  })

test('asks again within ten seconds where it is refused, however long it waits for a server that is away', async () => {
  for (const [code, isSoon] of [
    [403, true],
    [503, false],
  ] as const) {
    await using server = await FaultServer.start()
    const waits: number[] = []
    server.fail('list', ...each(2, () => code))
    await using _watched = watching(server, {
      backoff: { first: 40_000, longest: 40_000 },
      onWait: ms => waits.push(ms),
    })
    await until('it waits', () => waits.length > 0)
    assert.equal(waits[0]! <= 10_000, isSoon)
  }
})
