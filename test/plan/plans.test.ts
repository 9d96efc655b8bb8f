import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import type { CohortIntent, Target } from '../../shared/plan/intent.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { planAbort } from '../../shared/plan/plan-abort.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planPromote } from '../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { readTraffic } from '../../shared/plan/read-traffic.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import {
  catalog,
  deployment,
  destinationRule,
  fromGateway,
  inMesh,
  namespace,
  service,
  toSubset,
  virtualService,
} from './worlds.ts'

const target: Target = { namespace, command: 'cohort internal --to v2' }
const cohortIntent = (name = 'internal', to = 'v2', more: Partial<CohortIntent> = {}): CohortIntent => ({
  target,
  name,
  to,
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
  ...more,
})
const weights = (...entries: readonly [string, number][]) => ({
  target,
  weights: new Map(entries),
  force: false,
})
const apply = (view: ClusterView, plan: Plan): ClusterView => overlay(view, plan.changes)
const routeNamed = (view: ClusterView, name: string): VirtualService =>
  view.get({ kind: 'VirtualService', namespace, name })!
const split = (view: ClusterView, name: string) =>
  routeNamed(view, name).spec.http!.map(route =>
    route
      .route!.map(
        ({ destination, weight }) => `${destination.subset}${weight === undefined ? '' : `=${weight}`}`,
      )
      .join(' '),
  )
