import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { applyEdit } from '../../../../plugin/edit/apply-edit.ts'
import type { Intent } from '../../../../plugin/edit/intent.ts'
import { editRoutes, frozen, readRoutes, type RunWorld } from '../../../../plugin/run/routes.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import { trafficPrint } from '../../../../shared/rollout/traffic-print.ts'
import { entered, nextStage } from '../../../../shared/rollout/rollout-state.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { MemoryStore } from '../../memory-store.ts'
import { storeOf } from '../../shop.ts'
import { begun } from '../scripted-run.ts'

const writing = { dryRun: 'none', historyLimit: 2 } as const
const worldOf = (store: MemoryStore): RunWorld => ({
  store,
  writing,
  now: () => new Date(Date.parse(begun.started) + 60_000),
  report: () => undefined,
})

/** A run whose first step is written. */
async function started(): Promise<{ store: MemoryStore; world: RunWorld; record: RolloutRecord }> {
  const store = storeOf('catalog')
  const world = worldOf(store)
  const edit = await editRoutes(world, begun, 'stage')
  assert.ok(edit.kind === 'done', JSON.stringify(edit))
  return { store, world, record: { ...begun, state: entered(begun.state, begun.started, edit.print) } }
}

/** What another person does with a command. */
const byHand = (store: MemoryStore, intent: Intent, command: string) =>
  applyEdit(
    store,
    { intent, namespace: 'shop', command },
    {
      ...writing,
      now: new Date(Date.parse(begun.started) + 30_000),
      words: { command: `kubectl canary ${command}`, limit: 10 },
    },
  )

const routeOf = (object: KubeObject): KubeObject =>
  object.kind === 'VirtualService'
    ? ({
        ...object,
        spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog', subset: 'v1' } }] }] },
      } as KubeObject)
    : object

describe('a run whose routes nobody else touched', () => {
  test('goes on to its next step, and records each with the run, up to the limit of the history', async () => {
    const { store, world, record } = await started()
    const read = await readRoutes(world, record)
    assert.equal(read.kind, 'done')
    const edit = await editRoutes(world, { ...record, state: nextStage(record.state) }, 'stage')
    assert.ok(edit.kind === 'done')
    const reasons = () => store.history.records.map(({ reason }) => reason)
    assert.deepEqual(reasons(), ['step 1 of 2 of run 1f2e3d4c', 'step 2 of 2 of run 1f2e3d4c'])
    const failed = { ...record.state, print: edit.print!, why: 'smoke failed' }
    await editRoutes(world, { ...record, state: failed, reason: 'new search' }, 'rollback')
    assert.deepEqual(reasons(), ['step 2 of 2 of run 1f2e3d4c', 'rollback of run 1f2e3d4c: smoke failed'])
  })

  test('finds its step done after it was killed behind the edit, and goes on', async () => {
    const store = storeOf('catalog')
    const world = worldOf(store)
    const first = await readRoutes(world, begun)
    assert.ok(first.kind === 'done')
    const killed = { ...begun, state: { ...begun.state, print: trafficPrint(first.reading.traffic) } }
    assert.equal((await editRoutes(world, killed, 'stage')).kind, 'done')
    const { objects } = store
    assert.equal((await editRoutes(world, killed, 'stage')).kind, 'done')
    assert.equal(store.objects, objects)
  })
})

const commands = [
  ['promote catalog v2', { kind: 'promote', service: 'catalog', version: 'v2', force: false }, 'promoted'],
  ['abort catalog', { kind: 'abort', service: 'catalog', force: false }, 'aborted'],
  [
    'weight catalog v2=77',
    { kind: 'set-weights', service: 'catalog', weights: new Map([['v2', 77]]), force: false },
    'stopped',
  ],
] as const satisfies readonly (readonly [string, Intent, string])[]

describe('a run whose routes somebody changed', () => {
  for (const [command, intent, as] of commands)
    test(`by ${command} is ${as}, with who did it, and edits nothing more`, async () => {
      const { store, world, record } = await started()
      await byHand(store, intent, command)
      const { objects } = store
      const found = [
        await readRoutes(world, record),
        await editRoutes(world, { ...record, state: nextStage(record.state) }, 'stage'),
      ]
      for (const each of found) {
        assert.ok(each.kind === 'changed', each.kind)
        assert.equal(each.as, as)
        assert.ok(
          each.why.startsWith('alice changed the routes: ')
            && each.why.endsWith(`(kubectl canary ${command})`),
          each.why,
        )
      }
      assert.equal(store.objects, objects)
    })

  test('by promotion of another version is stopped', async () => {
    const { store, world, record } = await started()
    await byHand(
      store,
      { kind: 'promote', service: 'catalog', version: 'v1', force: true },
      'promote catalog v1',
    )
    const read = await readRoutes(world, record)
    assert.ok(read.kind === 'changed')
    assert.equal(read.as, 'stopped')
  })
})

describe('a run whose routes were changed without our program', () => {
  test('is stopped, with the object that was changed', async () => {
    const { store, world, record } = await started()
    store.objects = store.objects.map(routeOf)
    for (const each of [await readRoutes(world, record), await editRoutes(world, record, 'promotion')])
      assert.deepEqual(each, {
        kind: 'changed',
        as: 'stopped',
        why: 'the routes of VirtualService shop/catalog were changed, not with kubectl canary',
      })
  })

  test('is not told that a command did it that was given before the run began', async () => {
    const store = storeOf('catalog')
    await byHand(
      store,
      { kind: 'set-weights', service: 'catalog', weights: new Map([['v2', 77]]), force: false },
      'weight catalog v2=77',
    )
    const late = { ...begun, started: new Date(Date.parse(begun.started) + 40_000).toISOString() }
    store.objects = store.objects.map(routeOf)
    const read = await readRoutes(worldOf(store), { ...late, state: { ...late.state, print: '[]' } })
    assert.ok(read.kind === 'changed' && read.why.endsWith('not with kubectl canary'))
  })
})

test('a step that cannot be planned is refused with why, and nothing is written', async () => {
  const store = storeOf('catalog')
  const edit = await editRoutes(worldOf(store), { ...begun, version: 'v9' }, 'stage')
  assert.deepEqual(edit, { kind: 'refused', why: 'no version v9 of catalog in namespace shop' })
  assert.deepEqual(store.applied, [])
})

test('a freeze holds a step and is said beforehand, and a run that was forced goes over it', async () => {
  const store = storeOf('catalog')
  store.objects = store.objects.map(object =>
    object.kind === 'Service'
      ? {
          ...object,
          metadata: {
            ...object.metadata,
            annotations: { 'kubectl-canary/freeze': 'until 2100-01-01T00:00:00Z' },
          },
        }
      : object,
  )
  const world = worldOf(store)
  const why = await frozen(world, begun)
  assert.ok(why !== undefined)
  assert.deepEqual(await editRoutes(world, begun, 'stage'), { kind: 'held', why })
  const forced = { ...begun, force: true }
  assert.equal(await frozen(world, forced), undefined)
  assert.equal((await editRoutes(world, forced, 'stage')).kind, 'done')
})
