import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apisixRoute, around, cohort, target, to, weights } from './shop.ts'

const only = [apisix]
const matching = (path: string) => ({ hosts: ['shop.example.com'], paths: [path] })
const given = (...backends: readonly object[]): ClusterView =>
  snapshot([
    ...around,
    apisixRoute('catalog', [
      { name: 'items', match: matching('/items'), backends },
      { name: 'all', match: matching('/*'), backends: [to('catalog-v1')] },
    ]),
  ])
const after = (view: ClusterView, make: (view: ClusterView) => Plan): ClusterView =>
  overlay(view, make(view).changes)
const itemsIn = (view: ClusterView): readonly unknown[] | undefined =>
  view
    .get({ kind: 'ApisixRoute', namespace: 'shop', name: 'catalog' })
    ?.spec?.http?.find(({ name }) => name === 'items')?.backends
const weight =
  (more: object = {}) =>
  (view: ClusterView) =>
    planWeight(view, weights(10, more), only)

describe('a rule that divides its requests between a version of the catalog and another application', () => {
  const shared = [to('orders', 90), to('catalog-v1', 10)]
  it('is not changed, and the others are offered', () => {
    assert.throws(
      () => weight()(given(...shared)),
      (error: CanaryError) =>
        /also sends requests to orders/.test(error.message) && error.hints.at(-1)!.endsWith('--route all'),
    )
  })
  it('keeps its backends where the others are chosen', () => {
    const chosen = weight({ stable: 'v1', choice: { routes: ['all'], objects: [] } })
    for (const backends of [shared, [to('orders', 90), to('catalog', 10)]])
      assert.deepEqual(itemsIn(after(given(...backends), chosen)), backends)
  })
})

describe('a backend of another application that gets nothing', () => {
  it('stays, behind those of the service', () => {
    const idle = to('orders', 0)
    const view = given(idle, to('catalog-v1', 100))
    const canary = after(view, weight())
    assert.deepEqual(itemsIn(canary), [to('catalog-v1', 90), to('catalog-v2', 10), idle])
    const promoted = after(canary, now => planPromote(now, { target, version: 'v2', force: false }, only))
    assert.deepEqual(itemsIn(promoted), [to('catalog-v2'), idle])
    assert.deepEqual(itemsIn(after(canary, now => planAbort(now, { target }, only))), itemsIn(view))
  })
})

describe('a rule that leads to all versions and to one by its own Service', () => {
  it('is turned to stable by a cohort only as far as it leads to all', () => {
    for (const [first, backends] of [
      [
        [to('catalog', 30), to('catalog-v2', 70)],
        [to('catalog-v2', 70), to('catalog-v1', 30)],
      ],
      [
        [to('catalog', 1), to('catalog-v1', 1), to('catalog-v2', 2)],
        [to('catalog-v1', 2), to('catalog-v2', 2)],
      ],
    ] as const) {
      const later = after(given(...first), view =>
        planCohort(view, cohort('internal', { stable: 'v1' }), only),
      )
      assert.deepEqual(itemsIn(later), backends)
    }
  })
})
