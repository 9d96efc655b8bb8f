import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { peopleAfter } from '../people-after.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }
const headers = { 'x-istio-cohort': { exact: 'internal' } }
const aged = (name: string, spec: string, day: number): string =>
  route(name, spec, `creationTimestamp: "2026-01-0${day}T00:00:00Z"`)
const start = (...routes: readonly string[]): ClusterView => snapshot(objects(...shop, ...routes))
const set = (view: ClusterView, conditions: readonly Condition[] = []): ClusterView =>
  apply(view, planCohort(view, cohortIntent('internal', 'v2', { target, conditions })))
/** The VirtualServices and what the cohort's routes ask in each. */
const copies = (view: ClusterView) =>
  Object.fromEntries(
    view
      .list('VirtualService')
      .map(({ metadata, spec }) => [
        metadata.name,
        spec.http!.flatMap(({ name, match }) => (name?.startsWith('canary-') === true ? (match ?? []) : [])),
      ]),
  )

describe('a base route that a route of an older VirtualService hides at the gateway', () => {
  const orders = aged(
    'shop/front',
    '{hosts: [shop.example.com], gateways: [gw], http: [{route: [{destination: {host: orders}}]}]}',
    1,
  )
  const hosts = 'hosts: [shop.example.com]'
  it('has a copy for the mesh alone', () => {
    const both = aged('shop/catalog', `{${hosts}, gateways: [gw, mesh], http: [${to('v1')}]}`, 2)
    assert.deepEqual(copies(set(start(orders, both))), {
      front: [],
      catalog: [{ gateways: ['mesh'], headers }],
    })
  })
  it('has a copy for both where it is the older one', () => {
    const both = aged('shop/catalog', `{${hosts}, gateways: [gw, mesh], http: [${to('v1')}]}`, 1)
    const later = orders.replace('2026-01-01', '2026-01-02')
    assert.deepEqual(copies(set(start(later, both))), { front: [], catalog: [{ headers }] })
  })
  it('has none where it is for that gateway alone', () => {
    const hidden = aged('shop/hidden', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`, 2)
    const mesh = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
    assert.deepEqual(copies(set(start(orders, hidden, mesh))), {
      front: [],
      hidden: [],
      catalog: [{ headers }],
    })
  })
})

describe('a cohort of callers by label', () => {
  it('leaves a VirtualService for gateways alone as it is, where callers have no labels', () => {
    const atGateway = route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
    const mesh = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
    const view = start(atGateway, mesh)
    const during = set(view, [fromTill])
    assert.deepEqual(copies(during), { front: [], catalog: [{ sourceLabels: { app: 'till' } }] })
    const front = { kind: 'VirtualService', namespace: 'shop', name: 'front' } as const
    assert.equal(during.get(front), view.get(front))
  })
  it('has no copy of a route that is for callers with other labels', () => {
    const apart = `{match: [{sourceLabels: {app: web}}], ${to('v1').slice(1)}`
    const view = start(route('shop/catalog', `{hosts: [catalog], http: [${apart}, ${to('v1')}]}`))
    assert.deepEqual(copies(set(view, [fromTill])), { catalog: [{ sourceLabels: { app: 'till' } }] })
  })
})

describe('a cohort of a version that has no subset', () => {
  it('is planned with the subset first, and counts as served', () => {
    const [service, v1, v2] = shop
    const v3 = v2!.replaceAll('v2', 'v3')
    const rule = '{host: catalog, subsets: [{name: v1, labels: {version: v1}}]}'
    const view = snapshot(
      objects(
        service!,
        v1!,
        v3,
        route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`),
        `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: shop}, spec: ${rule}}`,
      ),
    )
    const plan = planCohort(view, cohortIntent('internal', 'v3', { target }))
    assert.deepEqual(
      plan.changes.map(({ after }) => after?.kind),
      ['DestinationRule', 'VirtualService'],
    )
    assert.deepEqual(peopleAfter(plan), [
      'catalog: cohort internal (x-istio-cohort: internal) → v3; everyone else → v1',
    ])
  })
  it('is refused where all routes are for gateways, with the other conditions that work there', () => {
    const view = start(
      route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`),
    )
    assert.throws(
      () => set(view, [fromTill]),
      ({ message, hints }: CanaryError) => {
        assert.match(message, /is for gateways only, where callers have no labels$/)
        assert.deepEqual(hints, ['Choose other conditions with --header, --cookie, --query or --claim.'])
        return true
      },
    )
  })
})
