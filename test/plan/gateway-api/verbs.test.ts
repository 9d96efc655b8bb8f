import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import { istio } from '../../../shared/providers/istio/provider.ts'
import { gatewayApi } from '../../../shared/providers/gateway-api/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { whole } from './rules.ts'
import { around, catalogRoute, cohort, target, to } from './shop.ts'

const live = { ...target, live: true }
const weights = (v2: number) => ({ target: live, weights: new Map([['v2', v2]]), force: false })
const viewOf = (...objects: readonly KubeObject[]): ClusterView => snapshot([...around, ...objects])
const ref = { kind: 'HTTPRoute', namespace: 'shop', name: 'catalog' } as const

/** The rules of the route as a plan leaves it. */
const rulesAfter = (view: ClusterView, plan: Plan): readonly object[] =>
  overlay(view, plan.changes).get(ref)?.spec?.rules ?? []

const refusal = (make: () => unknown): CanaryError => {
  try {
    make()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error
  }
  throw new Error('it was not refused')
}

describe('a verb on an HTTPRoute', () => {
  const auth = { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x', value: '1' }] } }
  const items = {
    name: 'items',
    matches: [{ path: { type: 'PathPrefix', value: '/items' }, method: 'GET' }],
    filters: [auth, { type: 'RequestMirror', requestMirror: { backendRef: to('orders') } }],
    backendRefs: [to('catalog-v1')],
    timeouts: { request: '5s' },
  }
  it('clones each match with all filters and timeouts for a cohort, without name and mirrors', () => {
    const view = viewOf(catalogRoute([items]))
    assert.deepEqual(rulesAfter(view, planCohort(view, cohort())).slice(1), [
      {
        matches: [
          {
            path: { type: 'PathPrefix', value: '/items' },
            method: 'GET',
            headers: [{ name: 'x-istio-cohort', value: 'internal' }],
          },
        ],
        timeouts: { request: '5s' },
        filters: [auth],
        backendRefs: [to('catalog-v2')],
      },
    ])
  })
})

describe('the end of a canary that changed no shares', () => {
  it('leaves a backend with weight 0 where it is', () => {
    const backendRefs = [to('catalog-v1', 100), to('catalog-v2', 0)]
    const view = viewOf(catalogRoute([{ backendRefs }]))
    const begun = overlay(view, planCohort(view, cohort()).changes)
    assert.deepEqual(rulesAfter(begun, planAbort(begun, { target: live })), [{ backendRefs }])
  })
})

describe('a rule for some senders at the end of a canary', () => {
  const rule = (name: string): object => ({
    matches: [{ headers: [{ name: 'x-tier', value: 'gold' }] }],
    backendRefs: [to(name)],
  })
  const movedBy = (name: string, percent: number): readonly string[] => {
    const view = viewOf(catalogRoute([rule(name), { backendRefs: [to('catalog-v1')] }]))
    const later = overlay(view, planWeight(view, weights(percent)).changes)
    return planAbort(later, { target: live }).notes.flatMap(note =>
      note.kind === 'route-moved' ? [note.place] : [],
    )
  }
  it('is told to move where it was for another version, and not where the canary divided it', () => {
    for (const percent of [10, 100]) {
      assert.deepEqual(movedBy('catalog-v2', percent), ['spec.rules[0]'])
      assert.deepEqual(movedBy('catalog-v1', percent), [])
    }
  })
})

describe('a split of an HTTPRoute', () => {
  it('writes both weights, and none for one backend alone', () => {
    const view = viewOf(catalogRoute([{ backendRefs: [to('catalog-v1')] }]))
    const later = overlay(view, planWeight(view, weights(10)).changes)
    assert.deepEqual(later.get(ref)?.spec?.rules, [
      { backendRefs: [to('catalog-v1', 90), to('catalog-v2', 10)] },
    ])
    const promoted = planPromote(later, { target: live, version: 'v2', force: false })
    assert.deepEqual(rulesAfter(later, promoted), [{ backendRefs: [to('catalog-v2')] }])
    assert.equal(overlay(later, promoted.changes).get(ref)?.metadata.annotations, undefined)
    assert.deepEqual(rulesAfter(later, planAbort(later, { target: live })), [
      { backendRefs: [to('catalog-v1')] },
    ])
  })
  it('takes a weight that is left out for 1', () => {
    const view = viewOf(catalogRoute([{ backendRefs: [to('catalog-v1', 3), to('catalog-v2')] }]))
    const [traffic] = readTraffic(view, live)
    assert.deepEqual(traffic?.entryPoints[0]?.splits[0]?.shares, [
      { version: 'v1', percent: 75 },
      { version: 'v2', percent: 25 },
    ])
  })
})

describe('a mirror of an HTTPRoute', () => {
  it('mirrors all requests without a part, and else a part that older definitions lack', () => {
    const view = viewOf(catalogRoute([{ backendRefs: [to('catalog-v1')] }]))
    const mirrored = (percent: number) =>
      rulesAfter(view, planMirror(view, { target: live, mirrors: new Map([['v2', percent]]), force: false }))
    const filters = (rules: readonly object[]) => (rules[0] as { readonly filters?: unknown }).filters
    const requestMirror = { backendRef: to('catalog-v2') }
    assert.deepEqual(filters(mirrored(100)), [{ type: 'RequestMirror', requestMirror }])
    assert.deepEqual(filters(mirrored(25)), [
      { type: 'RequestMirror', requestMirror: { ...requestMirror, percent: 25 } },
    ])
    assert.deepEqual(filters(mirrored(0.5)), [
      {
        type: 'RequestMirror',
        requestMirror: { ...requestMirror, fraction: { numerator: 5000, denominator: 1_000_000 } },
      },
    ])
  })
})

describe('an HTTPRoute to the pods of all versions', () => {
  it('turns a rule to all pods to stable, and makes a Service for a version without one', () => {
    const without = around.filter(({ metadata: { name }, kind }) => kind !== 'Service' || !/-v\d$/.test(name))
    const view = snapshot([...without, catalogRoute([{ backendRefs: [to('catalog')] }])])
    const plan = planCohort(view, { ...cohort(), stable: 'v1' })
    const later = overlay(view, plan.changes)
    assert.deepEqual(
      ['catalog-v1', 'catalog-v2'].map(
        name => later.get({ kind: 'Service', namespace: 'shop', name })?.spec.selector,
      ),
      [
        { app: 'catalog', version: 'v1' },
        { app: 'catalog', version: 'v2' },
      ],
    )
    assert.deepEqual(later.get(ref)?.spec?.rules?.[0], { backendRefs: [to('catalog-v1')] })
    assert.deepEqual(
      plan.steps.map(({ change, waits }) => [change.after?.kind, waits]),
      [
        ['Service', undefined],
        ['Service', undefined],
        ['HTTPRoute', 'served'],
      ],
    )
  })
})

describe('an edit of an HTTPRoute is refused', () => {
  it('where its cohort would take requests of a rule that goes before', () => {
    const beta = {
      matches: [{ queryParams: [{ name: 'beta', value: '1' }] }],
      backendRefs: [to('orders')],
    }
    const view = viewOf(catalogRoute([whole, beta]))
    assert.match(refusal(() => planCohort(view, cohort())).message, /would take requests from .*query beta=1/)
  })
  it('where a condition is about what the API cannot ask', () => {
    const view = viewOf(catalogRoute([whole]))
    const by = (condition: object) =>
      refusal(() => planCohort(view, cohort('internal', { conditions: [condition] })))
    assert.match(
      by({ on: 'source-label', name: 'app', value: 'web' }).message,
      /cannot tell callers by their labels/,
    )
    assert.match(by({ on: 'claim', name: 'group', match: { exact: 'a' } }).message, /cannot read claims/)
  })
  it('where it also leads to something else', () => {
    const view = viewOf(
      catalogRoute([{ backendRefs: [to('catalog-v1'), { kind: 'Pool', group: 'x.io', name: 'p' }] }]),
    )
    assert.match(refusal(() => planWeight(view, weights(10))).message, /also sends requests to Pool p/)
  })
})

describe('an edit of an HTTPRoute is refused as well', () => {
  it('where it would hold more rules than the API allows', () => {
    const paths = Array.from({ length: 9 }, (_, i) => ({
      matches: [{ path: { type: 'Exact', value: `/p${i}` } }],
      ...whole,
    }))
    const view = viewOf(catalogRoute(paths))
    assert.match(refusal(() => planCohort(view, cohort())).message, /would have 18 rules, .* allows 16/)
  })
  it('where a controller owns it', () => {
    const owned = catalogRoute([whole])
    const canary = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog', controller: true }
    const object: ServiceRoute = { ...owned, metadata: { ...owned.metadata, ownerReferences: [canary] } }
    assert.match(
      refusal(() => planWeight(viewOf(object), weights(10))).message,
      /belongs to Canary shop\/catalog/,
    )
  })
  it('where a VirtualService routes the Service, too, unless the API is chosen', () => {
    const virtualService = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'catalog', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
    } as KubeObject
    const route = catalogRoute([whole], { created: '2026-02-01T00:00:00Z' })
    const view = viewOf(virtualService, route)
    const error = refusal(() => planWeight(view, weights(10)))
    assert.match(
      error.message,
      /routed by several APIs: VirtualService shop\/catalog, HTTPRoute shop\/catalog/,
    )
    assert.match(
      error.hints.join('\n'),
      /the oldest .*: VirtualService shop\/catalog\.[^]*--provider gateway-api/,
    )
    const chosen = planWeight(view, weights(10), [gatewayApi])
    assert.deepEqual(
      chosen.changes.map(({ after }) => after?.kind),
      ['HTTPRoute'],
    )
    assert.equal(readTraffic(view, live).length, 2)
  })
})

