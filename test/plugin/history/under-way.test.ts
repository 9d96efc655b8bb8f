import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

/** A catalog of which somebody else has just begun a change; none of it is written yet. */
async function withChangeUnderWay(heartbeat: () => string): Promise<MemoryStore> {
  const store = new MemoryStore(readExample('catalog'))
  await runCommand(words('weight catalog v2=10'), { store })
  await runCommand(words('abort catalog'), { store })
  const [first] = store.history.records
  store.history.records = [
    {
      ...first!,
      id: 'theirs',
      revision: 1,
      by: 'bob',
      get heartbeat() {
        return heartbeat()
      },
    },
  ]
  return store
}

test('a change under way is waited for, and the edit is made when it is finished', async () => {
  const store = await withChangeUnderWay(() => new Date().toISOString())
  setTimeout(() => {
    store.history.records = store.history.records.map(({ heartbeat: _, ...record }) => record)
  }, 700)
  const { code, stderr } = await runCommand(words('weight catalog v2=30'), { store })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^waiting: catalog is being changed \(weight v1=90,v2=10, by bob at [^)]+\)\n$/)
  assert.deepEqual(
    store.history.records.map(({ revision, title }) => [revision, title]),
    [
      [1, 'weight v1=90,v2=10'],
      [2, 'weight v1=70,v2=30'],
    ],
  )
})

test('a change that was given up long ago is settled at once, and said', async () => {
  const store = await withChangeUnderWay(() => new Date(0).toISOString())
  const { code, stderr } = await runCommand(words('weight catalog v2=30'), { store })
  assert.equal(code, 0, stderr)
  assert.match(
    stderr,
    /^note: Revision 1 \(.*by bob.*\) was interrupted before any object was written: its record is removed\.\n$/,
  )
  assert.deepEqual(
    store.history.records.map(({ revision, title }) => [revision, title]),
    [[1, 'weight v1=70,v2=30']],
  )
})

test('a look at a service with an unfinished change says so and settles nothing', async () => {
  const store = await withChangeUnderWay(() => new Date(0).toISOString())
  assert.match(
    (await runCommand(words('status catalog'), { store })).stdout,
    /under way or interrupted: the next edit waits for it, or takes back what it wrote/,
  )
  assert.match(
    (await runCommand(words('history catalog'), { store })).stdout,
    /weight v1=90,v2=10 \(not finished\)/,
  )
  assert.equal((await runCommand(words('weight catalog v2=30 --dry-run=client'), { store })).code, 0)
  assert.equal(store.history.records[0]?.id, 'theirs')
})

test('files have no history, which is said with what has', async () => {
  for (const line of ['undo catalog -f catalog.yaml', 'history -k overlays/prod']) {
    const { code, stderr } = await runCommand(words(line))
    assert.equal(code, 2, line)
    assert.match(stderr, /Files have no history of their own: use version control/, line)
  }
})

test('a run is on a cluster, which is said where files are named', async () => {
  for (const line of ['run catalog v2 -f catalog.yaml', 'wait catalog -k overlays/prod']) {
    const { code, stderr } = await runCommand(words(line))
    assert.equal(code, 2, line)
    assert.match(stderr, /A run is on a cluster/, line)
    assert.doesNotMatch(stderr, /version control/, line)
  }
})
