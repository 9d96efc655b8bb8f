import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { fc } from '../../properties.ts'
import { decide } from '../../providers/istio/route/worlds.ts'
import { ingress, requestTo } from '../../routing/requests.ts'
import { apex, gateway as atPublic, orders, routes, v1, v2, v3, version, viewOf } from './shop.ts'

const target = { namespace: 'shop', service: 'catalog', command: 'cohort', live: true }
const onOtherPort = version('catalog-v2', 'app: catalog, version: v2', 'ports: [{name: http, port: 8080}]')

/** A destination of a version: by its short or whole host, with its port or without. */
const destinationOf = (host: string, isOther: boolean) =>
  fc.record({ full: fc.boolean(), port: fc.boolean() }).map(({ full, port }) => {
    const mustName = host === 'catalog-v2' && isOther
    const number = mustName ? 8080 : 80
    return `host: ${host}${full ? '.shop.svc.cluster.local' : ''}${port || mustName ? `, port: {number: ${number}}` : ''}`
  })

const sharesOf = (isOther: boolean) =>
  fc
    .tuple(
      // Routes that lead to versions of their own are refused without a choice.
      fc.subarray(['catalog-v2', 'catalog-v3']).map(others => ['catalog-v1', ...others]),
      fc.integer({ min: 1, max: 99 }),
    )
    .chain(([hosts, percent]) =>
      fc.tuple(...hosts.map(host => destinationOf(host, isOther))).map(written => {
        const weights = written.length === 1 ? [] : [percent, 100 - percent, 0]
        return written
          .map(
            (text, i) =>
              `{destination: {${text}}${weights[i] === undefined ? '' : `, weight: ${weights[i]}`}}`,
          )
          .join(', ')
      }),
    )

/** A base route, or one of another Service. */
const routeOf = (isOther: boolean) =>
  fc
    .record({
      path: fc.constantFrom('/items', '/admin', undefined),
      to: fc.oneof(
        { weight: 4, arbitrary: sharesOf(isOther) },
        { weight: 1, arbitrary: fc.constant('{destination: {host: orders}}') },
      ),
      more: fc.constantFrom('', 'timeout: 3s, ', 'mirror: {host: catalog-v2}, ', 'name: mine, '),
    })
    .map(
      ({ path, to, more }) =>
        `{${path === undefined ? '' : `match: [{uri: {prefix: ${path}}}], `}${more}route: [${to}]}`,
    )

/** VirtualServices of the versions, for the mesh and at a gateway. */
const world = fc.boolean().chain(isOther =>
  fc
    .tuple(
      fc.array(routeOf(isOther), { minLength: 1, maxLength: 3 }),
      fc.array(routeOf(isOther), { maxLength: 2 }),
    )
    .map(([mesh, gateway]) => {
      const end = `{route: [{destination: {host: catalog-v1}, weight: 90}, {destination: {host: catalog-v3}, weight: 10}]}`
      const named = (list: readonly string[]): string =>
        list.map((text, i) => text.replace('name: mine', `name: mine-${i}`)).join(', ')
      return [
        apex + v1 + (isOther ? onOtherPort : v2) + v3 + orders,
        atPublic,
        routes('shop/catalog', `{hosts: [catalog], http: [${named([...mesh, end])}]}`),
        routes(
          'shop/front',
          `{hosts: [shop.example.com], gateways: [istio-system/public], http: [${named([...gateway, end])}]}`,
        ),
      ].join('')
    }),
)

const asked = { target, stable: 'v1', force: false }
/** Undefined where other Services take all requests before the routes to the service. */
function cohort(view: ClusterView, name: string, to: string): Plan | undefined {
  try {
    return planCohort(view, { ...asked, name, to, conditions: [], since: '2026-01-01T00:00:00Z' })
  } catch (error) {
    if (error instanceof CanaryError && error.message.includes('would get no requests')) return undefined
    throw error
  }
}
const weight = (view: ClusterView, version: string, percent: number): Plan =>
  planWeight(view, { ...asked, weights: new Map([[version, percent]]) })
const removed = (view: ClusterView, name: string): Plan => planRemoveCohort(view, { target, name })
const after = (view: ClusterView, plan: Plan | undefined): ClusterView =>
  plan === undefined ? view : sessionOf(overlay(view, plan.changes))