describe('the API that is chosen', () => {
  it('is refused where another one routes the Service, and it does not', () => {
    const view = viewOf(catalogRoute([whole]))
    const chosen = { ...live, command: 'weight v2=10 --provider istio -n shop' }
    const error = refusal(() => planWeight(view, { ...weights(10), target: chosen }, [istio]))
    assert.match(error.message, /no object of istio routes catalog: HTTPRoute shop\/catalog does/)
    assert.deepEqual(error.hints, ['Leave out --provider: kubectl canary weight v2=10 -n shop'])
  })
})

describe('init by the Gateway API', () => {
  it('gives callers in the mesh a route that takes everything, and gateways one for their hosts', () => {
    const view = viewOf()
    const init = (more: object) =>
      planInit(view, { target: live, stable: 'v1', gateways: [], hosts: [], ...more }, [gatewayApi])
    const spec = (plan: Plan) => plan.changes.map(({ after }) => (after as ServiceRoute).spec)
    assert.deepEqual(spec(init({})), [
      {
        parentRefs: [{ group: '', kind: 'Service', name: 'catalog' }],
        rules: [{ backendRefs: [to('catalog-v1')] }],
      },
    ])
    assert.deepEqual(spec(init({ gateways: ['infra/gw'], hosts: ['a.example.com'] })), [
      {
        parentRefs: [{ namespace: 'infra', name: 'gw' }],
        hostnames: ['a.example.com'],
        rules: [{ backendRefs: [to('catalog-v1')] }],
      },
    ])
  })
})
