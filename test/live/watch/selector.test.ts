import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LiveView } from '../../../shared/view/snapshot.ts'
import { startWatch } from '../../../shared/live/watch/start-watch.ts'
import { FaultServer } from './fault-server.ts'
import { until } from './watching.ts'

it('a label selector goes with every page, comparison and watch', async () => {
  await using server = await FaultServer.start()
  for (const name of ['a', 'b', 'c']) server.put(name)
  const asked: Readonly<Record<string, string>>[] = []
  const watch = startWatch({
    kinds: ['Service'],
    labelSelectors: { Service: '!made' },
    view: new LiveView(),
    options: { compareMs: 1 },
    connection: {
      request: ask => {
        asked.push(ask.query)
        return server.connection.request(ask)
      },
    },
  })
  try {
    await until('a watch is open', () => server.openWatches > 0)
    server.bookmark()
    await until('the view was compared', () => server.asked().includes('exact'))
    assert.deepEqual([...new Set(server.asked())].sort(), ['exact', 'list', 'page', 'watch'])
    assert.deepEqual(new Set(asked.map(query => query['labelSelector'])), new Set(['!made']))
  } finally {
    await watch.stop()
  }
})
