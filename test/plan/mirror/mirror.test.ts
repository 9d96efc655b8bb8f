import assert from 'node:assert/strict'
import test from 'node:test'
import { formatNote } from '../../../plugin/print/notes.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { MirrorIntent } from '../../../shared/plan/intent.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent, routeNamed, target, weights } from '../intents.ts'
import { peopleAfter } from '../people-after.ts'
import {
  catalog,
  deployment,
  destinationRule,
  inMesh,
  namespace,
  service,
  toSubset,
  virtualService,
} from '../worlds.ts'

const mirror = (
  view: ClusterView,
  entries: Readonly<Record<string, number>>,
  more: Partial<MirrorIntent> = {},
): Plan => planMirror(view, { target, mirrors: new Map(Object.entries(entries)), force: false, ...more })
const off = (view: ClusterView): Plan => mirror(view, {})
const world = (...http: readonly HttpRoute[]): ClusterView =>
  snapshot([
    ...catalog().filter(({ kind }) => kind === 'Service' || kind === 'Deployment'),
    deployment('catalog-v3', { app: 'catalog', version: 'v3' }),
    destinationRule('v1', 'v2', 'v3'),
    inMesh(...http),
  ])
const copies = (view: ClusterView, name = 'catalog-mesh'): readonly string[] =>
  copiesIn(routeNamed(view, name).spec.http)
const copiesIn = (http: readonly HttpRoute[] = []): readonly string[] =>
  http.map(({ mirror: one, mirrorPercentage, mirrors = [] }) =>
    [
      ...(one === undefined ? [] : [`${one.subset ?? one.host} ${mirrorPercentage?.value}`]),
      ...mirrors.map(
        ({ destination, percentage }) => `${destination.subset ?? destination.host} ${percentage?.value}`,
      ),
    ].join(', '),
  )
