import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { gateway, route } from '../../providers/gateway-api/written-objects.ts'

const pods = (name: string, labels: object): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
    status: { readyReplicas: 1 },
  }) as KubeObject
const service = (name: string, selector: object): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector, ports: [{ name: 'http', port: 80 }] },
  }) as KubeObject
const application = (name: string) => [service(name, { app: name }), pods(name, { app: name })]
const to = (name: string, weight?: number) => ({ name, port: 80, ...(weight !== undefined && { weight }) })
const at = (value: string, ...backendRefs: readonly object[]) => ({
  matches: [{ path: { type: 'PathPrefix', value } }],
  backendRefs,
})

/** One path of a monolith is taken over by another Service, step by step. */
const worldOf = (taker: string): ClusterView =>
  snapshot([
    ...application('monolith'),
    ...application(taker),
    gateway('infra/gw'),
    route('shop/all', {
      rules: [at('/cart', to('monolith', 90), to(taker, 10)), { backendRefs: [to('monolith')] }],
    }),
  ])
const monolith = worldOf('cart')

const asked = {
  target: { namespace: 'shop', command: 'weight cart=20', live: true },
  force: false,
  stable: 'monolith',
}
type Choice = {
  readonly choice?: { readonly routes: readonly string[]; readonly objects: readonly string[] }
}
const cart = new Map([['cart', 20]])
const verbs: Readonly<Record<string, (view: ClusterView, more?: Choice) => Plan>> = {
  weight: (view, more) => planWeight(view, { ...asked, weights: cart, ...more }),
  promote: (view, more) => planPromote(view, { ...asked, version: 'cart', ...more }),
  mirror: (view, more) => planMirror(view, { ...asked, mirrors: cart, ...more }),
  cohort: (view, more) =>
    planCohort(view, {
      ...asked,
      name: 'internal',
      to: 'cart',
      conditions: [],
      since: '2026-01-01T00:00:00Z',
      ...more,
    }),
}
const rulesAfter = (view: ClusterView, plan: Plan) =>
  overlay(view, plan.changes).get({ kind: 'HTTPRoute', namespace: 'shop', name: 'all' })?.spec?.rules

describe('a Service of another application, which shares the requests of one route', () => {
  for (const [verb, planned] of Object.entries(verbs))
    it(`gets nothing of the others by ${verb} before somebody chose them`, () => {
      assert.throws(
        () => planned(monolith),
        (error: unknown) => {
          assert.ok(error instanceof CanaryError && error.code === 'usage')
          assert.match(error.hints[1]!, / --route \/cart$/)
          assert.match(error.hints[2]!, / --virtual-service shop\/all$/)
          return true
        },
      )
      const [chosen, all] = [
        { routes: ['/cart'], objects: [] },
        { routes: [], objects: ['shop/all'] },
      ]
      assert.deepEqual(rulesAfter(monolith, planned(monolith, { choice: chosen }))?.[1], {
        backendRefs: [to('monolith')],
      })
      const later = rulesAfter(monolith, planned(monolith, { choice: all }))
      assert.notDeepEqual(later?.slice(1), [{ backendRefs: [to('monolith')] }])
    })

  it('gets more without a further choice where its canary is on all routes', () => {
    const choice = { routes: [], objects: ['shop/all'] }
    const begun = overlay(monolith, verbs['weight']!(monolith, { choice }).changes)
    const none = overlay(begun, planWeight(begun, { ...asked, weights: new Map([['cart', 0]]) }).changes)
    for (const view of [begun, none]) {
      const later = planWeight(view, { ...asked, weights: new Map([['cart', 30]]) })
      assert.deepEqual(rulesAfter(view, later)?.[1]?.backendRefs, [to('monolith', 70), to('cart', 30)])
    }
  })
})

it('a Service that is named for the same application is on all routes', () => {
  for (const name of ['monolith-next', 'monolith2', 'monolithv2']) {
    const view = worldOf(name)
    const plan = planWeight(view, { ...asked, weights: new Map([[name, 20]]) })
    assert.deepEqual(rulesAfter(view, plan)?.[1]?.backendRefs, [to('monolith', 80), to(name, 20)])
  }
})
