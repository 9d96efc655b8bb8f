import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cohortsIn } from '../../../shared/routing/record/record.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { route } from '../../providers/gateway-api/written-objects.ts'
import { cohortEdit, edited, refusalOf, routeIn, rulesIn, viewOf } from './edits.ts'
import { at, whole, withHeader } from './rules.ts'
import { catalogRoute, to } from './shop.ts'

const by = (...names: readonly string[]): object => ({
  conditions: names.map(name => ({ on: 'header', name, match: { exact: '1' } })),
})
const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const namesIn = (view: ClusterView): readonly string[] =>
  cohortsIn(routeIn(view), service).map(({ name }) => name)
const one = edited(viewOf(catalogRoute([at('/items'), whole])), cohortEdit('a', by('x-own')))
/** To which version a request with some headers goes. */
const versionFor = (view: ClusterView, ...headers: readonly string[]): string | undefined => {
  const rules = rulesIn(view)
  const asked = rules.filter(({ matches }) =>
    (matches?.[0]?.headers ?? []).every(({ name }) => headers.includes(name)),
  )
  return asked.toSorted((x, y) => count(y) - count(x))[0]?.backendRefs?.[0]?.name
}
const count = ({
  matches,
}: {
  readonly matches?: readonly { readonly headers?: readonly object[] }[]
}): number => matches?.[0]?.headers?.length ?? 0

describe('a cohort that goes before another one', () => {
  it('takes the requests of both where it asks for as much, or for more', () => {
    for (const asked of [by('x-b'), by('x-b', 'x-c')]) {
      const later = edited(one, cohortEdit('b', { ...asked, to: 'v1', stable: 'v1', before: 'a' }))
      assert.deepEqual(namesIn(later), ['b', 'a'])
      assert.equal(versionFor(later, 'x-own', 'x-b', 'x-c'), 'catalog-v1')
      assert.equal(versionFor(later, 'x-own'), 'catalog-v2')
      const again = edited(later, cohortEdit('b', { ...asked, to: 'v1', stable: 'v1', reason: 'again' }))
      assert.deepEqual(namesIn(again), ['b', 'a'])
    }
  })
  it('is set for each match of a rule', () => {
    const matches = [{ path: { type: 'Exact', value: '/x' } }, { path: { type: 'PathPrefix', value: '/' } }]
    const two = edited(viewOf(catalogRoute([{ ...whole, matches }])), cohortEdit('a', by('x-own')))
    assert.deepEqual(namesIn(edited(two, cohortEdit('b', { ...by('x-b'), before: 'a' }))), ['b', 'a'])
  })
  it('is refused where the other one asks for more, which the Gateway API tries first', () => {
    const two = edited(viewOf(catalogRoute([at('/items'), whole])), cohortEdit('a', by('x-own', 'x-more')))
    const error = refusalOf(two, cohortEdit('b', { ...by('x-b'), before: 'a' }))
    assert.match(
      error.message,
      /cohort b cannot go before cohort a at HTTPRoute shop\/catalog spec\.rules\[0\]/,
    )
    assert.match(error.hints.join(), /asks for as many .* or leave out --before/)
    const apart = edited(two, cohortEdit('b', { conditions: other('x-own'), before: 'a' }))
    assert.deepEqual(namesIn(apart), ['b', 'a'])
  })
  it('is named where a cohort that asks for more would go before one without being told', () => {
    const error = refusalOf(one, cohortEdit('b', by('x-b', 'x-c')))
    assert.match(error.message, /would take requests from cohort a$/)
    assert.match(error.hints.join(), /repeat this command with --before a/)
    const chain = edited(one, cohortEdit('b', by('x-b')))
    const tooFar = refusalOf(chain, cohortEdit('c', { ...by('x-c', 'x-d'), before: 'b' }))
    assert.match(tooFar.message, /would take requests from cohort a$/)
  })
  it('is set again where it is', () => {
    const both = edited(one, cohortEdit('b', by('x-b')))
    const again = edited(both, cohortEdit('a', { ...by('x-own'), reason: 'again' }))
    assert.deepEqual(namesIn(again), ['a', 'b'])
  })
})

describe('a cohort where an older route takes all requests of another one', () => {
  const routed = (name: string, created: string) =>
    route(`shop/${name}`, { parents: [{ namespace: 'infra', name: 'gw' }], rules: [whole], created })
  it('is set at the older one alone', () => {
    const [older, newer] = [
      routed('catalog', '2026-01-01T00:00:00Z'),
      routed('again', '2026-01-02T00:00:00Z'),
    ]
    const later = edited(viewOf(older, newer), cohortEdit('a', by('x-own')))
    assert.deepEqual(namesIn(later), ['a'])
    assert.deepEqual(later.get({ kind: 'HTTPRoute', namespace: 'shop', name: 'again' }), newer)
  })
})

const other = (name: string): object => [{ on: 'header', name, match: { exact: '2' } }]

describe('a cohort beside rules that ask for some of its conditions', () => {
  const asked = by('x-h', 'x-c')
  const [narrow, wide] = [withHeader('x-h', '1'), withHeader('x-p', '1')]
  it('is refused where it would take requests from the rule that it has for another one', () => {
    assert.match(
      refusalOf(viewOf(catalogRoute([narrow, wide])), cohortEdit('a', asked)).message,
      /would take requests from HTTPRoute shop\/catalog spec\.rules\[0\]/,
    )
  })
  it('is refused where only another match, or another route, goes before', () => {
    const paths = { path: { type: 'Exact', value: '/z' } }
    const two = { ...whole, matches: [paths, { headers: [{ name: 'x-h', value: '1' }] }] }
    assert.equal(refusalOf(viewOf(catalogRoute([two, wide])), cohortEdit('a', asked)).code, 'refused')
    const rules = ['/x', '/y', '/z'].map(value => ({
      matches: [{ path: { type: 'Exact', value } }],
      backendRefs: [to('orders')],
    }))
    const others = route('shop/others', { rules, created: '2020-01-01T00:00:00Z' })
    const view = viewOf(catalogRoute([narrow, wide]), others)
    assert.equal(refusalOf(view, cohortEdit('a', asked)).code, 'refused')
  })
  it('is set where a rule of another service asks for another value', () => {
    const elsewhere = withHeader('x-h', '2', { backendRefs: [to('orders')] })
    assert.deepEqual(namesIn(edited(viewOf(catalogRoute([elsewhere, whole])), cohortEdit('a', asked))), ['a'])
  })
  it('is refused where a match of the rule asks for another value, wherever it is', () => {
    const odd = { path: { type: 'Odd', value: '/z' } }
    for (const first of [{ path: { type: 'Exact', value: '/z' } }, odd]) {
      const rule = { ...whole, matches: [first, { headers: [{ name: 'x-h', value: '2' }] }] }
      assert.match(
        refusalOf(viewOf(catalogRoute([rule])), cohortEdit('a', asked)).message,
        /it already tests the header x-h otherwise/,
      )
    }
  })
})

describe('conditions that a GRPCRoute cannot ask', () => {
  it('are refused with the options that it can', () => {
    const grpc = { ...route('shop/catalog', { rules: [whole] }), kind: 'GRPCRoute' } as ReturnType<
      typeof route
    >
    const conditions = [{ on: 'query', name: 'q', match: { exact: '1' } }]
    const error = refusalOf(viewOf(grpc), cohortEdit('a', { conditions }))
    assert.match(error.message, /gRPC calls have no query parameters/)
    assert.doesNotMatch(error.hints.join(), /--query/)
  })
})
