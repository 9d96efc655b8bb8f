import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '../../../shared/objects/core.ts'
import type { RouteRule, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { gatewayApi } from '../../../shared/providers/gateway-api/provider.ts'
import { cohortsIn } from '../../../shared/routing/record/record.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { route } from '../../providers/gateway-api/written-objects.ts'
import {
  abortEdit,
  cohortEdit,
  cohortEnd,
  edited,
  refusalOf,
  routeIn,
  rulesIn,
  viewOf,
  weightEdit,
} from './edits.ts'
import { at, whole, withHeader } from './rules.ts'
import { catalogRoute, to } from './shop.ts'

const byHeader = (name: string, value = '1') => ({ on: 'header', name, match: { exact: value } }) as const
const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const recorded = (view: ClusterView) => cohortsIn(routeIn(view), service)
const namesIn = (view: ClusterView): readonly string[] => recorded(view).map(({ name }) => name)
/** By which header each rule singles out its requests, and where they are sent. */
const rulesBy = (view: ClusterView): readonly string[] =>
  rulesIn(view).map(({ matches, backendRefs }) =>
    [
      ...(matches?.[0]?.headers ?? []).map(({ value }) => value),
      ...(backendRefs ?? []).map(({ name, weight }) => (weight === undefined ? name : `${name}=${weight}`)),
    ].join(' '),
  )

const three = edited(viewOf(catalogRoute([whole])), cohortEdit('a'), cohortEdit('b'), cohortEdit('c'))
describe('the cohorts of an HTTPRoute', () => {
  it('come after each other, or before the one that is named', () => {
    assert.deepEqual(namesIn(three), ['a', 'b', 'c'])
    assert.deepEqual(rulesBy(three), ['catalog-v1', 'a catalog-v2', 'b catalog-v2', 'c catalog-v2'])
    const more = edited(three, cohortEdit('d', { before: 'b' }), cohortEdit('e', { before: 'a' }))
    assert.deepEqual(namesIn(more), ['e', 'a', 'd', 'b', 'c'])
    assert.deepEqual(
      rulesBy(more).map(text => text[0]),
      ['c', 'e', 'a', 'd', 'b', 'c'],
    )
  })
  it('ask what the rule asks, and have nothing that it has not', () => {
    assert.deepEqual(rulesIn(three)[1], {
      matches: [
        {
          path: { type: 'PathPrefix', value: '/' },
          headers: [{ name: 'x-istio-cohort', value: 'a' }],
        },
      ],
      backendRefs: [to('catalog-v2')],
    })
  })
  it('come before one whose rules were moved to the front', () => {
    const begun = routeIn(edited(viewOf(catalogRoute([whole])), cohortEdit('a')))
    const moved = { ...begun, spec: { ...begun.spec, rules: begun.spec!.rules!.toReversed() } }
    const later = edited(viewOf(moved), cohortEdit('b', { before: 'a' }))
    assert.deepEqual(rulesBy(later), ['b catalog-v2', 'a catalog-v2', 'catalog-v1'])
  })
  it('come before all rules of one, wherever these were moved', () => {
    const begun = routeIn(edited(viewOf(catalogRoute([at('/items'), at('/')])), cohortEdit('a')))
    const [items, all, ...copies] = begun.spec!.rules!
    const moved = { ...begun, spec: { ...begun.spec, rules: [items!, all!, ...copies.toReversed()] } }
    const later = edited(viewOf(moved), cohortEdit('b', { before: 'a' }))
    assert.deepEqual(
      rulesBy(later).map(text => text[0]),
      ['c', 'c', 'b', 'b', 'a', 'a'],
    )
  })
  it('have a rule for each rule of the service but those of other cohorts and of other services', () => {
    const rules = [at('/items'), at('/orders', { backendRefs: [to('orders')] }), at('/')]
    const later = edited(viewOf(catalogRoute(rules)), cohortEdit('a'), cohortEdit('b'))
    assert.deepEqual(rulesIn(later).slice(0, 3), rules)
    assert.deepEqual(rulesBy(later).slice(3), [
      'a catalog-v2',
      'a catalog-v2',
      'b catalog-v2',
      'b catalog-v2',
    ])
  })
})

describe('cohorts that are set again or taken away', () => {
  it('leave one of another service with the same name alone', () => {
    const begun = routeIn(edited(viewOf(catalogRoute([whole])), cohortEdit('a')))
    const key = 'kubectl-canary/cohorts'
    const text = begun.metadata.annotations![key]!.replaceAll('catalog.shop', 'orders.shop')
    const [base, theirs] = begun.spec!.rules!
    const rules = [base, { ...theirs, backendRefs: [to('orders')] }] as readonly RouteRule[]
    const changed: ServiceRoute = {
      ...begun,
      metadata: { ...begun.metadata, annotations: { [key]: text } },
      spec: { ...begun.spec, rules },
    }
    const view = viewOf(changed)
    const own = cohortEdit('a', { conditions: [byHeader('x-istio-cohort', 'own')], stable: 'v1' })
    const later = edited(view, own, own)
    assert.deepEqual(rulesBy(later), ['catalog-v1', 'a orders', 'own catalog-v2'])
    assert.equal(recorded(later).length, 1)
    assert.deepEqual(rulesBy(edited(later, cohortEdit('b', { before: 'a' }))), [
      'catalog-v1',
      'a orders',
      'b catalog-v2',
      'own catalog-v2',
    ])
    const ended = edited(later, cohortEnd('a'))
    assert.deepEqual(rulesBy(ended), ['catalog-v1', 'a orders'])
    assert.match(JSON.stringify(routeIn(ended).metadata.annotations), /orders\.shop/)
  })
  it('keep their places where they are set again', () => {
    for (const name of ['a', 'b', 'c']) {
      const again = edited(three, cohortEdit(name, { share: 40 }))
      assert.deepEqual(namesIn(again), ['a', 'b', 'c'])
      assert.deepEqual(
        rulesBy(again).slice(1),
        ['a', 'b', 'c'].map(each =>
          each === name ? `${each} catalog-v1=60 catalog-v2=40` : `${each} catalog-v2`,
        ),
      )
    }
  })
  it('go one by one, each with its rules', () => {
    const left = edited(three, cohortEnd('b'))
    assert.deepEqual(namesIn(left), ['a', 'c'])
    assert.deepEqual(rulesBy(left), ['catalog-v1', 'a catalog-v2', 'c catalog-v2'])
    assert.deepEqual(routeIn(edited(left, cohortEnd('a'), cohortEnd('c'))), catalogRoute([whole]))
  })
})

describe('the time when a cohort was set', () => {
  const [first, later] = ['2026-01-01T00:00:00Z', '2026-02-02T00:00:00Z']
  const begun = edited(viewOf(catalogRoute([whole])), cohortEdit('a', { reason: 'x', until: later }))
  const since = (more: object): string | undefined =>
    recorded(edited(begun, cohortEdit('a', { since: later, ...more })))[0]?.since
  it('stays where it is set again as it is', () => {
    assert.equal(recorded(begun)[0]?.since, first)
    assert.equal(since({ reason: 'x' }), first)
  })
  it('is a new one where something about it changes', () => {
    for (const more of [
      { share: 10 },
      { reason: 'y' },
      { until: '2026-03-03T00:00:00Z' },
      { conditions: [byHeader('x-beta')] },
      { to: 'v1', stable: 'v1' },
    ])
      assert.equal(since(more), later, JSON.stringify(more))
  })
})

describe('a rule to the pods of all versions', () => {
  const toAll = { backendRefs: [to('catalog', 7)] }
  const both = catalogRoute([at('/items'), toAll])
  it('leads to stable while a cohort is there, and then back with its weight', () => {
    const later = edited(viewOf(both), cohortEdit('a', { stable: 'v1' }), cohortEdit('b'))
    assert.deepEqual(rulesBy(later).slice(0, 2), ['catalog-v1', 'catalog-v1'])
    assert.deepEqual(rulesBy(edited(later, cohortEnd('a'))).slice(0, 2), ['catalog-v1', 'catalog-v1'])
    assert.deepEqual(routeIn(edited(later, cohortEnd('a'), cohortEnd('b'))), both)
    assert.deepEqual(routeIn(edited(later, cohortEnd('b'), cohortEnd('a'))), both)
    assert.deepEqual(rulesBy(edited(later, abortEdit)), ['catalog-v1', 'catalog-v1'])
  })
})

describe('a cohort of an HTTPRoute is refused', () => {
  it('where its rules would take requests of another cohort, which is named', () => {
    const narrow = cohortEdit('narrow', { conditions: [byHeader('x-a')] })
    const wide = cohortEdit('wide', { conditions: [byHeader('x-a'), byHeader('x-b')] })
    const begun = edited(viewOf(catalogRoute([at('/'), at('/items')])), narrow)
    const error = refusalOf(begun, wide)
    assert.match(
      error.message,
      /cohort wide cannot be placed: its rules would take requests from cohort narrow/,
    )
  })
  it('where older rules take all that it asks for', () => {
    const older = route('shop/other', {
      rules: [withHeader('x-istio-cohort', 'a', { backendRefs: [to('orders')] })],
      created: '2026-01-01T00:00:00Z',
    })
    const own = catalogRoute([whole], { created: '2026-01-02T00:00:00Z' })
    const error = refusalOf(viewOf(older, own), cohortEdit('a'))
    assert.match(
      error.message,
      /cohort a would get no requests: other rules take all .* HTTPRoute shop\/catalog/,
    )
    assert.deepEqual(namesIn(edited(viewOf(older, own), cohortEdit('b'))), ['b'])
  })
})

describe('a cohort of an HTTPRoute is refused as well', () => {
  it('where a controller owns the route, also when it ends', () => {
    const begun = routeIn(edited(viewOf(catalogRoute([whole])), cohortEdit('a')))
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog', controller: true }
    const owned = { ...begun, metadata: { ...begun.metadata, ownerReferences: [owner] } } as ServiceRoute
    for (const edit of [cohortEdit('b'), cohortEnd('a')])
      assert.match(refusalOf(viewOf(owned), edit).message, /belongs to Canary shop\/catalog/)
  })
  it('where a rule by hand asks the same', () => {
    const byHand = withHeader('x-istio-cohort', 'a', { backendRefs: [to('orders')] })
    const error = refusalOf(viewOf(catalogRoute([whole, byHand])), cohortEdit('a'))
    assert.match(error.message, /spec\.rules\[0\]: another rule of the route takes the same requests/)
  })
  it('where the rule that it would stand for asks for all its conditions', () => {
    const own = withHeader('x-istio-cohort', 'a', { backendRefs: [to('catalog-v2')] })
    const error = refusalOf(viewOf(catalogRoute([own, whole])), cohortEdit('a', { stable: 'v1' }))
    assert.match(error.message, /spec\.rules\[0\]: it asks for all conditions already$/)
  })
  it('where a match of a rule asks for another value of its header', () => {
    const other = withHeader('X-Istio-Cohort', 'b')
    const error = refusalOf(viewOf(catalogRoute([whole, other])), cohortEdit('a'))
    assert.match(
      error.message,
      /cohort a cannot be set at HTTPRoute shop\/catalog spec\.rules\[1\]: (?!another rule)/,
    )
  })
  it('where no request comes to the rule that is named for it', () => {
    const view = viewOf(catalogRoute([at('/items'), at('/items', { name: 'again' })]))
    const choice = { routes: ['again'], objects: [] }
    const error = refusalOf(view, cohortEdit('a', { choice, stable: 'v1' }))
    assert.match(error.message, /cohort a would get no requests: none reaches a rule that leads to catalog/)
  })
})

describe('a version that is the Service of the name of all', () => {
  const named = (name: string, track: string): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: 'hello', track }, ports: [{ name: 'http', port: 80 }] },
  })
  it('stays where it is when a cohort comes, and when init does', () => {
    const rules = [{ backendRefs: [to('hello', 1), to('hello-canary', 0)] }]
    const view = viewOf(named('hello', 'stable'), named('hello-canary', 'canary'), catalogRoute(rules))
    const target = { namespace: 'shop', service: 'hello', command: 'cohort a --to hello-canary' }
    const later = edited(view, cohortEdit('a', { to: 'hello-canary', target }))
    assert.equal(rulesIn(later).length, 2)
    assert.deepEqual(rulesIn(later)[0], rules[0])
    assert.doesNotMatch(JSON.stringify(routeIn(later).metadata.annotations), /backends/)
    const start = { target, stable: 'hello-canary', gateways: [], hosts: [] }
    assert.deepEqual(rulesIn(edited(view, () => planInit(view, start, [gatewayApi]))), rules)
  })
})

describe('users who are to keep their version', () => {
  it('cannot by the Gateway API, which is told with what may be done instead', () => {
    const error = refusalOf(
      viewOf(catalogRoute([whole])),
      weightEdit(10, { sticky: { since: '2026-01-01T00:00:00Z' } }),
    )
    assert.equal(error.code, 'refused')
    assert.match(error.hints.join(), /Leave out --sticky; or send a cohort by a cookie or header of its own/)
  })
})

describe('a rule that takes no requests', () => {
  it('needs no rule of the cohort', () => {
    const twice = [at('/items'), at('/items', { name: 'again' })]
    assert.deepEqual(rulesBy(edited(viewOf(catalogRoute(twice)), cohortEdit('a'))), [
      'catalog-v1',
      'catalog-v1',
      'a catalog-v2',
    ])
  })
  it('needs none of several that ask the same, where the route is nowhere yet', () => {
    const parents = [{ namespace: 'infra', name: 'not-there' }]
    const twice = catalogRoute([at('/items'), at('/items', { name: 'again' })], { parents })
    assert.deepEqual(rulesBy(edited(viewOf(twice), cohortEdit('a', { stable: 'v1' }))), [
      'catalog-v1',
      'catalog-v1',
      'a catalog-v2',
    ])
  })
})