const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error.code
  }
  return 'none'
}

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
  assert.deepEqual(plan.people, [
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
  assert.deepEqual(planPromote(promoted, { target, version: 'v1', force: false }).people, [
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
  assert.ok(plan.notes.includes('Cohort beta still goes to v3.'))
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

const refusals: readonly (readonly [
  title: string,
  code: string,
  objects: readonly KubeObject[],
  run: (view: ClusterView) => unknown,
])[] = [
  ['an unknown version', 'not-found', catalog(), view => planCohort(view, cohortIntent('internal', 'v9'))],
  [
    'an unknown service',
    'not-found',
    catalog(),
    view => planWeight(view, { ...weights(['v2', 10]), target: { ...target, service: 'catalogue' } }),
  ],
  [
    'a route of several versions without a stable one',
    'usage',
    [
      ...catalog().filter(({ kind }) => kind !== 'VirtualService'),
      inMesh({
        route: [
          { destination: { host: 'catalog', subset: 'version-v1' }, weight: 50 },
          { destination: { host: 'catalog', subset: 'version-v2' }, weight: 50 },
        ],
      }),
    ],
    view => planWeight(view, weights(['v2', 10])),
  ],
  ['weights above 100', 'usage', catalog(), view => planWeight(view, weights(['v2', 101]))],
  [
    'weights that add up to more than 100',
    'usage',
    [...catalog(), deployment('c3', { app: 'catalog', version: 'v3' })],
    view => planWeight(view, weights(['v2', 60], ['v3', 50])),
  ],
  [
    'a service without a route',
    'not-found',
    catalog().filter(({ kind }) => kind !== 'VirtualService'),
    view => planCohort(view, cohortIntent()),
  ],
  [
    'a route that also splits to another host',
    'refused',
    [
      ...catalog(),
      virtualService('both', {
        hosts: ['both'],
        http: [
          {
            route: [
              { destination: { host: 'catalog' }, weight: 50 },
              { destination: { host: 'orders' }, weight: 50 },
            ],
          },
        ],
      }),
    ],
    view => planCohort(view, cohortIntent()),
  ],
  [
    'a route that tests the header otherwise',
    'refused',
    [
      ...catalog().slice(0, 4),
      inMesh(
        { match: [{ headers: { 'x-istio-cohort': { exact: 'beta' } } }], ...toSubset('version-v2') },
        toSubset('version-v1'),
      ),
    ],
    view => planCohort(view, cohortIntent()),
  ],
  [
    'a version without a ready workload',
    'refused',
    [
      ...catalog().filter(({ metadata }) => metadata.name !== 'catalog-v2'),
      deployment('catalog-v2', { app: 'catalog', version: 'v2' }, 0),
    ],
    view => planCohort(view, cohortIntent('internal', 'v2', { target: { ...target, live: true } })),
  ],
  [
    'a VirtualService that a controller owns',
    'refused',
    [
      service(),
      deployment('c', { app: 'catalog', version: 'v1' }),
      deployment('d', { app: 'catalog', version: 'v2' }),
      virtualService(
        'catalog',
        { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog-primary' }, weight: 90 }] }] },
        {
          ownerReferences: [
            { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog-release', controller: true },
          ],
        },
      ),
    ],
    view => planWeight(view, { ...weights(['v2', 10]), target: { ...target, service: 'catalog' } }),
  ],
]
for (const [title, expected, objects, run] of refusals)
  test(`refuses ${title}`, () =>
    assert.equal(
      code(() => run(snapshot(objects))),
      expected,
    ))

test('several services that fit are listed as the full commands', () => {
  const view = snapshot([
    ...catalog(),
    service('orders'),
    deployment('o1', { app: 'orders', version: 'v1' }),
    deployment('o2', { app: 'orders', version: 'v2' }),
    virtualService('orders', { hosts: ['orders'], http: [toSubset('v1', 'orders')] }),
  ])
  assert.throws(
    () => planCohort(view, cohortIntent()),
    (error: CanaryError) =>
      error.code === 'ambiguous'
      && error.hints.includes('  kubectl canary cohort internal --to v2 --service orders'),
  )
})

test('a route by hand for some requests keeps its version when the weights change', () => {
  const byHand = { match: [{ headers: { 'x-debug': { exact: '1' } } }], ...toSubset('version-v2') }
  const view = snapshot([...catalog().slice(0, 4), inMesh(byHand, toSubset('version-v1'))])
  const plan = planWeight(view, weights(['v2', 10]))
  assert.deepEqual(split(apply(view, plan), 'catalog-mesh'), ['version-v2', 'version-v1=90 version-v2=10'])
  assert.match(plan.notes.join(), /spec\.http\[0\]/)
})

test('status reads what a rollout controller wrote, in the middle of its work', () => {
  const primary = (weight: number) => ({ destination: { host: 'catalog-primary' }, weight })
  const owned = virtualService(
    'catalog',
    {
      hosts: ['catalog'],
      http: [
        {
          match: [{ sourceLabels: { app: 'webapp' } }],
          route: [primary(90), { destination: { host: 'catalog-canary' }, weight: 10 }],
        },
        { route: [primary(90)] },
      ],
    },
    {
      ownerReferences: [
        { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog-release', controller: true },
      ],
    },
  )
  const [traffic, ...others] = readTraffic(
    snapshot([service(), service('catalog-primary'), service('catalog-canary'), owned]),
    { namespace, command: 'status' },
  )
  assert.equal(others.length, 0)
  assert.equal(traffic?.service, 'catalog')
  assert.deepEqual(
    traffic.entryPoints.map(({ splits, owner }) => ({ splits, owner })),
    [
      {
        owner: 'Canary istioinaction/catalog-release',
        splits: [
          {
            takes: 'from app=webapp',
            shares: [
              { version: 'catalog-primary', percent: 90 },
              { version: 'catalog-canary', percent: 10 },
            ],
            reached: true,
          },
          { takes: '', shares: [{ version: 'catalog-primary', percent: 100 }], reached: true },
        ],
      },
    ],
  )
})

test('says so when callers inside the mesh are not covered', () => {
  const view = snapshot([...catalog().slice(0, 4), fromGateway()])
  assert.match(planCohort(view, cohortIntent()).notes.join(), /inside the mesh are not covered/)
})

test('a delegate is entered where its root is: at its gateway, not by callers inside the mesh', () => {
  const delegate = virtualService('catalog', { http: [toSubset('version-v1')] })
  const root: VirtualService = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'root', namespace: 'edge' },
    spec: {
      hosts: ['shop.example.com'],
      gateways: ['gw'],
      http: [{ match: [{ uri: { prefix: '/catalog' } }], delegate: { name: 'catalog', namespace } }],
    },
  }
  const world = [...catalog().slice(0, 4), delegate]
  const [traffic] = readTraffic(snapshot([...world, root]), { namespace, command: 'status' })
  assert.deepEqual(
    traffic?.entryPoints.map(({ hosts, gateways }) => ({ hosts, gateways })),
    [{ hosts: ['shop.example.com'], gateways: ['edge/gw'] }],
  )
  assert.match(traffic.notes.join(), /inside the mesh are not covered/)
  assert.deepEqual(readTraffic(snapshot(world), { namespace, command: 'status' })[0]?.notes, [])
})

test('a version whose workloads may not be read is not taken for one that is not ready', () => {
  const world = catalog().filter(({ kind }) => kind !== 'Deployment')
  const live = { target: { ...target, live: true } }
  assert.equal(
    code(() => planCohort(snapshot(world), cohortIntent('internal', 'v2', live))),
    'refused',
  )
  assert.equal(
    code(() =>
      planCohort(
        snapshot(world, { unread: new Set(['Deployment'] as const) }),
        cohortIntent('internal', 'v2', live),
      ),
    ),
    'none',
  )
})

test('a cohort of callers by label is said to get nothing at a gateway', () => {
  const { notes } = planCohort(
    snapshot(catalog()),
    cohortIntent('lab', 'v2', { conditions: [{ on: 'source-label', name: 'app', value: 'webapp' }] }),
  )
  assert.deepEqual(notes, [
    'VirtualService istioinaction/catalog-vs-from-gw is for gateways only, where callers have no labels: cohort lab gets no requests there.',
  ])
  assert.deepEqual(planCohort(snapshot(catalog()), cohortIntent()).notes, [])
})

test('an edit of what a rollout controller owns names the controller, even where the version is not known', () => {
  const owned = virtualService(
    'catalog',
    { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog-primary' } }] }] },
    {
      ownerReferences: [
        { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog-release', controller: true },
      ],
    },
  )
  const view = snapshot([
    service(),
    service('catalog-primary'),
    deployment('catalog-primary', { app: 'catalog-primary', version: 'v1' }),
    owned,
  ])
  assert.throws(
    () => planCohort(view, cohortIntent('internal', 'v2', { target: { ...target, service: 'catalog' } })),
    /belongs to Canary istioinaction\/catalog-release/,
  )
  assert.throws(
    () => planCohort(view, cohortIntent()),
    (error: unknown) =>
      error instanceof CanaryError
      && error.hints.some(hint => hint.includes('belongs to Canary istioinaction/catalog-release')),
  )
})
