import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { at, mirrorTo, whole } from './rules.ts'
import { around, catalogRoute, target } from './shop.ts'

const live = { ...target, live: true }
const ref = { kind: 'HTTPRoute', namespace: 'shop', name: 'catalog' } as const
const viewOf = (...rules: readonly object[]): ClusterView => snapshot([...around, catalogRoute(rules)])
const mirrored = (view: ClusterView, percent: number): ClusterView =>
  overlay(view, planMirror(view, { target: live, mirrors: new Map([['v2', percent]]), force: false }).changes)
const filtersIn = (view: ClusterView): readonly unknown[] =>
  view.get(ref)!.spec!.rules!.map(rule => Reflect.get(rule, 'filters') as unknown)

const items = at('/items')
const byHand = { ...items, filters: [mirrorTo('orders')] }

describe('mirrors of an HTTPRoute that kubectl canary sets', () => {
  it('get another part where they are set again, and stay beside those of others', () => {
    const view = mirrored(mirrored(viewOf(byHand, whole), 100), 25)
    assert.deepEqual(filtersIn(view), [
      [mirrorTo('orders'), mirrorTo('catalog-v2', { percent: 25 })],
      [mirrorTo('catalog-v2', { percent: 25 })],
    ])
  })

  it('go with an abort, after which the route is as it was', () => {
    const before = viewOf(byHand, whole)
    const view = mirrored(before, 100)
    const after = overlay(view, planAbort(view, { target: live }).changes)
    assert.deepEqual(after.get(ref), before.get(ref))
  })

  it('go where none is wanted any more, and leave those of others', () => {
    const view = mirrored(viewOf(byHand, whole), 100)
    const off = planMirror(view, { target: live, mirrors: new Map([['v2', 0]]), force: false })
    assert.deepEqual(filtersIn(overlay(view, off.changes)), [[mirrorTo('orders')], undefined])
  })
})

describe('a version of an HTTPRoute without a Service', () => {
  it('gets one also for a share of 1 %', () => {
    const without = around.filter(
      ({ metadata: { name }, kind }) => kind !== 'Service' || name !== 'catalog-v2',
    )
    const view = snapshot([...without, catalogRoute([whole])])
    const { changes } = planWeight(view, { target: live, weights: new Map([['v2', 1]]), force: false })
    assert.deepEqual(
      changes.map(({ before, after }) => [after?.kind, after?.metadata.name, before === undefined]),
      [
        ['Service', 'catalog-v2', true],
        ['HTTPRoute', 'catalog', false],
      ],
    )
  })
})
