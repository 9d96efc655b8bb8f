import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
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

describe('headers of a destination', () => {
  const headers = { response: { set: { 'x-version': 'v1' } } }
  const routed = (destination: object): ClusterView =>
    snapshot([
      ...around,
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'catalog', namespace: 'shop' },
        spec: {
          host: 'catalog',
          subsets: ['v1', 'v2'].map(name => ({ name, labels: { version: name } })),
        },
      } as KubeObject,
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'catalog', namespace: 'shop' },
        spec: { hosts: ['catalog'], http: [{ route: [destination] }] },
      } as KubeObject,
    ])
  const v1 = { destination: { host: 'catalog', subset: 'v1' } }
  it('are told where an edit copies them for another version', () => {
    const view = routed({ ...v1, headers })
    assert.deepEqual(copiedBy(weight(view)), [['v2', 'v1', 'headers', ['spec.http[0].route[1]']]])
    assert.deepEqual(copiedBy(weight(after(view, weight(view)), 20)), [])
    assert.deepEqual(copiedBy(setCohort(view)), [['v2', 'v1', 'headers', ['spec.http[0].route[0]']]])
  })
  it('are not told where there are none', () => {
    assert.deepEqual(copiedBy(weight(routed(v1))), [])
  })
})
