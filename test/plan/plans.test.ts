import assert from 'node:assert/strict'
import { formatNote } from '../../plugin/print/notes.ts'
import { peopleAfter } from './people-after.ts'
import test from 'node:test'
import { planAbort } from '../../shared/plan/plan-abort.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planPromote } from '../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { apply, cohortIntent, routeNamed, split, target, weights } from './intents.ts'
import {
  catalog,
  deployment,
  destinationRule,
  fromGateway,
  inMesh,
  namespace,
  service,
  toSubset,
} from './worlds.ts'

test('a cohort gets a header route before the base route, for the gateway and for the mesh', () => {
  const view = snapshot(catalog())
  const plan = planCohort(view, cohortIntent())
  for (const name of ['catalog-vs-from-gw', 'catalog-mesh']) {
    const { http } = routeNamed(apply(view, plan), name).spec
    assert.deepEqual(
      http!.map(({ match, route }) => ({ match, route })),
      [
        {
          match: [{ headers: { 'x-istio-cohort': { exact: 'internal' } } }],
          route: [{ destination: { host: 'catalog', subset: 'version-v2' } }],
        },
        { match: undefined, route: [{ destination: { host: 'catalog', subset: 'version-v1' } }] },
      ],
    )
  }
  assert.deepEqual(peopleAfter(plan), [
    'catalog: cohort internal (x-istio-cohort: internal) → v2; everyone else → v1',
  ])
})

test('weights go beside a cohort, and taking the cohort away leaves just the weights', () => {
  const view = snapshot(catalog())
  const both = apply(
    apply(view, planCohort(view, cohortIntent())),
    planWeight(apply(view, planCohort(view, cohortIntent())), weights(['v2', 10])),
  )
  assert.deepEqual(split(both, 'catalog-mesh'), ['version-v2', 'version-v1=90 version-v2=10'])
  const left = apply(both, planRemoveCohort(both, { target, name: 'internal' }))
  assert.deepEqual(
    routeNamed(left, 'catalog-mesh'),
    routeNamed(apply(view, planWeight(view, weights(['v2', 10]))), 'catalog-mesh'),
  )
})

test('a cohort that comes and goes leaves what was there', () => {
  const view = snapshot(catalog())
  const during = apply(view, planCohort(view, cohortIntent()))
  const left = apply(during, planRemoveCohort(during, { target, name: 'internal' }))
  for (const name of ['catalog-vs-from-gw', 'catalog-mesh'])
    assert.deepEqual(routeNamed(left, name), routeNamed(view, name))
})

test('the same command twice changes nothing the second time', () => {
  const view = snapshot(catalog())
  const once = apply(view, planCohort(view, cohortIntent()))
  assert.deepEqual(
    planCohort(once, cohortIntent('internal', 'v2', { since: '2026-02-01T00:00:00Z' })).changes,
    [],
  )
  const weighed = apply(once, planWeight(once, weights(['v2', 10])))
  const again = planWeight(weighed, weights(['v2', 10]))
  assert.deepEqual(again.changes, [])
  assert.deepEqual(again.objects.map(({ metadata }) => metadata.name).toSorted(), [
    'catalog-mesh',
    'catalog-vs-from-gw',
  ])
  const promoted = apply(weighed, planPromote(weighed, { target, version: 'v2', force: false }))
  assert.deepEqual(planPromote(promoted, { target, version: 'v2', force: false }).changes, [])
  assert.deepEqual(planAbort(promoted, { target }).changes, [])
})

test('everyone else means stable even where the base route named no subset, and it is put back afterwards', () => {
  const bare = [
    service(),
    deployment('catalog', { app: 'catalog', version: 'v1' }),
    deployment('catalog-v2', { app: 'catalog', version: 'v2' }),
    destinationRule('v1', 'v2'),
    inMesh({ route: [{ destination: { host: 'catalog' } }] }),
  ]
  const view = snapshot(bare)
  const during = apply(view, planCohort(view, cohortIntent()))
  assert.deepEqual(split(during, 'catalog-mesh'), ['version-v2', 'version-v1'])
  assert.deepEqual(
    routeNamed(apply(during, planRemoveCohort(during, { target, name: 'internal' })), 'catalog-mesh'),
    routeNamed(view, 'catalog-mesh'),
  )
})

