import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Service } from '../../../shared/objects/core.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { Target } from '../../../shared/plan/intent.ts'
import { api7 } from '../../../shared/providers/api7/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { re2 } from '../../routing/requests.ts'
import { deepFreeze } from '../worlds.ts'

const only = [api7]
const target: Target = { namespace: 'demo', service: 'page', command: 'weight page v2=10', live: true }
const [app, mark, percentage] = [
  'api7.cloud/published-service',
  'api7.cloud/published-canary-service',
  'api7.cloud/published-service-canary-percentage',
]

const service = (version: string, annotations: Readonly<Record<string, string>>): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `page-${version}`, namespace: 'demo', annotations },
  spec: { selector: { app: 'page', version }, ports: [{ port: 80 }] },
})

const pods = (version: string): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `page-${version}`, namespace: 'demo' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'page', version } },
      template: { metadata: { labels: { app: 'page', version } }, spec: { containers: [] } },
    },
    status: { readyReplicas: 1 },
  }) as KubeObject

const { constantFrom: oneOf } = fc
const annotations = fc
  .record(
    {
      [app]: oneOf('page', 'page', 'other'),
      [mark]: oneOf('true', 'true', 'false'),
      [percentage]: oneOf('0', '10', '40', '100', 'many'),
      team: fc.constant('web'),
    },
    { requiredKeys: [] },
  )
  .map(all => all as Readonly<Record<string, string>>)

/** A page that is published by v1, with whatever people wrote on the others. */
const worlds = fc
  .tuple(annotations, annotations)
  .map(([v2, v3]): readonly KubeObject[] =>
    deepFreeze([
      service('v1', { [app]: 'page', team: 'web' }),
      service('v2', v2),
      service('v3', v3),
      ...['v1', 'v2', 'v3'].map(pods),
    ]),
  )

/** The plan, or nothing where it is refused. */
function planned(make: () => Plan): Plan | undefined {
  try {
    return make()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    assert.ok(error.hints.length > 0, error.message)
    return undefined
  }
}

const after = (view: ClusterView, plan: Plan): ClusterView => inSession(overlay(view, plan.changes))

/** Who gets what by what the annotations say. */
const shares = (view: ClusterView): string =>
  api7
    .route(
      view,
      {
        caller: { kind: 'gateway', namespace: '', labels: { 'api7.cloud/gateway': 'true' } },
        host: 'page',
        port: 80,
        method: 'GET',
        path: '/',
        headers: {},
      },
      { regex: re2 },
    )
    .destinations.map(({ host, percent }) => `${host.split('.')[0]}=${percent}`)
    .join(' ')

/** What no plan may do: write the stable Service, take a Service out of its application, write a 0. */
function requireSafe({ changes }: Plan, stable: string): void {
  for (const { before, after: now } of changes) {
    assert.notEqual(now!.metadata.name, stable)
    const [was, is] = [before!, now!].map(({ metadata }) => metadata.annotations ?? {})
    assert.ok(is![app] !== undefined && is![percentage] !== '0', JSON.stringify(is))
    assert.equal(is!['team'], was!['team'])
    assert.deepEqual({ ...now, metadata: undefined }, { ...before, metadata: undefined })
  }
}

describe('edits of random annotations of API7 Cloud', () => {
  it('give a canary its percent without a write of stable, and an abort takes it back', () => {
    let carried = 0
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 99 }), (objects, percent) => {
        const view = inSession(snapshot(objects))
        const intent = { target, weights: new Map([['v2', percent]]), stable: 'v1', force: false }
        const plan = planned(() => planWeight(view, intent, only))
        if (plan === undefined) return
        carried++
        requireSafe(plan, 'page-v1')
        const later = after(view, plan)
        assert.equal(shares(later), `page-v1=${100 - percent} page-v2=${percent}`)
        assert.deepEqual(planWeight(later, intent, only).changes, [])
        const abort = planAbort(later, { target }, only)
        requireSafe(abort, 'page-v1')
        assert.equal(shares(after(later, abort)), 'page-v1=100')
        const promote = planPromote(later, { target, version: 'v2', force: false }, only)
        requireSafe(promote, 'page-v1')
        assert.equal(shares(after(later, promote)), 'page-v2=100')
      }),
      { numRuns: 200 },
    )
    assert.ok(carried > 30, `only ${carried} of 200 were carried out`)
  })
})

it('a share that keeps its users is refused, and nothing is written', () => {
  const view = inSession(
    snapshot([service('v1', { [app]: 'page' }), service('v2', {}), ...['v1', 'v2'].map(pods)]),
  )
  const intent = { target, weights: new Map([['v2', 10]]), stable: 'v1', force: false }
  const isRefused = { code: 'refused', message: /cannot keep users/, hints: ['Leave out --sticky.'] }
  assert.throws(
    () => planWeight(view, { ...intent, sticky: { ttl: 3600, since: '2026-01-01T00:00:00Z' } }, only),
    isRefused,
  )
  assert.ok(planWeight(view, intent, only).changes.length > 0)
})
