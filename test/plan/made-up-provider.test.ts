import assert from 'node:assert/strict'
import { formatNote } from '../../plugin/print/notes.ts'
import { test } from 'node:test'
import type { ConfigMap } from '../../shared/objects/core.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { planAbort } from '../../shared/plan/plan-abort.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planMirror } from '../../shared/plan/mirror/plan-mirror.ts'
import { planPromote } from '../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { readServices } from '../../shared/plan/read-services.ts'
import { istio } from '../../shared/providers/istio/provider.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { madeUp } from '../providers/made-up/provider.ts'
import { peopleAfter } from './people-after.ts'

const deployment = (version: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `catalog-${version}`, namespace: 'shop', labels: { app: 'catalog', version } },
})
const world = snapshot([
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'catalog', namespace: 'shop' } },
  deployment('v1'),
  deployment('v2'),
])
const target = { namespace: 'shop', command: 'VERB', live: true }
const providers = [istio, madeUp]
const since = '2026-01-01T00:00:00Z'

const carriedOut = (view: ClusterView, { changes }: Plan): ClusterView => overlay(view, changes)
const routes = (view: ClusterView): ConfigMap['data'] =>
  view.get({ kind: 'ConfigMap', namespace: 'shop', name: 'catalog-routes' })?.data
const started = carriedOut(
  world,
  planInit(world, { target, stable: 'v1', gateways: [], hosts: [] }, [madeUp]),
)

test('a routing API that plans do not know is given its first route', () => {
  assert.deepEqual(routes(started), { split: 'v1=100' })
})

test('a routing API that plans do not know is the one that is edited for the services that it routes', () => {
  const plan = planWeight(started, { target, weights: new Map([['v2', 10]]), force: false }, providers)
  assert.deepEqual(routes(carriedOut(started, plan)), { split: 'v1=90,v2=10', stable: 'v1' })
  assert.deepEqual(peopleAfter(plan), ['catalog: everyone → v1 90 %, v2 10 %'])
  assert.deepEqual(plan.traffic?.before.entryPoints[0]?.splits[0]?.shares, [{ version: 'v1', percent: 100 }])
})

test('a routing API that plans do not know has cohorts, which end without a trace', () => {
  const cohort = { target, name: 'internal', to: 'v2', conditions: [], since, force: false }
  const during = carriedOut(started, planCohort(started, cohort, providers))
  assert.deepEqual(
    readServices(during, target, providers)[0]?.traffic.entryPoints[0]?.cohorts.map(({ name, to }) => [
      name,
      to,
    ]),
    [['internal', 'v2']],
  )
  assert.equal(routes(during)?.['stable'], 'v1')
  const after = carriedOut(during, planRemoveCohort(during, { target, name: 'internal' }, providers))
  assert.deepEqual(routes(after), routes(started))
})

test('a routing API that plans do not know is promoted, and the cohorts that lead elsewhere stay', () => {
  const beta = planCohort(
    started,
    { target, name: 'beta', to: 'v1', conditions: [], since, stable: 'v1', force: false },
    providers,
  )
  const during = carriedOut(started, beta)
  const plan = planPromote(during, { target, version: 'v2', force: false }, providers)
  assert.deepEqual(routes(carriedOut(during, plan))?.['split'], 'v2=100')
  assert.deepEqual(plan.notes.map(formatNote), ['Cohort beta still goes to v1.'])
})

const mirrored = (entries: readonly (readonly [string, number])[]) => ({
  target,
  mirrors: new Map(entries),
  force: false,
})

test('a routing API that plans do not know has mirrors, which end without a trace', () => {
  const plan = planMirror(started, mirrored([['v2', 25]]), providers)
  assert.deepEqual(peopleAfter(plan), ['catalog: everyone → v1; 25 % mirrored to v2'])
  const during = carriedOut(started, plan)
  assert.equal(routes(during)?.['stable'], 'v1')
  assert.deepEqual(routes(carriedOut(during, planMirror(during, mirrored([]), providers))), routes(started))
  const promoted = planPromote(during, { target, version: 'v2', force: false }, providers)
  assert.deepEqual(routes(carriedOut(during, promoted)), { split: 'v2=100' })
})

test('a routing API without mirrors says so', () => {
  const without = { ...madeUp, can: { ...madeUp.can, mirrors: 'a made-up route copies no requests' } }
  assert.throws(() => planMirror(started, mirrored([['v2', 25]]), [without]), {
    code: 'refused',
    message: 'requests cannot be mirrored: a made-up route copies no requests',
  })
})

test('a routing API that plans do not know is brought back to stable by abort', () => {
  const weighted = carriedOut(
    started,
    planWeight(started, { target, weights: new Map([['v2', 50]]), force: false }, providers),
  )
  const plan = planAbort(weighted, { target }, providers)
  assert.deepEqual(routes(carriedOut(weighted, plan)), { split: 'v1=100' })
})

test('a routing API that plans do not know names the command that gives a first route, where there is none', () => {
  assert.throws(() => planWeight(world, { target, weights: new Map([['v2', 10]]), force: false }, [madeUp]), {
    code: 'not-found',
    hints: ['kubectl canary init catalog --stable v1 -n shop'],
  })
})