const notes = (plan: Plan): readonly string[] => plan.notes.map(formatNote)
const failure = (run: () => unknown): CanaryError => {
  try {
    run()
  } catch (error) {
    return error as CanaryError
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' })
}

test('mirror adds copies at every route to the Service and says so', () => {
  const start = snapshot(catalog())
  const plan = mirror(start, { v2: 25 })
  const during = apply(start, plan)
  assert.deepEqual(
    [copies(during), copies(during, 'catalog-vs-from-gw')],
    [['version-v2 25'], ['version-v2 25']],
  )
  assert.deepEqual(peopleAfter(plan), ['catalog: everyone → v1; 25 % mirrored to v2'])
  assert.equal(plan.title, 'mirror v2=25')
  assert.match(
    notes(plan)[0]!,
    /^v2 gets copies of requests that change data \(POST, PUT, PATCH, DELETE\), too/,
  )
  assert.deepEqual(apply(during, off(during)).list('VirtualService'), start.list('VirtualService'))
})

test('mirror names the whole set: a version that is not named any more goes and is named', () => {
  const both = apply(world(), mirror(world(), { v2: 25, v3: 10 }))
  assert.deepEqual(copies(both), ['version-v2 25, version-v3 10'])
  const plan = mirror(both, { v2: 30 })
  assert.deepEqual(copies(apply(both, plan)), ['version-v2 30'])
  assert.deepEqual(notes(plan), [
    'The mirror to v3 is removed (VirtualService istioinaction/catalog-mesh spec.http[0]).',
  ])
})

test('mirror takes out a version with 0, and leaves the others where nothing else is named', () => {
  const both = apply(world(), mirror(world(), { v2: 25, v3: 10 }))
  assert.deepEqual(copies(apply(both, mirror(both, { v3: 0 }))), ['version-v2 25'])
  assert.deepEqual(copies(apply(both, mirror(both, { v3: 0, v2: 5 }))), ['version-v2 5'])
  const none = apply(both, mirror(both, { v2: 0, v3: 0 }))
  assert.deepEqual(none.list('VirtualService'), world().list('VirtualService'))
})

test('mirror changes nothing the second time, and warns of effects once', () => {
  const during = apply(world(), mirror(world(), { v2: 25 }))
  const again = mirror(during, { v2: 25 })
  assert.deepEqual([again.changes, notes(again)], [[], []])
  assert.deepEqual(notes(mirror(during, { v2: 50 })), [])
})

test('mirror pins routes that name no version to stable while it lasts', () => {
  const start = world({ route: [{ destination: { host: 'catalog' } }] })
  const during = apply(start, mirror(start, { v2: 25 }, { stable: 'v1' }))
  assert.deepEqual(routeNamed(during, 'catalog-mesh').spec.http![0]!.route, [
    { destination: { host: 'catalog', subset: 'version-v1' } },
  ])
  assert.deepEqual(apply(during, off(during)).list('VirtualService'), start.list('VirtualService'))
})

test("mirror makes a missing subset first, and copies the route's port", () => {
  const start = snapshot([
    ...catalog().filter(({ kind }) => kind === 'Service' || kind === 'Deployment'),
    destinationRule('v1'),
    inMesh({ route: [{ destination: { host: 'catalog', subset: 'version-v1', port: { number: 80 } } }] }),
  ])
  const plan = mirror(start, { v2: 25 })
  assert.deepEqual(
    plan.steps.map(({ change }) => change.after?.kind),
    ['DestinationRule', 'VirtualService'],
  )
  assert.deepEqual(routeNamed(apply(start, plan), 'catalog-mesh').spec.http![0]!.mirror, {
    host: 'catalog',
    subset: 'version-v2',
    port: { number: 80 },
  })
})

test('mirror skips a route that sends everything to the version already, and one for other senders', () => {
  const start = world(
    { match: [{ uri: { prefix: '/beta' } }], ...toSubset('version-v2') },
    { match: [{ headers: { 'x-qa': { exact: '1' } } }], ...toSubset('version-v3') },
    toSubset('version-v1'),
  )
  const plan = mirror(
    start,
    { v2: 25 },
    { stable: 'v1', choice: { routes: ['/beta', 'http[1]', 'http[2]'], objects: [] } },
  )
  assert.deepEqual(copies(apply(start, plan)), ['', '', 'version-v2 25'])
  assert.ok(
    notes(plan).includes(
      'VirtualService istioinaction/catalog-mesh, spec.http[0] sends all its requests to v2: it is not mirrored there.',
    ),
  )
  assert.ok(notes(plan).some(note => note.includes('spec.http[1] selects some requests for another version')))
})

test("mirror never copies a cohort's requests", () => {
  const start = world()
  for (const verbs of [
    [
      (view: ClusterView) => planCohort(view, cohortIntent()),
      (view: ClusterView) => mirror(view, { v2: 25 }),
    ],
    [
      (view: ClusterView) => mirror(view, { v2: 25 }),
      (view: ClusterView) => planCohort(view, cohortIntent()),
    ],
  ]) {
    const during = verbs.reduce((view, verb) => apply(view, verb(view)), start)
    assert.deepEqual(copies(during), ['', 'version-v2 25'])
    const [a, b] = [planRemoveCohort, () => off] as const
    const left = apply(during, a(during, { target, name: 'internal' }))
    assert.deepEqual(copies(left), ['version-v2 25'])
    assert.deepEqual(apply(left, b()(left)).list('VirtualService'), start.list('VirtualService'))
    const cohortLeft = apply(during, off(during))
    assert.deepEqual(
      apply(cohortLeft, a(cohortLeft, { target, name: 'internal' })).list('VirtualService'),
      start.list('VirtualService'),
    )
  }
})

test('mirror keeps to the routes that a person chose, also when weights follow', () => {
  const start = world(
    { match: [{ uri: { prefix: '/items' } }], ...toSubset('version-v1') },
    toSubset('version-v1'),
  )
  const choice = { routes: ['/items'], objects: [] }
  const during = apply(start, mirror(start, { v2: 25 }, { choice }))
  assert.deepEqual(copies(during), ['version-v2 25', ''])
  assert.match(
    peopleAfter(mirror(start, { v2: 25 }, { choice }))[0]!,
    /25 % mirrored to v2 \(on \/items\*\)$/,
  )
  const weighed = apply(during, planWeight(during, weights(['v2', 10])))
  assert.deepEqual(
    routeNamed(weighed, 'catalog-mesh').spec.http!.map(({ route }) => route!.length),
    [2, 1],
  )
  assert.deepEqual(apply(during, off(during)).list('VirtualService'), start.list('VirtualService'))
  const whole = apply(start, planWeight(start, weights(['v2', 10])))
  assert.match(
    failure(() => mirror(whole, { v2: 25 }, { choice })).message,
    /so a mirror cannot be on some only/,
  )
})

test('mirror copies the requests of users whom a cookie keeps at their version, but not to the version that they have', () => {
  const sticky = (view: ClusterView) =>
    planWeight(view, { ...weights(['v2', 10]), sticky: { since: '2026-01-01T00:00:00Z' } })
  const set = (view: ClusterView) => mirror(view, { v2: 25, v3: 5 })
  const start = world()
  const kept = apply(start, sticky(start))
  const [one, other] = [
    [sticky, set],
    [set, sticky],
  ].map(verbs => verbs.reduce((view, verb) => apply(view, verb(view)), start)) as [ClusterView, ClusterView]
  for (const during of [one, other]) {
    assert.deepEqual(copies(during), [
      'version-v3 5',
      'version-v2 25, version-v3 5',
      'version-v2 25, version-v3 5',
    ])
    assert.deepEqual(
      routeNamed(apply(during, off(during)), 'catalog-mesh').spec,
      routeNamed(kept, 'catalog-mesh').spec,
    )
    assert.deepEqual(
      apply(during, planAbort(during, { target }))
        .list('VirtualService')
        .map(({ spec }) => copiesIn(spec.http)),
      [['version-v3 5']],
    )
  }
})

test("mirror is a list in a delegate whose root has a mirror, so that the root's goes on", () => {
  const start = snapshot([
    ...catalog().filter(({ kind }) => kind !== 'VirtualService'),
    virtualService('root', {
      hosts: ['catalog'],
      http: [{ delegate: { name: 'leaf', namespace }, mirror: { host: 'orders' } }],
    }),
    virtualService('leaf', { http: [toSubset('version-v1')] }),
    service('orders'),
  ])
  const during = apply(start, mirror(start, { v2: 25 }))
  assert.deepEqual(routeNamed(during, 'leaf').spec.http![0]!.mirrors, [
    { destination: { host: 'catalog', subset: 'version-v2' }, percentage: { value: 25 } },
  ])
})

test('mirror is refused to the stable version, which has the requests themselves', () => {
  const error = failure(() => mirror(world(), { v1: 25 }))
  assert.equal(error.code, 'usage')
  assert.match(error.message, /v1 is the stable version of catalog/)
})

test('mirror is refused where routes are for connections, with what can be done', () => {
  const start = snapshot([
    ...catalog().filter(({ kind }) => kind !== 'VirtualService'),
    virtualService('tcp', { hosts: ['catalog'], tcp: [toSubset('version-v1')] }),
  ])
  const error = failure(() => mirror(start, { v2: 25 }))
  assert.deepEqual(
    [error.code, error.message, error.hints],
    [
      'refused',
      'catalog is routed by tcp or tls only (VirtualService istioinaction/tcp), where requests cannot be copied',
      ['Split it by weight instead: kubectl canary weight catalog v2=10 -n istioinaction'],
    ],
  )
  assert.deepEqual(failure(() => mirror(start, { v2: 25 }, { stable: 'v1' })).hints, [
    'Split it by weight instead: kubectl canary weight catalog v2=10 -n istioinaction --stable v1',
  ])
  assert.deepEqual(off(start).changes, [])
})

test('mirror is refused on a route that also leads to another host, which would be copied, too', () => {
  const mixed = {
    route: [
      { destination: { host: 'catalog', subset: 'version-v1' }, weight: 60 },
      { destination: { host: 'orders' }, weight: 40 },
    ],
  }
  assert.match(
    failure(() => mirror(world(mixed), { v2: 25 })).message,
    /spec\.http\[0\]: its requests cannot be mirrored, because it also splits to another host, orders/,
  )
})

test('mirror is refused to a version without ready pods on a cluster, save with --force', () => {
  const live = { ...target, live: true, command: 'mirror v2=25' }
  const start = snapshot([
    service(),
    deployment('catalog', { app: 'catalog', version: 'v1' }),
    deployment('catalog-v2', { app: 'catalog', version: 'v2' }, 0),
    destinationRule('v1', 'v2'),
    inMesh(),
  ])
  const error = failure(() => mirror(start, { v2: 25 }, { target: live }))
  assert.match(error.message, /version v2 of catalog has no ready workload/)
  assert.ok(error.hints.includes('Or send traffic to it now: kubectl canary mirror v2=25 --force'))
  assert.equal(mirror(start, { v2: 25 }, { target: live, force: true }).changes.length, 1)
})

const pods = (ready: number, version: string) => ({
  ...deployment(`catalog-${version}`, { app: 'catalog', version }, ready),
  spec: { ...deployment('x', { app: 'catalog', version }).spec, replicas: ready },
})
const start = snapshot([service(), pods(10, 'v1'), pods(2, 'v2'), destinationRule('v1', 'v2'), inMesh()])
const live = { ...target, live: true }

test('the load of copies counts as load, beside the share of the version', () => {
  const said = (plan: Plan): readonly string[] => notes(plan).filter(note => note.startsWith('Version'))
  assert.deepEqual(said(mirror(start, { v2: 20 }, { target: live })), [])
  assert.deepEqual(said(mirror(start, { v2: 25 }, { target: live })), [
    'Version v2 of catalog gets copies of 25 % of the requests and has 2 ready pods; v1 has 10 now, so this share needs 3.',
  ])
  const during = apply(start, mirror(start, { v2: 20 }, { target: live }))
  assert.deepEqual(said(planWeight(during, { ...weights(['v2', 15]), target: live })), [
    'Version v2 of catalog gets 15 % of the requests and copies of 20 %, and has 2 ready pods; v1 has 10 now, so this share needs 4.',
  ])
})

const orders: HttpRoute = {
  ...toSubset('version-v1'),
  mirror: { host: 'orders' },
  mirrorPercentage: { value: 5 },
}

test('mirror --off keeps what was written by hand, and names it', () => {
  const start = world(orders)
  const during = apply(start, mirror(start, { v2: 25 }))
  assert.deepEqual(copies(during), ['orders 5, version-v2 25'])
  const plan = off(during)
  assert.deepEqual(notes(plan), [
    'The mirror to v2 is removed (VirtualService istioinaction/catalog-mesh spec.http[0]).',
    'The mirror to orders stays (VirtualService istioinaction/catalog-mesh spec.http[0]).',
  ])
  assert.deepEqual(apply(during, plan).list('VirtualService'), start.list('VirtualService'))
})

test('mirror --off changes nothing where nothing is ours, and names what was written by hand', () => {
  const said = [
    'catalog has no mirror that kubectl canary set.',
    'The mirror to orders stays (VirtualService istioinaction/catalog-mesh spec.http[0]).',
  ]
  const named = planMirror(world(orders), {
    target: { ...target, service: 'catalog' },
    mirrors: new Map(),
    force: false,
  })
  assert.deepEqual([named.changes, notes(named)], [[], said])
  const inferred = off(world(orders))
  assert.deepEqual(
    [inferred.changes, notes(inferred)],
    [[], ['No Service in namespace istioinaction has a mirror that kubectl canary set.', said[1]]],
  )
})

test('the end of a canary by promotion ends the mirrors to the version, and keeps those of ours to others', () => {
  const during = apply(world(), mirror(world(), { v2: 25, v3: 10 }))
  const plan = planPromote(during, { target, version: 'v2', force: false })
  assert.deepEqual(copies(apply(during, plan)), ['version-v3 10'])
  assert.deepEqual(
    notes(plan).filter(note => note.startsWith('The mirror')),
    [
      'The mirror to v2 is removed (VirtualService istioinaction/catalog-mesh spec.http[0]).',
      'The mirror to v3 stays (VirtualService istioinaction/catalog-mesh spec.http[0]).',
    ],
  )
  const ended = apply(apply(during, plan), off(apply(during, plan)))
  assert.deepEqual(copies(ended), [''])
  assert.equal(routeNamed(ended, 'catalog-mesh').metadata.annotations, undefined)
})

test('the end of a canary by abort ends those to the canary and leaves no trace', () => {
  const start = world()
  for (const canary of [
    (view: ClusterView) => planWeight(view, weights(['v2', 10])),
    (view: ClusterView) => planCohort(view, cohortIntent()),
    undefined,
  ]) {
    const mirrored = apply(start, mirror(start, { v2: 25 }))
    const during = canary === undefined ? mirrored : apply(mirrored, canary(mirrored))
    assert.deepEqual(
      apply(during, planAbort(during, { target })).list('VirtualService'),
      start.list('VirtualService'),
    )
  }
})

test('mirror --off removes the record of mirrors that a person has removed', () => {
  const start = world(toSubset('version-v1'))
  const during = apply(start, mirror(start, { v2: 25 }))
  const before = routeNamed(during, 'catalog-mesh')
  const { mirror: _m, mirrorPercentage: _p, ...bare } = before.spec.http![0]!
  const edited = { ...before, spec: { ...before.spec, http: [bare] } }
  const removed = overlay(during, [{ before, after: edited }])
  for (const plan of [off(removed), mirror(removed, {}, { target: { ...target, service: undefined } })])
    assert.deepEqual(apply(removed, plan).list('VirtualService'), start.list('VirtualService'))
})
