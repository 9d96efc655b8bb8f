import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import { endCanary, startCohort, startSplit } from '../../../../shared/providers/istio/edit/canary.ts'
import { withRecord } from '../../../../shared/routing/record/write-record.ts'
import { withStableOf } from '../../../../shared/providers/istio/edit/annotations/stable.ts'
import { cohortsAnnotation } from '../../../../shared/routing/record/record.ts'
import { recordOf } from '../../../../shared/providers/istio/read/record/record.ts'
import { defaultCondition } from '../../../../shared/routing/condition.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const stableKey = 'kubectl-canary/stable'
const to = (host: string, subset = 'v1'): HttpRoute => ({ route: [{ destination: { host, subset } }] })
const routing = (
  annotations: Readonly<Record<string, string>> | undefined,
  ...http: readonly HttpRoute[]
): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop', ...(annotations === undefined ? {} : { annotations }) },
    spec: { hosts: ['catalog'], http: http.length > 0 ? http : [to('catalog')] },
  })
const stableIn = ({ metadata }: VirtualService) => metadata.annotations?.[stableKey]

describe('the stable version', () => {
  const two = [to('catalog'), to('orders')]
  it('is written alone where the VirtualService routes one service, else with its name', () => {
    assert.equal(stableIn(withStableOf(routing(undefined), service, 'v1')), 'v1')
    assert.equal(stableIn(withStableOf(routing(undefined, ...two), service, 'v1')), 'catalog=v1')
    const elsewhere = { ...service, namespace: 'web' }
    assert.equal(stableIn(withStableOf(routing(undefined, ...two), elsewhere, 'v1')), 'catalog.web=v1')
  })
  it('is written beside that of another service, which stays', () => {
    const others = { [stableKey]: 'orders=v3' }
    assert.equal(stableIn(withStableOf(routing(others), service, 'v1')), 'orders=v3,catalog=v1')
    assert.equal(stableIn(withStableOf(routing(others, ...two), service, 'v1')), 'orders=v3,catalog=v1')
    const both = { [stableKey]: 'orders=v3,catalog=v1' }
    assert.equal(stableIn(withStableOf(routing(both, ...two), service, undefined)), 'orders=v3')
  })
  it('takes the place of one that is for all services', () => {
    assert.equal(stableIn(withStableOf(routing({ [stableKey]: 'v1' }, ...two), service, 'v2')), 'v2')
    assert.equal(
      stableIn(withStableOf(routing({ [stableKey]: 'v1' }, ...two), service, undefined)),
      undefined,
    )
  })
  it('is removed by whichever name it was written', () => {
    for (const name of ['catalog', 'catalog.shop'])
      assert.equal(
        stableIn(withStableOf(routing({ [stableKey]: `${name}=v1` }), service, undefined)),
        undefined,
      )
    assert.equal(stableIn(withStableOf(routing({ [stableKey]: 'catalog.shop=v1' }), service, 'v2')), 'v2')
  })
})

describe('the record of cohorts', () => {
  it('leaves out the default condition, and is read with it', () => {
    const cohort = { service: 'catalog.shop', name: 'internal', to: 'v2', routes: ['r'] }
    const when = [defaultCondition('internal')]
    const object = withRecord(routing(undefined), { cohorts: [{ ...cohort, when }] })
    assert.deepEqual(JSON.parse(object.metadata.annotations![cohortsAnnotation]!), { cohorts: [cohort] })
    assert.deepEqual(recordOf(object).cohorts, [{ ...cohort, when }])
  })
  it('keeps a condition that is another cohort’s default', () => {
    const when = [defaultCondition('beta')]
    const cohort = { service: 'catalog.shop', name: 'internal', to: 'v2', routes: ['r'], when }
    const object = withRecord(routing(undefined), { cohorts: [cohort] })
    assert.deepEqual(JSON.parse(object.metadata.annotations![cohortsAnnotation]!), { cohorts: [cohort] })
  })
  it('goes when nothing is in it, and takes along the annotations that it made', () => {
    const cohorts = [{ service: 'catalog.shop', name: 'a', to: 'v2', routes: [], when: [] }]
    for (const annotations of [undefined, {}, { note: 'x' }]) {
      const object = routing(annotations)
      const during = withRecord(object, { cohorts })
      assert.ok(during.metadata.annotations![cohortsAnnotation] !== undefined)
      assert.deepEqual(withRecord(during, { ...recordOf(during), cohorts: [] }), object)
    }
  })
})

describe('annotations that are there and hold nothing', () => {
  const parts = [
    { subset: 'v1', weight: 90 },
    { subset: 'v2', weight: 10 },
  ]
  const stable = { version: 'v1', subset: 'v1' }
  const over = (object: VirtualService): VirtualService =>
    endCanary(object, {
      split: { service, parts: [{ subset: 'v1', weight: 100 }] },
      isOver: () => true,
      isMirrorOver: () => true,
    })
  it('are there again after a split', () => {
    const object = routing({})
    const during = startSplit(object, { service, parts }, stable)
    assert.equal(stableIn(during), 'v1')
    assert.deepEqual(over(during), object)
  })
  it('are there again after a cohort and a split beside it', () => {
    const object = routing({})
    const cohort = {
      name: 'internal',
      service,
      to: { version: 'v2', subset: 'v2' },
      when: [defaultCondition('internal')],
    }
    assert.deepEqual(
      over(startCohort(startSplit(object, { service, parts }, stable), { cohort, stable })),
      object,
    )
  })
})
