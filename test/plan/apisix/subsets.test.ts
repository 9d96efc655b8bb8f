import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixBackend } from '../../../shared/objects/apisix/apisix-route.ts'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { re2 } from '../../routing/requests.ts'
import { apisixRoute, apisixUpstream, around, cohort, target, to, weights } from './shop.ts'

const only = [apisix]
const match = { hosts: ['shop.example.com'], paths: ['/*'] }
const ref = { kind: 'ApisixRoute', namespace: 'shop', name: 'catalog' } as const

const upstream = (name: string, subsets: Readonly<Record<string, Labels>>): KubeObject =>
  apisixUpstream(name, { subsets: Object.entries(subsets).map(([name, labels]) => ({ name, labels })) })

const shopOf = (backends: readonly ApisixBackend[], ...more: readonly KubeObject[]) =>
  snapshot([...around, ...more, apisixRoute('catalog', [{ name: 'all', match, backends }])])

/** The backends of the only rule after `weight catalog v2=10`. */
function weighed(view: ReturnType<typeof shopOf>): readonly ApisixBackend[] | undefined {
  return overlay(view, planWeight(view, weights(10), only).changes).get(ref)?.spec?.http?.[0]?.backends
}

describe('a backend with a subset of its ApisixUpstream', () => {
  const eu = { ...to('catalog-v1'), subset: 'eu' }
  const zone = { eu: { zone: 'eu' } }

  it('keeps it, and the backend of another version has the subset of the same name', () => {
    const view = shopOf([eu], upstream('catalog-v1', zone), upstream('catalog-v2', zone))
    assert.deepEqual(weighed(view), [
      { ...eu, weight: 90 },
      { ...to('catalog-v2', 10), subset: 'eu' },
    ])
  })

  it('of two versions is divided by weights', () => {
    const view = shopOf([eu, { ...to('catalog-v2', 0), subset: 'green' }])
    assert.deepEqual(weighed(view), [
      { ...eu, weight: 90 },
      { ...to('catalog-v2', 10), subset: 'green' },
    ])
  })

  it('is refused where the Service of another version has none of that name', () => {
    for (const objects of [[upstream('catalog-v1', zone)], []])
      assert.throws(() => weighed(shopOf([eu], ...objects)), {
        code: 'refused',
        message: /subset eu of Service catalog-v1, which Service catalog-v2 does not have/,
      })
  })
})

describe('a backend whose subset is one version of the whole Service', () => {
  const versions = upstream('catalog', {
    one: { app: 'catalog', version: 'v1' },
    two: { app: 'catalog', version: 'v2' },
  })
  const whole = { ...to('catalog'), subset: 'one' }

  it('leads to that version, and a split leads to the Services of the versions, until it ends', () => {
    const view = shopOf([whole], versions)
    const { traffic, changes } = planWeight(view, weights(10, { stable: undefined }), only)
    assert.deepEqual(traffic!.before.entryPoints[0]?.splits[0]?.shares, [{ version: 'v1', percent: 100 }])
    const later = overlay(view, changes)
    assert.deepEqual(later.get(ref)?.spec?.http?.[0]?.backends, [to('catalog-v1', 90), to('catalog-v2', 10)])
    const back = overlay(later, planAbort(later, { target }, only).changes)
    assert.deepEqual(back.get(ref), view.get(ref))
  })

  it('is not changed for a cohort', () => {
    const view = shopOf([whole], versions)
    const later = overlay(view, planCohort(view, cohort(), only).changes)
    const [base, copy] = later.get(ref)?.spec?.http ?? []
    assert.deepEqual([base?.backends, copy?.backends], [[whole], [to('catalog-v2')]])
  })
})

describe('a backend whose subset is a version', () => {
  const view = shopOf(
    [{ ...to('catalog'), subset: 'first' }],
    upstream('catalog', { first: { version: 'v1' } }),
  )

  it('stays at an abort of nothing', () => {
    assert.deepEqual(planAbort(view, { target }, only).changes, [])
  })

  it('is that version for a single request, too', () => {
    const caller = {
      kind: 'gateway',
      namespace: '',
      labels: { 'apisix.apache.org/ingress-class': 'apisix' },
    } as const
    const request = { caller, host: 'shop.example.com', port: 80, method: 'GET', path: '/', headers: {} }
    const session = inSession(view)
    const { destinations } = apisix.route(session, request, { regex: re2, complete: true })
    assert.deepEqual(
      destinations.map(destination => apisix.named(session, destination, { complete: true }).version),
      ['v1'],
    )
  })
})
