import assert from 'node:assert/strict'
import { formatNote } from '../../plugin/print/notes.ts'
import test from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { catalog, deployment, namespace, service, virtualService } from './worlds.ts'

const target = { namespace, command: 'cohort internal --to v2' }
const cohort = {
  target,
  name: 'internal',
  to: 'v2',
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
}
const route = (host: string, weight?: number) => ({
  destination: { host },
  ...(weight === undefined ? {} : { weight }),
})

test('tcp and tls routes beside the http routes of a cohort are told, because its header is not seen there', () => {
  const to = { route: [{ destination: { host: 'catalog', subset: 'version-v1' } }] }
  const mixed = virtualService('catalog-mesh', {
    hosts: ['catalog'],
    http: [to],
    tcp: [to],
    tls: [{ match: [{ sniHosts: ['catalog'] }], route: [{ destination: { host: 'orders' } }] }],
  })
  const view = snapshot([...catalog().slice(0, 4), mixed])
  assert.match(
    planCohort(view, cohort).notes.map(formatNote).join('\n'),
    /catalog-mesh routes catalog by tcp, too, where requests cannot be told apart: cohorts do not apply there/,
  )
  assert.deepEqual(planWeight(view, { target, weights: new Map([['v2', 10]]), force: false }).notes, [])
})

const apart = [
  service('reviews'),
  service('reviews-v1'),
  service('reviews-v2'),
  deployment('a', { app: 'reviews', version: 'v1' }),
  deployment('b', { app: 'reviews', version: 'v2' }),
  virtualService('reviews', {
    hosts: ['reviews'],
    http: [{ route: [route('reviews-v1', 90), route('reviews-v2', 10)] }],
  }),
]
for (const [title, plan] of [
  ['a cohort', () => planCohort(snapshot(apart), cohort)],
  ['a split', () => planWeight(snapshot(apart), { target, weights: new Map([['v2', 10]]), force: false })],
  [
    'a start',
    () =>
      planInit(snapshot(apart), {
        target: { ...target, service: 'reviews' },
        stable: 'v1',
        gateways: [],
        hosts: [],
      }),
  ],
] as const) {
  test(`${title} of versions that are Services of their own is made`, () => {
    assert.doesNotThrow(plan)
  })
}

test('a cohort before a route that also splits to another Service is not told to choose other conditions', () => {
  const both = virtualService('both', {
    hosts: ['both'],
    http: [{ route: [route('catalog', 50), route('orders', 50)] }],
  })
  assert.throws(
    () => planCohort(snapshot([...catalog(), both]), cohort),
    (error: unknown) =>
      error instanceof CanaryError
      && error.code === 'refused'
      && /Nothing tells that orders is a version of catalog/.test(error.hints.join()),
  )
})
