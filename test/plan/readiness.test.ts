import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Target } from '../../shared/plan/intent.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../shared/plan/plan-promote.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { catalog, deployment, namespace } from './worlds.ts'

const target: Target = { namespace, command: 'promote v2', live: true }
const cohort = {
  target,
  name: 'internal',
  to: 'v2',
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
}
const promote = { target, version: 'v2', force: false }
const weight = (percent: number) => ({ target, weights: new Map([['v2', percent]]), force: false })

/** The catalog with v2 as it was sent traffic, whose pods then are no longer ready. */
const unready = (
  ...plans: readonly ((view: ClusterView) => { readonly changes: Parameters<typeof overlay>[1] })[]
): ClusterView => {
  const ready = plans.reduce<ClusterView>(
    (view, plan) => overlay(view, plan(view).changes),
    snapshot(catalog()),
  )
  return overlay(ready, [
    {
      before: ready.get({ kind: 'Deployment', namespace, name: 'catalog-v2' }),
      after: deployment('catalog-v2', { app: 'catalog', version: 'v2' }, 0),
    },
  ])
}
const isRefused = (error: unknown): boolean =>
  error instanceof CanaryError
  && error.code === 'refused'
  && /v2 of catalog has no ready workload/.test(error.message)

test('a version that has everything already is promoted without being ready, because nothing changes', () => {
  const view = unready(before => planPromote(before, promote))
  assert.deepEqual(planPromote(view, promote).changes, [])
})

test('a cohort or share that stands already is no traffic more, and a smaller one neither', () => {
  const view = unready(
    before => planWeight(before, weight(20)),
    before => planCohort(before, cohort),
  )
  assert.deepEqual(planCohort(view, cohort).changes, [])
  assert.deepEqual(planWeight(view, weight(20)).changes, [])
  assert.equal(planWeight(view, weight(5)).changes.length, 2)
})

test('a cohort of a version that is not ready may get another end while the shares stay', () => {
  const view = unready(
    before => planWeight(before, weight(20)),
    before => planCohort(before, cohort),
  )
  const changed = planCohort(view, { ...cohort, until: '2026-03-01T00:00:00Z' })
  assert.ok(changed.changes.length > 0)
})

test('more traffic than it has goes to no version that is not ready', () => {
  const view = unready(
    before => planWeight(before, weight(20)),
    before => planCohort(before, cohort),
  )
  assert.throws(() => planWeight(view, weight(21)), isRefused)
  assert.throws(() => planPromote(view, promote), isRefused)
  assert.throws(() => planCohort(view, { ...cohort, name: 'beta' }), isRefused)
  assert.throws(
    () => planCohort(view, { ...cohort, conditions: [{ on: 'header', name: 'x-beta', match: {} }] }),
    isRefused,
  )
})

test('how many pods are ready is left out where the workloads could not be seen', () => {
  const world = catalog().filter(({ kind }) => kind !== 'Deployment')
  const [blind] = readTraffic(snapshot(world, { unread: new Set(['Deployment'] as const) }), {
    namespace,
    command: 'status',
  })
  assert.deepEqual(blind?.versions, [
    { name: 'v1', subset: 'version-v1' },
    { name: 'v2', subset: 'version-v2' },
  ])
  const [seeing] = readTraffic(snapshot(world), { namespace, command: 'status' })
  assert.deepEqual(
    seeing?.versions.map(({ ready, wanted }) => ({ ready, wanted })),
    [
      { ready: 0, wanted: 0 },
      { ready: 0, wanted: 0 },
    ],
  )
})
