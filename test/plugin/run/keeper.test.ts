import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { formatRecord, recordIn } from '../../../shared/rollout/rollout-record.ts'
import { beginning, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import type { KeptRun, RunContent, RunStore } from '../../../shared/view/runs/run-store.ts'
import { takeOver } from '../../../plugin/run/begin.ts'
import { RunKeeper, RunTaken } from '../../../plugin/run/keeper.ts'
import { endRun } from '../../../plugin/commands/run-orders/end-run.ts'
import { begun as record } from './scripted-run.ts'

/** One Lease in memory, as the API server keeps it; `before` is called before each write. */
class OneRun implements RunStore {
  run: KeptRun | undefined
  writes = 0
  before: () => void = () => undefined

  constructor(holder: string) {
    this.#write({ text: formatRecord(record), holder })
  }

  /** What somebody else writes. */
  order(change: (state: RolloutState) => RolloutState, holder = this.run?.holder): void {
    const now = recordIn(this.run!)
    this.#write({ text: formatRecord({ ...now, state: change(now.state) }), holder })
  }

  get state(): RolloutState {
    return recordIn(this.run!).state
  }

  readonly get = async () => this.run
  readonly list = async () => ({ runs: this.run === undefined ? [] : [this.run] })
  readonly me = async () => 'jane'
  readonly announce = async () => undefined
  readonly create = async () => Promise.reject(new Error('not made here'))
  readonly remove = async () => void (this.run = undefined)
  readonly replace = async ({ resourceVersion }: KeptRun, content: RunContent) => {
    await Promise.resolve()
    this.before()
    if (resourceVersion !== this.run?.resourceVersion) throw new CanaryError('conflict', 'changed')
    return this.#write(content)
  }

  #write({ text, holder }: RunContent): KeptRun {
    this.writes++
    const name = { service: 'catalog', namespace: 'shop', name: 'kubectl-canary.catalog' }
    const times = { renewed: String(this.writes), resourceVersion: String(this.writes) }
    this.run = { ...name, text, ...times, ...(holder !== undefined && { holder }) }
    return this.run
  }
}

const paused = { at: '2026-01-01T00:00:00.000Z', by: 'joe' }
const held = (store: OneRun, holder = 'a') => new RunKeeper(store, { run: store.run!, record, holder })
const later: RolloutState = { ...beginning, failures: 2 }

test('a save keeps what others ordered since the last one', async () => {
  const store = new OneRun('a')
  const keeper = held(store)
  store.order(state => ({ ...state, paused }))
  assert.deepEqual((await keeper.save(later)).state, { ...later, paused })
  store.order(({ paused: _, ...state }) => state)
  assert.deepEqual((await keeper.save({ ...later, paused })).state, later)
  assert.deepEqual(store.state, later)
})

test('a save never takes back an end that others wrote, and leaves the run to nobody', async () => {
  const store = new OneRun('a')
  const keeper = held(store)
  store.order(state => ({ ...state, status: 'aborted' }))
  assert.equal((await keeper.save({ ...later, status: 'promoting' })).state.status, 'aborted')
  assert.deepEqual([store.state.status, store.run?.holder], ['aborted', undefined])
})

test('a keeper whose run another process took, ended and began anew, or removed, writes nothing', async () => {
  const changes: readonly ((store: OneRun) => void)[] = [
    store => store.order(state => state, 'b'),
    store => void (store.run = undefined),
    store =>
      void (store.run = {
        ...store.run!,
        text: formatRecord({ ...record, id: 'other' }),
        resourceVersion: '9',
      }),
  ]
  for (const change of changes) {
    const store = new OneRun('a')
    const keeper = held(store)
    change(store)
    const { run } = store
    await assert.rejects(keeper.save(later), RunTaken)
    await assert.rejects(keeper.look(), RunTaken)
    await keeper.release().catch(() => undefined)
    assert.deepEqual(store.run, run)
  }
})

test('of two keepers one works on, the other one stops', async () => {
  const store = new OneRun('a')
  const [first, second] = [held(store), held(store, 'b')]
  store.order(state => state, 'b')
  const ends = await Promise.allSettled([first.save(later), second.save({ ...later, failures: 3 })])
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
  assert.equal(store.state.failures, 3)
})

test('looks while a save is under way never write an older state', async () => {
  const store = new OneRun('a')
  const keeper = held(store)
  const looks = Array.from({ length: 5 }, () => [
    keeper.look(),
    keeper.save({ ...beginning, failures: 1 }),
  ]).flat()
  await Promise.all([...looks, keeper.save(later), keeper.look(), keeper.look()])
  assert.deepEqual(store.state, later)
})

