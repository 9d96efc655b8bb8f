import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRoute } from '../../../shared/objects/apisix/apisix-route.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apisixRoute, around, cohort, service, target, to, weights } from './shop.ts'

const only = [apisix]
const match = { hosts: ['shop.example.com'], paths: ['/*'] }
const ruled = (name: string) => apisixRoute('catalog', [{ name: 'all', match, backends: [to(name)] }])
const ref = { kind: 'ApisixRoute', namespace: 'shop', name: 'catalog' } as const

describe('a split of an ApisixRoute', () => {
  it('needs no Service for a version that gets nothing', () => {
    const without = around.filter(
      ({ kind, metadata }) => kind !== 'Service' || metadata.name !== 'catalog-v2',
    )
    const view = snapshot([...without, ruled('catalog-v1')])
    assert.deepEqual(
      planWeight(view, weights(0), only).changes.map(({ after }) => after?.kind),
      ['ApisixRoute'],
    )
  })
})

describe('a version that gets requests again by an ApisixRoute', () => {
  it('has its own fields, and not those of another version', () => {
    const own = { ...to('catalog-v1'), resolveGranularity: 'service' }
    const backends = [
      { ...own, weight: 100 },
      { ...to('catalog-v2'), weight: 0 },
    ]
    const view = snapshot([...around, apisixRoute('catalog', [{ name: 'all', match, backends }])])
    const moved = overlay(view, planWeight(view, weights(100), only).changes)
    const later = overlay(moved, planWeight(moved, weights(20), only).changes)
    assert.deepEqual(
      new Set(later.get(ref)?.spec?.http?.[0]?.backends),
      new Set([
        { ...own, weight: 80 },
        { ...to('catalog-v2'), weight: 20 },
      ]),
    )
  })
})

describe('a rule of an ApisixRoute that no request reaches', () => {
  it('does not matter for which version is meant', () => {
    const rules = [
      { name: 'first', match, priority: 1, backends: [to('catalog-v1')] },
      { name: 'never', match, backends: [to('catalog-v2')] },
      { name: 'other', match: { ...match, paths: ['/other'] }, backends: [to('catalog-v1')] },
    ]
    const view = snapshot([...around, apisixRoute('catalog', rules)])
    const after = planWeight(view, weights(10), only).traffic?.after
    assert.deepEqual(
      after?.entryPoints[0]?.splits.filter(({ reached }) => reached).map(({ shares }) => shares.length),
      [2, 2],
    )
  })
})

describe('rules of an ApisixRoute that have one name', () => {
  it('keep what they match at a split, and are as before at its end', () => {
    const rules = ['/*', '/a'].map(path => ({
      name: 'all',
      match: { ...match, paths: [path] },
      backends: [to('catalog-v1')],
    }))
    const view = snapshot([...around, apisixRoute('catalog', rules)])
    const later = overlay(view, planWeight(view, weights(10), only).changes)
    assert.deepEqual(
      later.get(ref)?.spec?.http?.map(rule => [rule.match?.paths, rule.backends?.length]),
      [
        [['/*'], 2],
        [['/a'], 2],
      ],
    )
    const back = overlay(later, planAbort(later, { target }, only).changes)
    assert.deepEqual(back.get(ref), apisixRoute('catalog', rules))
  })
})

describe('the abort of a cohort of an ApisixRoute', () => {
  const backAt = (...backends: readonly object[]): readonly object[] | undefined => {
    const view = snapshot([...around, apisixRoute('catalog', [{ name: 'all', match, backends }])])
    const begun = overlay(view, planCohort(view, cohort(), only).changes)
    return overlay(begun, planAbort(begun, { target }, only).changes).get(ref)?.spec?.http?.[0]?.backends
  }
  it('leaves a backend with weight 0, unless it is the first', () => {
    const [stable, idle] = [to('catalog-v1', 100), to('catalog-v2', 0)]
    assert.deepEqual(backAt(stable, idle), [stable, idle])
    assert.deepEqual(backAt(idle, stable), [stable])
  })
})

describe('an empty map of annotations of an ApisixRoute', () => {
  const withEmpty = (name: string) => {
    const route = ruled(name)
    return { ...route, metadata: { ...route.metadata, annotations: {} } }
  }
  it('is back after a split, and stays with init', () => {
    const view = snapshot([...around, withEmpty('catalog-v1')])
    const later = overlay(view, planWeight(view, weights(10), only).changes)
    const back = overlay(later, planAbort(later, { target }, only).changes)
    assert.deepEqual(back.get(ref), withEmpty('catalog-v1'))
    const start = { target, stable: 'v1', gateways: [], hosts: [] }
    const { changes } = planInit(snapshot([...around, withEmpty('catalog')]), start, only)
    assert.deepEqual(changes[0]?.after, withEmpty('catalog-v1'))
  })
})

describe('the promotion of a version beside which the other one stays', () => {
  const alone = [
    service('alpha', { app: 'alpha' }),
    service('beta', { app: 'beta' }),
    ...['alpha', 'beta'].map(app => {
      const labels = { app }
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: app, namespace: 'shop' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
        status: { readyReplicas: 1 },
      } as KubeObject
    }),
    apisixRoute('shop', [{ name: 'all', match, backends: [to('alpha', 90), to('beta', 10)] }]),
  ]
  it('puts it first, as a first backend without addresses leaves the rule without any', () => {
    const view = snapshot(alone)
    const named = { ...target, service: 'alpha', command: 'promote beta' }
    const { changes } = planPromote(view, { target: named, version: 'beta', force: false }, only)
    const [{ after }] = changes as [{ after: ApisixRoute }]
    assert.deepEqual(after.spec?.http?.[0]?.backends, [to('beta', 100), to('alpha', 0)])
  })
})
