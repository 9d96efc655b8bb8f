import assert from 'node:assert/strict'
import test, { after, type TestContext } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { socketOf } from '../bootstrap.ts'
import { Envoy } from '../envoy.ts'
import { routesFor } from '../translate.ts'
import { User, visitAll, type Visit } from './people.ts'
import { Versions } from './versions.ts'

const namespace = 'shop'
const target = { namespace, command: 'verb' }
const host = 'catalog.shop.svc.cluster.local'
const deployment = (version: string): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `catalog-${version}`, namespace },
    spec: { replicas: 1, template: { metadata: { labels: { app: 'catalog', version } } } },
  }) as KubeObject
const istio = (kind: string, spec: object): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name: 'catalog', namespace },
    spec,
  }) as KubeObject
const toStable = { route: [{ destination: { host: 'catalog', subset: 'v1' } }] }
const start: ClusterView = snapshot([
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'catalog', namespace },
    spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
  } as KubeObject,
  ...['v1', 'v2', 'v3'].map(deployment),
  istio('DestinationRule', {
    host: 'catalog',
    subsets: ['v1', 'v2', 'v3'].map(name => ({ name, labels: { version: name } })),
  }),
  istio('VirtualService', {
    hosts: ['catalog'],
    http: [{ match: [{ uri: { prefix: '/items' } }], ...toStable }, toStable],
  }),
])

type Verb = (view: ClusterView) => Plan
const weight =
  (percent: number, sticky = false): Verb =>
  view =>
    planWeight(view, {
      target,
      weights: new Map([['v2', percent]]),
      force: false,
      ...(sticky && { sticky: { since: '2026-01-01T00:00:00Z' } }),
    })
const cohort: Verb = view =>
  planCohort(view, {
    target,
    name: 'internal',
    to: 'v2',
    conditions: [],
    since: '2026-01-01T00:00:00Z',
    force: false,
  })
const mirror =
  (entries: Readonly<Record<string, number>>): Verb =>
  view =>
    planMirror(view, { target, mirrors: new Map(Object.entries(entries)), force: false })
const promote: Verb = view => planPromote(view, { target, version: 'v2', force: false })
/** A view after some commands. */
const viewAfter = (view: ClusterView, ...verbs: readonly Verb[]): ClusterView =>
  verbs.reduce((now, verb) => sessionOf(overlay(now, verb(now).changes)), view)

interface Proxy {
  readonly versions: Versions
  /** Puts what a view says into effect. */
  readonly follow: (view: ClusterView) => Promise<void>
  readonly visit: (users: readonly User[], more?: Partial<Visit>) => Promise<readonly string[]>
}

let started: Promise<Proxy> | undefined
const stops: (() => void | Promise<void>)[] = []
after(async () => {
  for (const stop of stops) await stop()
})

async function startProxy(): Promise<Proxy> {
  const envoy = await Envoy.start()
  stops.push(() => envoy.stop())
  const versions = await Versions.start(envoy.folder)
  stops.push(() => versions.stop())
  const client = {
    isGateway: false,
    namespace,
    labels: {},
    port: 80,
    isTls: false,
    clusterOf: ({ subset = '' }: { readonly subset?: string }) => subset,
  }
  return {
    versions,
    follow: view =>
      envoy.route('sidecar', routesFor([...view.list('Service'), ...view.list('VirtualService')], client)),
    visit: (users, more) => visitAll(users, socketOf(envoy.folder, 'sidecar'), { host, ...more }),
  }
}
const running = (context: TestContext) => orSkip(context, () => (started ??= startProxy()))

const population = 10_000
const people = (count = population): readonly User[] => Array.from({ length: count }, () => new User())
/** As many as show that something holds for all. */
const some = 1_000
const countOf = (answered: readonly string[], version: string): number =>
  answered.filter(each => each === version).length

/** Of n draws with this chance, a count outside of five standard deviations comes once in two million runs. */
function assertShare(
  count: number,
  { of: n, percent }: { readonly of: number; readonly percent: number },
): void {
  const p = percent / 100
  const [mean, bound] = [n * p, 5 * Math.sqrt(n * p * (1 - p))]
  assert.ok(
    Math.abs(count - mean) <= bound,
    `${count} of ${n} is not ${percent} % (${mean} ± ${Math.round(bound)})`,
  )
}

test('of 10,000 requests each version gets its share, and a cohort goes to its version alone', async context => {
  const proxy = await running(context)
  if (!proxy) return
  let view = viewAfter(start, cohort)
  for (const [verb, percent] of [
    [weight(10), 10],
    [weight(50), 50],
    [promote, 100],
  ] as const) {
    view = viewAfter(view, verb)
    await proxy.follow(view)
    const answered = await proxy.visit(people())
    assertShare(countOf(answered, 'v2'), { of: population, percent })
    assert.equal(countOf(answered, 'v1') + countOf(answered, 'v2'), population)
    const members = await proxy.visit(people(some), { headers: [['x-istio-cohort', 'internal']] })
    assert.equal(countOf(members, 'v2'), some)
  }
})

test('mirrors get copies of their percentages, beside each other, none of a cohort, and answer nobody', async context => {
  const proxy = await running(context)
  if (!proxy) return
  const { versions } = proxy
  await proxy.follow(viewAfter(start, cohort, mirror({ v2: 25, v3: 0.5 })))
  versions.forget()
  const answered = await proxy.visit(people())
  await versions.settled()
  assert.equal(countOf(answered, 'v1'), population)
  assertShare(versions.count('v2'), { of: population, percent: 25 })
  assertShare(versions.count('v3'), { of: population, percent: 0.5 })
  versions.forget()
  const members = await proxy.visit(people(some), { headers: [['x-istio-cohort', 'internal']] })
  await versions.settled()
  assert.equal(countOf(members, 'v2'), some)
  assert.deepEqual([versions.count('v2'), versions.count('v3')], [some, 0])
})

test('of 10,000 users each keeps a version, and the share is that of users without a cookie', async context => {
  const proxy = await running(context)
  if (!proxy) return
  const [users, forgetful] = [people(), people()]
  let view = start
  let before: readonly string[] = []
  for (const percent of [10, 50]) {
    view = viewAfter(view, weight(percent, true))
    await proxy.follow(view)
    const first = await proxy.visit(users)
    const free = users.flatMap((_, i) => (before[i] === 'v2' ? [] : [first[i]!]))
    assertShare(countOf(free, 'v2'), { of: free.length, percent })
    assert.ok(first.every((version, i) => before[i] !== 'v2' || version === 'v2'))
    assert.deepEqual(await proxy.visit(users), first)
    const others = await proxy.visit(forgetful, { keepsNothing: true })
    assertShare(countOf(others, 'v2'), { of: population, percent })
    before = first
  }
  await proxy.follow(viewAfter(view, promote))
  assert.equal(countOf(await proxy.visit(users), 'v2'), population)
  assert.equal(countOf(await proxy.visit(people(some), { keepsNothing: true }), 'v2'), some)
})