test('a look gives a sign of life every 5 s since the last write, and none of a run that is over', async t => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const store = new OneRun('a')
  const keeper = held(store)
  const writesAfter = async (milliseconds: number): Promise<number> => {
    now += milliseconds
    const before = store.writes
    await keeper.look()
    return store.writes - before
  }
  assert.deepEqual(
    [await writesAfter(4999), await writesAfter(1), await writesAfter(4999), await writesAfter(1)],
    [0, 1, 0, 1],
  )
  await keeper.save({ ...later, status: 'promoted' })
  assert.equal(await writesAfter(10_000), 0)
})

test('a keeper that has released its run gives no signs of life, and writes nothing of one that is over', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const store = new OneRun('a')
  const keeper = held(store)
  let reads = 0
  const { get } = store
  Object.assign(store, { get: () => get().finally(() => reads++) })
  keeper.beat()
  t.mock.timers.tick(5000)
  await keeper.save({ ...later, status: 'promoted' })
  assert.equal(reads, 1)
  const { writes } = store
  await keeper.release()
  t.mock.timers.tick(20_000)
  await keeper.look()
  assert.deepEqual([reads, store.writes], [2, writes])
})

test('a conflict at each write is met again and again, and given up after some', async () => {
  const store = new OneRun('a')
  const keeper = held(store)
  let conflicts = 5
  store.before = () => {
    if (conflicts-- > 0) store.order(state => ({ ...state, paused }))
  }
  assert.deepEqual((await keeper.save(later)).state, { ...later, paused })
  conflicts = Number.POSITIVE_INFINITY
  await assert.rejects(keeper.save(later), { code: 'conflict' })
})

test('a run that is released can be taken over at once; one whose process lives cannot', async () => {
  const store = new OneRun('a')
  const waits: number[] = []
  const of = { service: 'catalog', namespace: 'shop' }
  const wait = async (milliseconds: number) => {
    waits.push(milliseconds)
    store.order(state => state)
  }
  await assert.rejects(takeOver(store, of, { onWait: () => undefined, wait }), { code: 'conflict' })
  await held(store).release()
  waits.length = 0
  const taken = await takeOver(store, of, { onWait: () => undefined, wait })
  assert.deepEqual([waits, store.run?.holder], [[], taken.holder])
})

test('a run whose process is gone is taken over after 20 s', async () => {
  const store = new OneRun('a')
  let waited = 0
  const wait = async (milliseconds: number) => void (waited += milliseconds)
  const taken = await takeOver(
    store,
    { service: 'catalog', namespace: 'shop' },
    { onWait: () => undefined, wait },
  )
  assert.deepEqual([waited, store.run?.holder], [20_000, taken.holder])
})

const traffic = { service: 'catalog', namespace: 'shop', entryPoints: [] } as never
const aborts = { intent: { kind: 'abort', service: 'catalog' }, now: new Date(0) } as never

test('an abort ends a run that waits before its first step, also where the process writes at the same time', async () => {
  const store = new OneRun('a')
  store.order(state => ({ ...state, print: '[]' }))
  let conflicts = 3
  store.before = () => {
    if (conflicts-- > 0) store.order(state => state)
  }
  const told = await endRun(store, { before: traffic, after: traffic }, aborts)
  assert.equal(store.state.status, 'aborted')
  assert.deepEqual(told, ['the run of catalog (v2, step 1 of 2) is over'])
})

test('a dry run of an edit says what the edit would do to the run, and leaves the run as it is', async () => {
  const store = new OneRun('a')
  store.order(state => ({ ...state, print: '[1]' }))
  const before = store.run
  const foreseen = (intent: object) =>
    endRun(store, { before: traffic, after: traffic }, {
      intent: { service: 'catalog', ...intent },
      now: new Date(0),
      isDryRun: true,
    } as never)
  const weight = { kind: 'set-weights' }
  assert.match((await foreseen({ kind: 'abort' }))[0]!, /in progress; this edit would end it/)
  assert.match((await foreseen({ kind: 'promote', version: 'v2' }))[0]!, /would end it/)
  assert.match((await foreseen({ kind: 'promote', version: 'v1' }))[0]!, /would stop it/)
  assert.match((await foreseen(weight))[0]!, /would stop it/)
  assert.equal(store.run, before)
  store.order(state => ({ ...state, paused: { at: '2026-01-01T00:00:00Z' } }))
  assert.match((await foreseen(weight))[0]!, /is paused; .* keep it from continuing/)
  store.order(state => ({ ...state, print: '[]' }))
  assert.deepEqual(await foreseen(weight), [])
})
