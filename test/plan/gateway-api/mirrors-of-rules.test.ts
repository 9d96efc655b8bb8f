import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { grant, route } from '../../providers/gateway-api/written-objects.ts'
import {
  abortEdit,
  cohortEdit,
  cohortEnd,
  edited,
  mirrorEdit,
  promoteEdit,
  refusalOf,
  routeIn,
  rulesIn,
  viewOf,
  weightEdit,
} from './edits.ts'
import { at, mirrorTo, whole, withHeader } from './rules.ts'
import { around, catalogRoute, to } from './shop.ts'

const auth = { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x-debug'] } }
const items = at('/items')
const filtersIn = (view: ClusterView): readonly unknown[] => rulesIn(view).map(({ filters }) => filters)
const stableIn = (view: ClusterView): string | undefined =>
  routeIn(view).metadata.annotations?.['kubectl-canary/stable']

describe('a mirror that was written by hand', () => {
  const byHand = {
    ...items,
    filters: [auth, mirrorTo('catalog-v2', { percent: 5 })],
    timeouts: { request: '5s' },
  }
  const view = viewOf(catalogRoute([byHand, whole]))
  it('is not set by a command to the same version', () => {
    const error = refusalOf(view, mirrorEdit(25))
    assert.match(
      error.message,
      /spec\.rules\[0\] mirrors to catalog-v2 already, by a filter that was written by hand/,
    )
  })
  it('stays with a split and goes where its version takes everything, and nothing else of the rule', () => {
    assert.deepEqual(filtersIn(edited(view, weightEdit(10))), [byHand.filters, undefined])
    const { filters: _, ...rest } = byHand
    assert.deepEqual(rulesIn(edited(view, weightEdit(10), promoteEdit()))[0], {
      ...rest,
      filters: [auth],
      backendRefs: [to('catalog-v2')],
    })
  })
  it('to another Service stays where a version takes everything', () => {
    const others = { ...items, filters: [mirrorTo('orders')] }
    const promoted = edited(viewOf(catalogRoute([others, whole])), mirrorEdit(10), promoteEdit())
    assert.deepEqual(filtersIn(promoted), [[mirrorTo('orders')], undefined])
    assert.equal(routeIn(promoted).metadata.annotations, undefined)
  })
})

describe('mirrors that end', () => {
  const given = catalogRoute([items, whole])
  it('go also where a person took the stable version away, and leave other routes alone', () => {
    const other = route('shop/other', { rules: [whole], hostnames: ['other.example.com'] })
    const mirrored = routeIn(edited(viewOf(given), mirrorEdit(10)))
    const { 'kubectl-canary/stable': _, ...annotations } = mirrored.metadata.annotations ?? {}
    const view = viewOf({ ...mirrored, metadata: { ...mirrored.metadata, annotations } }, other)
    const end = mirrorEdit(0, { mirrors: new Map() })
    assert.deepEqual(
      end(view).changes.map(({ after }) => after?.metadata.name),
      ['catalog'],
    )
    assert.deepEqual(routeIn(edited(view, end)), given)
  })
  it('leave those to a version that goes on', () => {
    const named = (object: KubeObject): KubeObject =>
      JSON.parse(
        JSON.stringify(object).replaceAll('catalog-v2', 'catalog-v3').replaceAll('"v2"', '"v3"'),
      ) as KubeObject
    const third = around.filter(({ metadata: { name } }) => name === 'catalog-v2').map(named)
    const mirrors = new Map([
      ['v2', 10],
      ['v3', 20],
    ])
    const mirrored = edited(viewOf(...third, given), mirrorEdit(0, { mirrors }), promoteEdit())
    const left = mirrorTo('catalog-v3', { percent: 20 })
    assert.deepEqual(filtersIn(mirrored), [[left], [left]])
    assert.deepEqual(filtersIn(edited(mirrored, mirrorEdit(0, { mirrors: new Map() }))), [
      undefined,
      undefined,
    ])
  })
})

describe('the filters of a rule that is mirrored', () => {
  it('stand before its backends, as others of the rule do', () => {
    const rule = { ...items, timeouts: { request: '5s' } }
    const mirrored = edited(viewOf(catalogRoute([rule])), mirrorEdit(100))
    assert.deepEqual(Object.keys(rulesIn(mirrored)[0]!), ['matches', 'timeouts', 'filters', 'backendRefs'])
    assert.deepEqual(rulesIn(mirrored)[0], { ...rule, filters: [mirrorTo('catalog-v2')] })
    const withOthers = edited(viewOf(catalogRoute([{ ...rule, filters: [auth] }])), mirrorEdit(100))
    assert.deepEqual(filtersIn(withOthers), [[auth, mirrorTo('catalog-v2')]])
  })
})

describe('the stable version that is written down for a mirror or a cohort', () => {
  const given = catalogRoute([items, whole])
  const mirrored = edited(viewOf(given), mirrorEdit(10))
  it('goes with the last of them, and the route is as it was', () => {
    assert.equal(stableIn(mirrored), 'v1')
    assert.deepEqual(routeIn(edited(mirrored, mirrorEdit(0))), given)
    const both = edited(mirrored, cohortEdit('a'))
    assert.equal(stableIn(edited(both, mirrorEdit(0))), 'v1')
    assert.equal(stableIn(edited(both, cohortEnd('a'))), 'v1')
    assert.deepEqual(routeIn(edited(both, mirrorEdit(0), cohortEnd('a'))), given)
    assert.deepEqual(routeIn(edited(both, cohortEnd('a'), mirrorEdit(0))), given)
  })
  it('stays where a split has come since', () => {
    const split = edited(mirrored, weightEdit(10), mirrorEdit(0))
    assert.equal(stableIn(split), 'v1')
    assert.deepEqual(rulesIn(split)[0]?.backendRefs, [to('catalog-v1', 90), to('catalog-v2', 10)])
    assert.deepEqual(filtersIn(split), [undefined, undefined])
  })
  it('is not written where a split has written it', () => {
    const split = edited(viewOf(given), weightEdit(10))
    const more = edited(split, cohortEdit('a'), cohortEnd('a'))
    assert.deepEqual(routeIn(more), routeIn(split))
  })
})

describe('routes of two kinds and of one name', () => {
  const rules = [{ backendRefs: [to('catalog-v1')] }]
  const grpc = route('shop/catalog', { kind: 'GRPCRoute', rules, hostnames: ['grpc.example.com'] })
  const twin = route('web/catalog', {
    rules: [{ backendRefs: [{ ...to('catalog-v1'), namespace: 'shop' }] }],
  })
  const rulesOf = (view: ClusterView, { kind, metadata: { namespace = '', name } }: ServiceRoute) =>
    view.get({ kind: kind as 'HTTPRoute', namespace, name })?.spec?.rules
  it('are told apart by an edit of all', () => {
    const view = viewOf(catalogRoute([items]), grpc)
    const later = edited(view, cohortEdit('a'))
    assert.deepEqual(rulesOf(later, grpc)?.length, 2)
    assert.deepEqual(rulesIn(later).length, 2)
    assert.deepEqual(rulesOf(edited(later, cohortEnd('a')), grpc), rules)
    const split = edited(view, weightEdit(10), abortEdit)
    assert.deepEqual([rulesOf(split, grpc), rulesIn(split)], [rules, [items]])
  })
  it('are told apart by an edit of a rule of each', () => {
    const named = (name: string, value: string, namespace: object = {}): object => ({
      name,
      matches: [{ path: { type: 'PathPrefix', value } }],
      backendRefs: [{ ...to('catalog-v1'), ...namespace }],
    })
    const inShop = { namespace: 'shop' }
    const other = route('web/catalog', { rules: [named('c', '/a', inShop), named('d', '/b', inShop)] })
    const view = viewOf(catalogRoute([named('a', '/a'), named('b', '/b')]), other, grant('web', 'shop'))
    const later = edited(view, weightEdit(10, { choice: { routes: ['a', 'd'], objects: [] } }))
    const counts = [rulesIn(later), rulesOf(later, other) ?? []].map(all =>
      all.map(({ backendRefs = [] }) => backendRefs.length),
    )
    assert.deepEqual(counts, [
      [2, 1],
      [1, 2],
    ])
  })
  it('are told apart by an edit of one', () => {
    for (const other of [grpc, twin]) {
      const view = viewOf(catalogRoute([items]), other)
      const later = edited(
        view,
        cohortEdit('a', { choice: { routes: ['/items'], objects: ['shop/catalog'] } }),
      )
      assert.deepEqual(rulesOf(later, other), other.spec?.rules)
      assert.equal(rulesIn(later).length, 2)
    }
  })
})

describe('routes of two kinds whose rules ask the same', () => {
  it('are told apart by an edit of a rule of each', () => {
    const named = (name: string, header: string): object => withHeader(header, '1', { name })
    const calls = route('shop/catalog', {
      kind: 'GRPCRoute',
      rules: [named('c', 'x-a'), named('d', 'x-b')],
      hostnames: ['grpc.example.com'],
    })
    const view = viewOf(catalogRoute([named('a', 'x-a'), named('b', 'x-b')]), calls)
    const later = edited(view, weightEdit(10, { choice: { routes: ['a', 'd'], objects: [] } }))
    assert.deepEqual(
      [
        rulesIn(later),
        later.get({ kind: 'GRPCRoute', namespace: 'shop', name: 'catalog' })?.spec?.rules ?? [],
      ].map(all => all.map(({ backendRefs = [] }) => backendRefs.length)),
      [
        [2, 1],
        [1, 2],
      ],
    )
  })
})

describe('a rule that sends all its requests to the version', () => {
  const toV2 = withHeader('x-beta', '1', { backendRefs: [to('catalog-v2')] })
  const view = viewOf(catalogRoute([whole, toV2]))
  it('is not mirrored to it, which is said, and others are', () => {
    const plan = mirrorEdit(25)(view)
    assert.deepEqual(filtersIn(edited(view, mirrorEdit(25))), [
      [mirrorTo('catalog-v2', { percent: 25 })],
      undefined,
    ])
    assert.deepEqual(
      plan.notes.flatMap(note => (note.kind === 'mirror-not-needed' ? [note.place, note.to] : [])),
      ['spec.rules[1]', 'v2'],
    )
    assert.deepEqual(routeIn(edited(view, mirrorEdit(25), abortEdit)).spec?.rules?.[0], whole)
  })
  it('makes a refusal where there is no other', () => {
    const error = refusalOf(
      viewOf(catalogRoute([{ ...whole, backendRefs: [to('catalog-v2')] }])),
      mirrorEdit(25, { stable: 'v1' }),
    )
    assert.match(error.message, /each sends all its requests to v2/)
  })
})
