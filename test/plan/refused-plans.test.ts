import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { code, cohortIntent, target, weights } from './intents.ts'
import { catalog, deployment, inMesh, service, toSubset, virtualService } from './worlds.ts'

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
        { match: [{ headers: { 'x-istio-cohort': { prefix: 'in' } } }], ...toSubset('version-v2') },
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
