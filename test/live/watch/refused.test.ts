import assert from 'node:assert/strict'
import test from 'node:test'
import { FaultServer, sendStatus } from './fault-server.ts'
import { until, watching } from './watching.ts'

for (const code of [401, 403, 500]) {
  test(`says since when it is refused while lists are answered ${code}, and no longer once one succeeds`, async () => {
    await using server = await FaultServer.start()
    server.put('a')
    server.fail('list', sendStatus(code))
    const before = Date.now()
    await using watched = watching(server)
    await until('the first list has failed', () => watched.problems.length > 0)
    const since = watched.watch.stats().Service!.refusedSince
    if (code === 500) assert.equal(since, undefined)
    else assert.ok(since! >= before && since! <= Date.now(), String(since))
    await watched.watch.synced
    assert.equal(watched.watch.stats().Service!.refusedSince, undefined)
  })
}
