import assert from 'node:assert/strict'
import { formatNote } from '../../../plugin/print/notes.ts'
import { describe, it } from 'node:test'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { CohortIntent } from '../../../shared/plan/intent.ts'
import { cohortsIn } from '../../../shared/routing/record/record.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent, routeNamed, split, target, weights } from '../intents.ts'
import { catalog, fromGateway, inMesh, namespace, toSubset, virtualService } from '../worlds.ts'

const set = (view: ClusterView, more: Partial<CohortIntent> = {}, to = 'v2'): ClusterView =>
  apply(view, planCohort(view, cohortIntent('internal', to, more)))
const recordIn = (view: ClusterView, name = 'catalog-mesh') =>
  cohortsIn(routeNamed(view, name), { name: 'catalog', namespace, clusterDomain: 'cluster.local' })[0]!
const gold: Condition = { on: 'header', name: 'x-tenant', match: { exact: 'gold' } }
const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }

const first = set(snapshot(catalog()), {
  conditions: [gold],
  until: '2026-01-03T00:00:00Z',
  reason: 'tryout',
})

describe('a cohort that is set again', () => {
  it('keeps the conditions, the end and the reason that are not given, and its beginning', () => {
    const again = set(first, { since: '2026-01-02T00:00:00Z' })
    assert.deepEqual(recordIn(again), recordIn(first))
    assert.deepEqual(recordIn(again).when, [gold])
  })
  it('takes what is given, and all conditions where one is', () => {
    const { when, until, reason } = recordIn(
      set(first, {
        conditions: [{ ...gold, name: 'x-other' }],
        until: '2026-02-01T00:00:00Z',
        reason: 'other',
      }),
    )
    assert.deepEqual(
      { when, until, reason },
      {
        when: [{ ...gold, name: 'x-other' }],
        until: '2026-02-01T00:00:00Z',
        reason: 'other',
      },
    )
  })
  it('begins anew for another version or for other conditions', () => {
    const since = '2026-01-02T00:00:00Z'
    assert.equal(recordIn(set(first, { since, stable: 'v2' }, 'v1')).since, since)
    assert.equal(recordIn(set(first, { since, conditions: [fromTill] })).since, since)
  })
  it('keeps an end that is given again a few seconds later', () => {
    assert.equal(recordIn(set(first, { until: '2026-01-03T00:00:30Z' })).until, '2026-01-03T00:00:00Z')
    assert.equal(recordIn(set(first, { until: '2026-01-03T00:02:00Z' })).until, '2026-01-03T00:02:00Z')
  })
})

describe('a cohort that is set again among others', () => {
  it('keeps its place among other cohorts', () => {
    const names = (view: ClusterView) => routeNamed(view, 'catalog-mesh').spec.http!.map(({ name }) => name)
    const both = apply(first, planCohort(first, cohortIntent('beta')))
    assert.deepEqual(names(both), ['canary-catalog-internal-1', 'canary-catalog-beta-1', undefined])
    assert.deepEqual(planCohort(both, cohortIntent()).changes, [])
    assert.deepEqual(names(set(both, { conditions: [{ ...gold, name: 'x-other' }] })), names(both))
  })
  it('loses the route whose base route somebody has deleted at the end', () => {
    const items = { match: [{ uri: { prefix: '/items' } }], ...toSubset('version-v1') }
    const view = set(snapshot([...catalog().slice(0, 4), inMesh(items, toSubset('version-v1'))]))
    const before = routeNamed(view, 'catalog-mesh')
    assert.equal(before.spec.http!.length, 4)
    const after = { ...before, spec: { ...before.spec, http: before.spec.http!.slice(0, 3) } }
    const { http } = routeNamed(set(overlay(view, [{ before, after }])), 'catalog-mesh').spec
    assert.deepEqual(http, before.spec.http!.slice(0, 2))
  })
  it('may be for callers by label instead, and for a header again', () => {
    const labelled = set(first, { conditions: [fromTill] })
    assert.deepEqual(recordIn(labelled).when, [fromTill])
    assert.deepEqual(recordIn(set(labelled, { conditions: [gold] })).when, [gold])
  })
  it('is said to get nothing at a gateway where it keeps a condition of callers by label', () => {
    const view = set(snapshot(catalog()), { conditions: [fromTill] })
    const note =
      'VirtualService istioinaction/catalog-vs-from-gw is for gateways only, where callers have no labels: cohort internal gets no requests there.'
    assert.deepEqual(planCohort(view, cohortIntent()).notes.map(formatNote), [note])
    assert.deepEqual(planCohort(view, cohortIntent('internal', 'v2', { conditions: [gold] })).notes, [])
  })
})

describe('a cohort of callers by label', () => {
  const block = (gateways: readonly string[], prefix: string) => ({ uri: { prefix }, gateways })
  it('is for the blocks of the mesh alone, and those are without gateways', () => {
    const view = snapshot([
      ...catalog().slice(0, 4),
      virtualService('catalog-mesh', {
        hosts: ['catalog'],
        gateways: ['mesh', 'gw'],
        http: [
          {
            match: [block(['gw'], '/a'), block(['gw', 'mesh'], '/b'), block(['mesh'], '/c')],
            ...toSubset('version-v1'),
          },
          toSubset('version-v1'),
        ],
      }),
    ])
    const [copy] = routeNamed(set(view, { conditions: [fromTill] }), 'catalog-mesh').spec.http!
    assert.deepEqual(copy!.match, [
      { uri: { prefix: '/b' }, sourceLabels: { app: 'till' } },
      { uri: { prefix: '/c' }, sourceLabels: { app: 'till' } },
    ])
    assert.deepEqual(planCohort(set(view, { conditions: [fromTill] }), cohortIntent()).notes, [])
  })
  it('is refused where all routes are for gateways', () => {
    const view = snapshot([...catalog().slice(0, 4), fromGateway()])
    assert.throws(() => set(view, { conditions: [fromTill] }), /would get no requests/)
  })
})

describe('a stable version that was written down for a split', () => {
  it('stays when the last cohort goes', () => {
    const view = snapshot(catalog())
    const weighed = apply(view, planWeight(view, weights(['v2', 10])))
    const both = set(weighed)
    const left = apply(both, planRemoveCohort(both, { target, name: 'internal' }))
    assert.deepEqual(routeNamed(left, 'catalog-mesh'), routeNamed(weighed, 'catalog-mesh'))
    assert.deepEqual(split(left, 'catalog-mesh'), ['version-v1=90 version-v2=10'])
  })
})