test('promote gives everything to the version, takes its cohort along and forgets the canary', () => {
  const view = snapshot(catalog())
  const during = apply(view, planCohort(view, cohortIntent()))
  const promoted = apply(during, planPromote(during, { target, version: 'v2', force: false }))
  assert.deepEqual(split(promoted, 'catalog-mesh'), ['version-v2'])
  assert.equal(routeNamed(promoted, 'catalog-mesh').metadata.annotations, undefined)
  assert.deepEqual(peopleAfter(planPromote(promoted, { target, version: 'v1', force: false })), [
    'catalog: everyone → v1',
  ])
})

test('promote leaves a cohort that leads elsewhere, and names it', () => {
  const view = snapshot([
    ...catalog().filter(({ kind }) => kind !== 'DestinationRule'),
    destinationRule('v1', 'v2', 'v3'),
  ])
  const during = apply(view, planCohort(view, cohortIntent('beta', 'v3')))
  const plan = planPromote(during, { target, version: 'v2', force: false })
  assert.deepEqual(split(apply(during, plan), 'catalog-mesh'), ['version-v3', 'version-v2'])
  assert.ok(plan.notes.map(formatNote).includes('Cohort beta still goes to v3.'))
})

test('abort puts everything back to the stable version that was written down', () => {
  const view = snapshot(catalog())
  const during = apply(view, planWeight(view, weights(['v2', 60])))
  assert.equal(routeNamed(during, 'catalog-mesh').metadata.annotations?.['kubectl-canary/stable'], 'v1')
  const back = apply(during, planAbort(during, { target: { namespace, command: 'abort' } }))
  assert.deepEqual(routeNamed(back, 'catalog-mesh'), routeNamed(view, 'catalog-mesh'))
})

test('a version without a subset gets one, named like the others, before the route that names it', () => {
  const view = snapshot([...catalog(), deployment('catalog-v3', { app: 'catalog', version: 'v3' })])
  const plan = planWeight(view, weights(['v3', 5], ['v2', 10]))
  assert.equal(plan.changes[0]?.after?.kind, 'DestinationRule')
  assert.deepEqual(split(apply(view, plan), 'catalog-mesh'), ['version-v1=85 version-v3=5 version-v2=10'])
})

test('init makes subsets and a route, and weight, promote and back again work on them', () => {
  const shop = [
    service(),
    deployment('catalog', { app: 'catalog', version: 'v1' }),
    deployment('catalog-v2', { app: 'catalog', version: 'v2' }),
  ]
  const view = snapshot(shop)
  const init = { target: { namespace, command: 'init' }, stable: 'v1', gateways: [], hosts: [] }
  const ready = apply(view, planInit(view, init))
  assert.deepEqual(split(ready, 'catalog'), ['v1'])
  assert.deepEqual(planInit(ready, init).changes, [])
  const weighed = apply(ready, planWeight(ready, weights(['v2', 25])))
  assert.deepEqual(split(weighed, 'catalog'), ['v1=75 v2=25'])
  const promoted = apply(weighed, planPromote(weighed, { target, version: 'v2', force: false }))
  assert.deepEqual(split(promoted, 'catalog'), ['v2'])
  assert.deepEqual(
    split(apply(promoted, planPromote(promoted, { target, version: 'v1', force: false })), 'catalog'),
    ['v1'],
  )
})

test('a route by hand for some requests keeps its version when the weights change', () => {
  const byHand = { match: [{ headers: { 'x-debug': { exact: '1' } } }], ...toSubset('version-v2') }
  const view = snapshot([...catalog().slice(0, 4), inMesh(byHand, toSubset('version-v1'))])
  const plan = planWeight(view, weights(['v2', 10]))
  assert.deepEqual(split(apply(view, plan), 'catalog-mesh'), ['version-v2', 'version-v1=90 version-v2=10'])
  assert.match(plan.notes.map(formatNote).join(), /spec\.http\[0\]/)
})

test('says so when callers inside the mesh are not covered', () => {
  const view = snapshot([...catalog().slice(0, 4), fromGateway()])
  assert.match(
    planCohort(view, cohortIntent()).notes.map(formatNote).join(),
    /inside the mesh are not covered/,
  )
})

test('a cohort of callers by label is said to get nothing at a gateway', () => {
  const { notes } = planCohort(
    snapshot(catalog()),
    cohortIntent('lab', 'v2', { conditions: [{ on: 'source-label', name: 'app', value: 'webapp' }] }),
  )
  assert.deepEqual(notes.map(formatNote), [
    'VirtualService istioinaction/catalog-vs-from-gw is for gateways only, where callers have no labels: cohort lab gets no requests there.',
  ])
  assert.deepEqual(planCohort(snapshot(catalog()), cohortIntent()).notes, [])
})
