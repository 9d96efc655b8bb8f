import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { route } from '../../providers/gateway-api/written-objects.ts'
import { at, mirrorTo, whole } from './rules.ts'
import { around, catalogRoute, cohort, target, to } from './shop.ts'

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

  it('leave no record where a person has removed them', () => {
    const view = mirrored(viewOf(items, whole), 100)
    const before = view.get(ref)!
    const edited = { ...before, spec: { ...before.spec, rules: [items, whole] } }
    const removed = overlay(view, [{ before, after: edited }])
    const off = planMirror(removed, { target: live, mirrors: new Map(), force: false })
    assert.deepEqual(overlay(removed, off.changes).get(ref), viewOf(items, whole).get(ref))
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

describe('the end of mirrors of an HTTPRoute', () => {
  const other = (more: object = {}): ServiceRoute => ({
    ...route('shop/other', { rules: [items], hostnames: ['other.example.com'] }),
    ...more,
  })
  const owner = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'orders',
    controller: true,
    uid: 'u1',
  }
  /** A route whose stable version a person took away. */
  const unnamed = (view: ClusterView, name = 'catalog'): ServiceRoute => {
    const { metadata, ...rest } = view.get({ ...ref, name })!
    const { 'kubectl-canary/stable': _, ...annotations } = metadata.annotations ?? {}
    return { ...rest, metadata: { ...metadata, annotations } }
  }
  const off = (view: ClusterView): ClusterView =>
    overlay(view, planMirror(view, { target: live, mirrors: new Map(), force: false }).changes)
  it('takes the record from a route that leads elsewhere by now', () => {
    const both = mirrored(snapshot([...around, catalogRoute([whole]), other()]), 100)
    const [own, moved] = [unnamed(both), unnamed(both, 'other')]
    const rules = [{ ...moved.spec!.rules![0], backendRefs: [to('orders')] }]
    const stale: ServiceRoute = { ...moved, spec: { ...moved.spec, rules } }
    const later = off(snapshot([...around, own, stale]))
    for (const name of ['catalog', 'other'])
      assert.equal(later.get({ ...ref, name })?.metadata.annotations, undefined)
  })
  it('concerns no route of other services, whoever owns it', () => {
    const metadata = { ...other().metadata, ownerReferences: [owner] }
    const owned = other({ metadata, spec: { ...other().spec, rules: [{ backendRefs: [to('orders')] }] } })
    const view = mirrored(snapshot([...around, catalogRoute([whole]), owned]), 100)
    const ended = off(snapshot([...around, unnamed(view), owned])).get(ref)
    assert.deepEqual(ended?.spec, catalogRoute([whole]).spec)
  })
  it('concerns a route that has only the record, which no other edit does', () => {
    const annotations = { 'kubectl-canary/stable': 'catalog=v1' }
    const metadata = { ...other().metadata, ownerReferences: [owner], annotations }
    const owned = other({ metadata, spec: { ...other().spec, rules: [{ backendRefs: [to('orders')] }] } })
    const view = snapshot([...around, catalogRoute([whole]), owned])
    assert.notDeepEqual(mirrored(view, 100).get(ref), view.get(ref))
    const set = planCohort(view, cohort('a', { target: live })).changes
    const gone = planRemoveCohort(overlay(view, set), { target: live, name: 'a' }).changes
    assert.deepEqual(overlay(overlay(view, set), gone).get(ref), view.get(ref))
  })
})
