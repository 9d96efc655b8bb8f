import assert from 'node:assert/strict'
import { formatNote } from '../../../plugin/print/notes.ts'
import { describe, it } from 'node:test'
import { cohortsAnnotation } from '../../../shared/routing/record/record.ts'
import { routeKeys } from '../../../shared/providers/istio/read/record/route-keys.ts'
import { route, shop, to, trafficIn } from '../written-worlds.ts'

const gold = '[{headers: {x-tenant: {exact: gold}}}]'
const own = (more = '', match = '[{headers: {x-istio-cohort: {exact: internal}}}]'): string =>
  `{name: ours, match: ${match}, ${more}${to('v2').slice(1)}`
/** The cohort of a VirtualService with these routes, whose record names the route `ours`. */
function cohortWith(http: string) {
  const record = JSON.stringify({
    cohorts: [{ service: 'catalog.shop', name: 'internal', to: 'v2', routes: ['ours'] }],
  })
  const traffic = trafficIn([
    ...shop,
    route(
      'shop/catalog',
      `{hosts: [catalog], http: [${http}]}`,
      `annotations: {${cohortsAnnotation}: '${record}'}`,
    ),
  ])
  return { ...traffic.entryPoints[0]!.cohorts[0]!, notes: traffic.notes.map(formatNote) }
}

describe('a cohort that is written down', () => {
  it('is reached where its route takes requests', () => {
    assert.equal(cohortWith(`${own()}, ${to('v1')}`).reached, true)
    assert.equal(cohortWith(`${to('v1')}, ${own()}`).reached, false)
    assert.equal(cohortWith(to('v1')).reached, false)
  })
  it('covers the base routes that do the same as its own, and no others', () => {
    const { uncovered, notes } = cohortWith(`${own()}, {timeout: 5s, ${to('v1').slice(1)}`)
    assert.deepEqual(uncovered, ['VirtualService shop/catalog spec.http[1]'])
    assert.match(
      notes.join(),
      /Cohort internal does not cover .*kubectl canary cohort internal catalog --to v2 -n shop/,
    )
    assert.deepEqual(cohortWith(`${own('timeout: 5s, ')}, {timeout: 5s, ${to('v1').slice(1)}`).uncovered, [])
  })
  it('need not cover a base route that no request reaches', () => {
    const late = `{match: ${gold}, timeout: 5s, ${to('v1').slice(1)}`
    assert.deepEqual(cohortWith(`${own()}, ${to('v1')}, ${late}`).uncovered, [])
    assert.equal(cohortWith(`${late}, ${own()}, ${to('v1')}`).uncovered.length, 1)
  })
  it('is not at fault for a mirror', () => {
    const mirror = 'mirror: {host: catalog, subset: v9}, '
    assert.equal(cohortWith(`${own(mirror)}, {${mirror}${to('v1').slice(1)}`).fault, undefined)
  })
})

describe('the stable version that is written down', () => {
  const stableWith = (text: string, namespace = 'shop') =>
    trafficIn([
      ...shop,
      route(
        `${namespace}/catalog`,
        `{hosts: [catalog.shop.svc.cluster.local], http: [${to('v1')}]}`,
        `annotations: {kubectl-canary/stable: "${text}"}`,
      ),
    ]).stable
  it('is that of the Service before that of all, by its short or full name', () => {
    assert.equal(stableWith('v1'), 'v1')
    assert.equal(stableWith('v1,catalog=v2'), 'v2')
    assert.equal(stableWith('catalog.shop=v2'), 'v2')
    assert.equal(stableWith('orders=v3'), undefined)
    assert.equal(stableWith('catalog=v3,catalog.shop=v2', 'web'), 'v2')
  })
})

describe('the key of a route', () => {
  it('is its name, else what it asks, and does not change with its place', () => {
    const [named, asking, all] = [{ name: 'a', match: [{}] }, { match: [{ uri: { prefix: '/a' } }] }, {}]
    const keys = routeKeys([named, asking, all])
    assert.equal(keys.get(named), 'a')
    const moved = routeKeys([all, asking])
    assert.equal(moved.get(asking), keys.get(asking))
    assert.equal(moved.get(all), keys.get(all))
    assert.equal(new Set(keys.values()).size, 3)
  })
})
