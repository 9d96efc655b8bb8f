import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import {
  abortEdit,
  backendsIn,
  cohortEdit,
  edited,
  refusalOf,
  routeIn,
  viewOf,
  weightEdit,
} from '../edits.ts'
import { around, catalogRoute, to } from '../shop.ts'

const tagged = (tag: string, weight: number, name = 'catalog-v1'): object => ({
  ...to(name, weight),
  filters: [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-tag', value: tag }] } },
  ],
})
const given = (...backendRefs: readonly object[]): ClusterView => viewOf(catalogRoute([{ backendRefs }]))

describe('several backends for one Service', () => {
  it('all stay, and divide the share of the Service as before', () => {
    const v2 = to('catalog-v2', 0)
    const view = given(tagged('a', 30), v2, tagged('b', 60))
    const later = edited(view, weightEdit(10))
    assert.deepEqual(backendsIn(later)[0], [tagged('a', 30), to('catalog-v2', 10), tagged('b', 60)])
    assert.deepEqual(routeIn(edited(later, weightEdit(10))), routeIn(later))
    assert.deepEqual(backendsIn(edited(later, weightEdit(50)))[0], [
      tagged('a', 50),
      to('catalog-v2', 150),
      tagged('b', 100),
    ])
    assert.deepEqual(routeIn(edited(later, weightEdit(50), abortEdit)), routeIn(view))
  })
  it('stay as they are where they have all requests', () => {
    const own = [tagged('a', 1), tagged('b', 2)]
    const view = given(...own, to('catalog-v2', 1))
    assert.deepEqual(backendsIn(edited(given(...own), weightEdit(0)))[0], own)
    const alone = [tagged('a', 100), tagged('b', 200)]
    assert.deepEqual(backendsIn(edited(view, weightEdit(0, { stable: 'v1' })))[0], alone)
  })
  it('come back as they were when their Service gets requests again', () => {
    const view = given(tagged('a', 1), tagged('b', 3), to('catalog-v2', 0))
    const back = backendsIn(edited(view, weightEdit(100), weightEdit(20)))[0] as readonly object[]
    assert.deepEqual(new Set(back), new Set([tagged('a', 20), tagged('b', 60), to('catalog-v2', 20)]))
  })
  it('divide a share in equal parts where they had none', () => {
    const view = given(tagged('a', 0), tagged('b', 0))
    assert.deepEqual(backendsIn(edited(view, weightEdit(10, { stable: 'v1' })))[0], [
      tagged('a', 45),
      tagged('b', 45),
      tagged('a', 5, 'catalog-v2'),
      tagged('b', 5, 'catalog-v2'),
    ])
  })
  it('are refused where the weights would be more than the API takes', () => {
    const view = given(tagged('a', 999_983), tagged('b', 999_979))
    const error = refusalOf(view, weightEdit(10))
    assert.match(
      error.message,
      /HTTPRoute shop\/catalog spec\.rules\[0\] has several backends for one Service/,
    )
    assert.equal(error.code, 'refused')
  })
})

describe('copies of several backends', () => {
  it('are all copied for a version that is new in the rule, but for one without requests', () => {
    const view = given(tagged('a', 1), tagged('b', 3), tagged('c', 0))
    assert.deepEqual(backendsIn(edited(view, weightEdit(20)))[0], [
      tagged('a', 20),
      tagged('b', 60),
      tagged('c', 0),
      tagged('a', 5, 'catalog-v2'),
      tagged('b', 15, 'catalog-v2'),
    ])
    assert.deepEqual(backendsIn(edited(view, cohortEdit('a')))[1], [
      tagged('a', 25, 'catalog-v2'),
      tagged('b', 75, 'catalog-v2'),
    ])
  })
  it('are all copied where the Service of all versions is replaced by the stable one', () => {
    const view = given(tagged('a', 1, 'catalog'), tagged('b', 1, 'catalog'))
    assert.deepEqual(backendsIn(edited(view, cohortEdit('a', { stable: 'v1' })))[0], [
      tagged('a', 1),
      tagged('b', 1),
    ])
  })
})

describe('a version that gets requests again', () => {
  it('has its own fields, and not those of another version', () => {
    const filters = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x-debug'] } }]
    const view = viewOf(
      catalogRoute([{ backendRefs: [{ ...to('catalog-v1'), filters }, to('catalog-v2', 0)] }]),
    )
    const back = backendsIn(edited(view, weightEdit(100), weightEdit(20)))[0] as readonly object[]
    assert.deepEqual(new Set(back), new Set([{ ...to('catalog-v1', 80), filters }, to('catalog-v2', 20)]))
  })
})

describe('Services that only their routes show to be versions of one', () => {
  const named = (name: string): KubeObject =>
    ({
      ...around[0]!,
      metadata: { name, namespace: 'shop' },
      spec: { selector: { app: 'hello', name }, ports: [{ port: 80 }] },
    }) as KubeObject
  const asked = { target: { namespace: 'shop', service: 'hello', command: 'weight' } }
  const share = (percent: number) =>
    weightEdit(percent, { ...asked, weights: new Map([['hello-canary', percent]]), stable: 'hello' })
  const world = (...own: readonly object[]): ClusterView =>
    viewOf(
      named('hello'),
      named('hello-canary'),
      catalogRoute([{ backendRefs: [...own, to('hello-canary', 0)] }]),
    )
  it('stay in the rule, also where they get nothing', () => {
    const all = edited(world(to('hello', 1)), share(100))
    assert.deepEqual(backendsIn(all)[0], [to('hello', 0), to('hello-canary', 100)])
  })
  it('divide their share as before the canary when they get requests again', () => {
    const view = world(tagged('a', 1, 'hello'), tagged('b', 3, 'hello'))
    const all = edited(view, share(100))
    assert.deepEqual(backendsIn(all)[0], [
      tagged('a', 0, 'hello'),
      tagged('b', 0, 'hello'),
      to('hello-canary', 100),
    ])
    assert.deepEqual(backendsIn(edited(all, share(20)))[0], [
      tagged('a', 20, 'hello'),
      tagged('b', 60, 'hello'),
      to('hello-canary', 20),
    ])
  })
})
