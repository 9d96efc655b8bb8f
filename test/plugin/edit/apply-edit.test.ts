import assert from 'node:assert/strict'
import test from 'node:test'
import { applyEdit, type ApplyOptions, type EditProgress } from '../../../plugin/edit/apply-edit.ts'
import type { Intent } from '../../../plugin/edit/intent.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { MemoryStore, readExample } from '../memory-store.ts'

const now = new Date('2026-08-01T12:00:00Z')
const weight = (percent: number): Intent => ({
  kind: 'set-weights',
  weights: new Map([['v2', percent]]),
  force: false,
})
const apply = (store: MemoryStore, intent: Intent, options: Partial<ApplyOptions> = {}) =>
  applyEdit(store, { intent, command: 'weight v2=10' }, { dryRun: 'none', now, ...options })

/** The example, where the Service's port has no name, so that no route to it may be made. */
const unnamedPort = (): MemoryStore =>
  new MemoryStore(
    readExample('catalog')
      .map(object =>
        object.kind === 'Service' && object.metadata.name === 'catalog'
          ? { ...object, spec: { selector: { app: 'catalog' }, ports: [{ port: 80, targetPort: 3000 }] } }
          : object,
      )
      .filter(({ kind }) => kind !== 'VirtualService' && kind !== 'Gateway'),
  )

test('an edit is applied without a command line, and gives its plan and what was written', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const { plan, outcomes, refused, warnings, namespace, live } = await apply(store, weight(10))
  assert.deepEqual(
    { refused, warnings, namespace, live },
    {
      refused: [],
      warnings: [],
      namespace: 'istioinaction',
      live: true,
    },
  )
  assert.deepEqual(
    outcomes.map(({ ref, action }) => `${ref.name} ${action}`),
    ['catalog configured', 'catalog-vs-from-gw configured'],
  )
  assert.deepEqual(
    plan.changes.map(({ after }) => after?.metadata.name),
    ['catalog', 'catalog-vs-from-gw'],
  )
})

test('an edit that is applied already has no changes, but still names its objects', async () => {
  const store = new MemoryStore(readExample('catalog'))
  await apply(store, weight(10))
  const { plan, outcomes } = await apply(store, weight(10))
  assert.deepEqual([plan.changes, outcomes], [[], []])
  assert.deepEqual(
    plan.objects.map(({ metadata }) => metadata.name),
    ['catalog', 'catalog-vs-from-gw'],
  )
})

test('what the rules refuse is given as findings, and nothing is written', async () => {
  const store = unnamedPort()
  const progress: EditProgress[] = []
  const intent: Intent = { kind: 'init', service: 'catalog', stable: 'v1', gateways: [], hosts: [] }
  const { refused, outcomes, plan } = await apply(store, intent, { report: each => progress.push(each) })
  assert.deepEqual(
    refused.map(({ rule, ref }) => `${rule} ${ref.kind} ${ref.name}`),
    ['unnamed-port Service catalog'],
  )
  assert.deepEqual([outcomes, store.applied], [[], []])
  assert.ok(plan.changes.length > 0)
  assert.deepEqual(
    progress.map(({ kind }) => kind),
    ['read'],
  )
})

test('a conflict is reported, and the edit is planned again on what somebody else wrote', async () => {
  const store = new MemoryStore(readExample('catalog'))
  let conflicts = 0
  store.beforeApply = () => {
    if (conflicts++ === 0) store.objects = store.objects.map(object => ({ ...object }))
  }
  const progress: EditProgress[] = []
  const { outcomes } = await apply(store, weight(10), { report: each => progress.push(each) })
  assert.deepEqual(
    progress.map(({ kind }) => kind),
    ['read', 'planned', 'conflict', 'read', 'planned'],
  )
  assert.equal(outcomes.length, 2)
})

test('an error that is no conflict is not tried again', async () => {
  const store = new MemoryStore(readExample('catalog'))
  store.beforeApply = () => {
    throw new CanaryError('forbidden', 'no')
  }
  await assert.rejects(apply(store, weight(10)), { code: 'forbidden' })
  assert.equal(store.reads, 1)
})

test('a client dry run gives the difference where it is asked for, and a real run gives none', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const before = store.objects
  assert.match((await apply(store, weight(10), { dryRun: 'client', withDiff: true })).diff!, /^--- /)
  assert.equal((await apply(store, weight(10), { dryRun: 'client' })).diff, undefined)
  assert.equal(store.objects, before)
  assert.equal((await apply(store, weight(10), { withDiff: true })).diff, undefined)
})

test('only the write is held against interrupts', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const events: string[] = []
  store.beforeApply = () => {
    events.push('apply')
  }
  await apply(store, weight(10), {
    report: ({ kind }) => events.push(kind),
    write: async work => {
      events.push('held')
      const written = await work()
      events.push('released')
      return written
    },
  })
  assert.deepEqual(events, ['read', 'planned', 'held', 'apply', 'released'])
})