/** All of them; annotations that came one after the other may be in another order. */
const written = (view: ClusterView): readonly KubeObject[] =>
  view.list('VirtualService').toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

const step = fc.oneof(
  fc.record({ on: fc.constantFrom('internal', 'beta'), to: fc.constantFrom('v2', 'v3') }),
  fc.record({ off: fc.constantFrom('internal', 'beta') }),
  fc.record({ weigh: fc.constantFrom('v2', 'v3'), percent: fc.integer({ min: 0, max: 100 }) }),
)
type Step = { on: string; to: string } | { off: string } | { weigh: string; percent: number }

const taken = (view: ClusterView, one: Step): ClusterView =>
  'on' in one
    ? after(view, cohort(view, one.on, one.to))
    : 'off' in one
      ? after(view, removed(view, one.off))
      : after(view, weight(view, one.weigh, one.percent))

test('cohorts that are added and removed, in any order and with weights between, leave what the weights alone leave', () => {
  fc.assert(
    fc.property(world, fc.array(step, { maxLength: 6 }), (yaml, steps) => {
      const view = viewOf(yaml)
      const all = [...steps, { off: 'beta' }, { off: 'internal' }] as readonly Step[]
      const end = all.reduce(taken, view)
      const alone = all.filter(one => 'weigh' in one).reduce(taken, view)
      assert.deepEqual(written(end), written(alone))
    }),
    { numRuns: 60 },
  )
})

const paths = ['/', '/items/1', '/admin']
const requests = (cohortHeader: string | undefined) =>
  paths.flatMap(path => {
    const headers: Record<string, string> =
      cohortHeader === undefined ? {} : { 'x-istio-cohort': cohortHeader }
    return [
      requestTo('catalog.shop.svc.cluster.local', { path, headers }),
      requestTo('shop.example.com', { path, headers, caller: ingress }),
    ]
  })

/** Where requests go: `catalog-v1:80 90`. */
const goes = ({ destinations }: Decision): string =>
  destinations
    .filter(({ percent }) => percent > 0)
    .map(
      ({ host, port, percent, failure }) =>
        `${host.split('.')[0]}:${port} ${percent}${failure === undefined ? '' : ' fails'}`,
    )
    .toSorted()
    .join(', ')
const isOfCatalog = (where: string): boolean => where.startsWith('catalog-')

test("a cohort's requests go to the Service of its version, all others where they went", () => {
  fc.assert(
    fc.property(world, yaml => {
      const view = viewOf(yaml)
      const plan = cohort(view, 'internal', 'v2')
      const later = after(view, plan)
      const port = view.get({ kind: 'Service', namespace: 'shop', name: 'catalog-v2' })!.spec.ports![0]!.port
      for (const request of requests('internal')) {
        const before = goes(decide(view, request))
        assert.equal(goes(decide(later, request)), isOfCatalog(before) ? `catalog-v2:${port} 100` : before)
        assert.ok(plan !== undefined || !isOfCatalog(before), yaml)
      }
      for (const request of [...requests(undefined), ...requests('beta')])
        assert.equal(goes(decide(later, request)), goes(decide(view, request)))
    }),
    { numRuns: 60 },
  )
})

test('a split is that of every request to the service, and no rule finds anything new in it', () => {
  fc.assert(
    fc.property(world, fc.integer({ min: 1, max: 99 }), (yaml, percent) => {
      const view = viewOf(yaml)
      const plan = weight(view, 'v2', percent)
      const later = after(view, plan)
      const port = view.get({ kind: 'Service', namespace: 'shop', name: 'catalog-v2' })!.spec.ports![0]!.port
      for (const request of requests(undefined)) {
        const before = goes(decide(view, request))
        const is = `catalog-v1:80 ${100 - percent}, catalog-v2:${port} ${percent}`
        assert.equal(goes(decide(later, request)), isOfCatalog(before) ? is : before)
      }
      const { introduced } = judgeChanges(
        { rules: catalogue, settings: { complete: true, relativeWeights: false } },
        view,
        plan.changes,
      )
      assert.deepEqual(
        introduced.filter(({ severity }) => severity.webhook === 'error'),
        [],
      )
    }),
    { numRuns: 60 },
  )
})
