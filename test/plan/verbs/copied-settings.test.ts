import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { around, catalogRoute, cohort, target, to } from '../gateway-api/shop.ts'

const live = { ...target, live: true }
const weight = (view: ClusterView, v2 = 10): Plan =>
  planWeight(view, { target: live, weights: new Map([['v2', v2]]), force: false })
const setCohort = (view: ClusterView): Plan => planCohort(view, cohort('a', { target: live }))
const copiedBy = ({ notes }: Plan): readonly unknown[] =>
  notes.flatMap(note =>
    note.kind === 'settings-copied' ? [[note.version, note.from, note.field, note.places]] : [],
  )
const after = (view: ClusterView, plan: Plan): ClusterView => overlay(view, plan.changes)

describe('filters of a backend', () => {
  const filters = [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'env', value: 'v1' }] } },
  ]
  const view = snapshot([...around, catalogRoute([{ backendRefs: [{ ...to('catalog-v1'), filters }] }])])
  it('are told where an edit copies them for another version, once', () => {
    const plan = weight(view)
    assert.deepEqual(copiedBy(plan), [['v2', 'v1', 'filters', ['spec.rules[0].backendRefs[1]']]])
    assert.deepEqual(copiedBy(weight(after(view, plan), 20)), [])
    assert.deepEqual(copiedBy(setCohort(view)), [['v2', 'v1', 'filters', ['spec.rules[1].backendRefs[0]']]])
  })
})

const headers = { response: { set: { 'x-version': 'v1' } } }
const ref = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' } as const
const routed = (...route: readonly object[]): ClusterView =>
  snapshot([
    ...around,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'catalog', namespace: 'shop' },
      spec: {
        host: 'catalog',
        subsets: ['v1', 'v2', 'v3'].map(name => ({ name, labels: { version: name } })),
      },
    } as KubeObject,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'catalog', namespace: 'shop' },
      spec: { hosts: ['catalog'], http: [{ route }] },
    } as KubeObject,
  ])
const v1 = { destination: { host: 'catalog', subset: 'v1' } }

describe('headers of a destination', () => {
  it('are told where an edit copies them for another version', () => {
    const view = routed({ ...v1, headers })
    assert.deepEqual(copiedBy(weight(view)), [['v2', 'v1', 'headers', ['spec.http[0].route[1]']]])
    assert.deepEqual(copiedBy(weight(after(view, weight(view)), 20)), [])
    assert.deepEqual(copiedBy(setCohort(view)), [['v2', 'v1', 'headers', ['spec.http[0].route[0]']]])
  })
})

describe('headers of a destination while a canary is on', () => {
  it('are told beside the cookie of a sticky split', () => {
    const view = routed({ ...v1, headers })
    const sticky = planWeight(view, {
      target: live,
      weights: new Map([['v2', 10]]),
      sticky: { since: '2026-08-01T12:00:00Z' },
      force: false,
    })
    assert.deepEqual(copiedBy(sticky), [
      ['v2', 'v1', 'headers', ['spec.http[0].route[0]', 'spec.http[2].route[1]']],
    ])
    assert.deepEqual(copiedBy(weight(after(view, sticky), 20)), [])
  })
  it('are those of a version that a split removed, and are not told, where it comes back', () => {
    const two = { destination: { host: 'catalog', subset: 'v2' }, weight: 20, headers }
    const view = routed({ ...v1, weight: 80 }, two)
    const to = (from: ClusterView, shares: Readonly<Record<string, number>>): Plan =>
      planWeight(from, { target, weights: new Map(Object.entries(shares)), stable: 'v1', force: false })
    const without = after(view, to(view, { v3: 20 }))
    const back = to(without, { v2: 30 })
    const written = after(without, back).get(ref)!.spec.http![0]!.route!
    assert.deepEqual(
      written.find(({ destination }) => destination.subset === 'v2'),
      { ...two, weight: 30 },
    )
    assert.deepEqual(copiedBy(back), [])
    assert.deepEqual(after(without, planAbort(without, { target })).get(ref)!.metadata.annotations, undefined)
  })
  it('are not told where there are none', () => {
    assert.deepEqual(copiedBy(weight(routed(v1))), [])
  })
})
