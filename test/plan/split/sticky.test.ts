import assert from 'node:assert/strict'
import test from 'node:test'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { StickyWords } from '../../../shared/plan/intent.ts'
import { formatPath } from '../../../shared/objects/paths.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent, routeNamed, weights } from '../intents.ts'
import { catalog, destinationRule, inMesh, toSubset, virtualService } from '../worlds.ts'

const since = '2026-08-01T12:00:00Z'
/** `date -d 2026-08-01T12:00:00Z +%s` to base 36. */
const start = 'tj3ao0'
const sticky = (percent: number, words: Partial<StickyWords> = {}) => ({
  ...weights(['v2', percent]),
  stable: 'v1',
  sticky: { since, ...words },
})
const base = catalog().filter(({ kind }) => kind === 'Service' || kind === 'Deployment')
const world = (...http: readonly HttpRoute[]): ClusterView =>
  snapshot([...base, destinationRule('v1', 'v2'), inMesh(...http)])
const plain = world(toSubset('version-v1'))
const after = (view: ClusterView, intent: Parameters<typeof planWeight>[1]): ClusterView =>
  apply(view, planWeight(view, intent))
const routes = (view: ClusterView): readonly HttpRoute[] => routeNamed(view, 'catalog-mesh').spec.http!

/** The cookies that the destinations of a route set. */
const cookiesOf = ({ route = [] }: HttpRoute): readonly unknown[] =>
  route.map(destination => {
    const { headers } = destination as { readonly headers?: { readonly response: { readonly add: object } } }
    return headers?.response.add
  })

const setting = (value: string, name = 'canary-catalog.istioinaction', ttl = 86_400) => ({
  'Set-Cookie': `${name}=${value}; Max-Age=${ttl}; Path=/; HttpOnly; SameSite=Lax`,
})

test('a sticky split sets a cookie with each version and puts a route for each cookie before the split', () => {
  const http = routes(after(plain, sticky(10)))
  assert.deepEqual(
    http.map(({ name, match }) => [name, match?.[0]?.headers?.['cookie']?.regex]),
    [
      ['canary-catalog-sticky-v2-1', `^(.*?;)?\\s*(canary-catalog\\.istioinaction=v2~${start})(;.*)?$`],
      ['canary-catalog-sticky-v1-1', `^(.*?;)?\\s*(canary-catalog\\.istioinaction=v1~${start}\\.1)(;.*)?$`],
      [undefined, undefined],
    ],
  )
  assert.deepEqual(cookiesOf(http[2]!), [setting(`v1~${start}.1`), setting(`v2~${start}`)])
  assert.deepEqual(cookiesOf(http[0]!), [setting(`v2~${start}`)])
})

test('a sticky split ends the cookie of stable with each change of weight, and no other', () => {
  const view = after(after(plain, sticky(10)), weights(['v2', 50]))
  assert.deepEqual(cookiesOf(routes(view).at(-1)!), [setting(`v1~${start}.2`), setting(`v2~${start}`)])
  const later = { ...sticky(50), sticky: { since: '2026-08-02T12:00:00Z' } }
  assert.deepEqual(planWeight(view, later).changes, [])
})

test('a sticky split takes another name and time of the cookie when they are given, and keeps them', () => {
  const named = after(after(plain, sticky(10)), sticky(10, { cookie: 'which', ttl: 60 }))
  const kept = after(named, weights(['v2', 20]))
  assert.deepEqual(cookiesOf(routes(kept).at(-1)!), [
    setting(`v1~${start}.2`, 'which', 60),
    setting(`v2~${start}`, 'which', 60),
  ])
})

test('a sticky split leaves a version out that gets nothing, and ends where only stable gets something', () => {
  const all = routes(after(plain, sticky(100)))
  assert.deepEqual(
    all.map(({ name }) => name),
    ['canary-catalog-sticky-v2-1', undefined],
  )
  assert.deepEqual(cookiesOf(all[1]!), [undefined, setting(`v2~${start}`)])
  const plan = planWeight(after(plain, sticky(10)), weights(['v2', 0]))
  assert.deepEqual(routes(apply(after(plain, sticky(10)), plan)).map(cookiesOf), [[undefined, undefined]])
  assert.ok(plan.notes.some(({ kind }) => kind === 'sticky-ends'))
  assert.equal(
    code(() => planWeight(plain, sticky(0))),
    'usage',
  )
})

test('a sticky split stands behind the routes of cohorts, whichever came first, and these set no cookie', () => {
  for (const first of ['cohort', 'weight']) {
    const cohort = (view: ClusterView) => apply(view, planCohort(view, cohortIntent('internal', 'v2')))
    const view = first === 'cohort' ? after(cohort(plain), sticky(10)) : cohort(after(plain, sticky(10)))
    const http = routes(view)
    assert.deepEqual(
      http.map(({ name }) => name),
      ['canary-catalog-internal-1', 'canary-catalog-sticky-v2-1', 'canary-catalog-sticky-v1-1', undefined],
    )
    assert.deepEqual(cookiesOf(http[0]!), [undefined])
  }
})

test('a sticky split keeps the headers that are there and goes without a trace', () => {
  const headers = {
    request: { set: { 'x-a': '1' } },
    response: { add: { 'x-b': '2' }, remove: ['server'] },
  }
  const destination = { destination: { host: 'catalog', subset: 'version-v1' }, headers, weight: 100 }
  const view = world({ route: [destination] })
  const kept = after(view, sticky(10))
  assert.deepEqual(cookiesOf(routes(kept).at(-1)!)[0], { 'x-b': '2', ...setting(`v1~${start}.1`) })
  const ended = after(kept, { ...weights(['v2', 0]), sticky: false })
  assert.deepEqual(
    ended.list('VirtualService'),
    after(view, { ...weights(['v2', 0]) }).list('VirtualService'),
  )
})

test('a sticky split is refused where the route sets that header already, or requests have no cookies', () => {
  const to = { destination: { host: 'catalog', subset: 'version-v1' } }
  const set = { headers: { response: { set: { 'set-cookie': 'a=b' } } } }
  const add = { headers: { response: { add: { 'Set-Cookie': 'a=b' } } } }
  for (const route of [
    { ...set, route: [to] },
    { route: [{ ...to, ...add }] },
    { route: [{ ...to, ...set }] },
  ])
    assert.equal(
      code(() => planWeight(world(route), sticky(10))),
      'refused',
    )
  assert.equal(
    code(() => planWeight(world({ ...add, route: [to] }), sticky(10))),
    'none',
  )
  const tcp = virtualService('catalog-tcp', { hosts: ['catalog'], tcp: [{ route: [to] }] })
  const connections = snapshot([...base, destinationRule('v1', 'v2'), tcp])
  assert.equal(
    code(() => planWeight(connections, sticky(10))),
    'refused',
  )
  assert.equal(
    code(() => planWeight(connections, { ...weights(['v2', 10]), stable: 'v1' })),
    'none',
  )
})

test('a sticky split is ended by an abort where its version has gone, as the fix says', () => {
  const view = after(plain, sticky(10))
  const before = view.get({ kind: 'DestinationRule', namespace: 'istioinaction', name: 'catalog' })!
  const { introduced } = judgeChanges(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    view,
    [{ before, after: destinationRule('v1') }],
  )
  const found = introduced.filter(({ rule }) => rule === 'undefined-subset')
  const offered = found.flatMap(({ canary }) => (canary === undefined ? [] : [canary.join(' ')]))
  assert.deepEqual([...new Set(offered)], ['abort catalog -n istioinaction'])
})

test('a sticky split keeps the mirrors of its route, which stay one for people', () => {
  const mirrored = { mirror: { host: 'catalog', subset: 'version-v2' }, mirrorPercentage: { value: 5 } }
  const view = after(world({ ...toSubset('version-v1'), ...mirrored }), sticky(10))
  assert.deepEqual(
    routes(view).map(({ mirror }) => mirror?.subset),
    [undefined, 'version-v2', 'version-v2'],
  )
  const { entryPoints } = planWeight(view, sticky(20)).traffic!.before
  assert.deepEqual(
    entryPoints.map(({ mirrors }) => mirrors),
    [[{ version: 'v2', percent: 5, byHand: true }]],
  )
})

test('a sticky split is repaired by the command that its note has, where somebody deleted its routes', () => {
  const view = after(plain, sticky(10))
  const before = routeNamed(view, 'catalog-mesh')
  const torn: VirtualService = { ...before, spec: { ...before.spec, http: before.spec.http!.slice(2) } }
  const plan = planWeight(snapshot([...base, destinationRule('v1', 'v2'), torn]), sticky(10))
  assert.deepEqual(
    plan.traffic!.before.notes.flatMap(note => (note.kind === 'sticky-lacks-routes' ? [note.fix] : [])),
    ['kubectl canary weight catalog v1=90,v2=10 --sticky -n istioinaction'],
  )
  assert.ok(plan.traffic!.after.notes.every(({ kind }) => kind !== 'sticky-lacks-routes'))
  assert.equal((plan.changes[0]!.after as VirtualService).spec.http!.length, 3)
})

test('a sticky split and a cohort whose version has gone: a route that is no cohort’s has the fix to which others refer', () => {
  const cohort = { ...cohortIntent('internal', 'v2'), stable: 'v1' }
  const set = apply(plain, planCohort(plain, cohort))
  const view = after(set, sticky(10))
  const before = view.get({ kind: 'DestinationRule', namespace: 'istioinaction', name: 'catalog' })!
  const { introduced } = judgeChanges(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    view,
    [{ before, after: destinationRule('v1') }],
  )
  const found = introduced.filter(({ rule }) => rule === 'undefined-subset')
  const adding = found.filter(({ fix }) => fix.includes('/spec/subsets/-'))
  assert.equal(adding.length, 1)
  assert.equal(adding[0]!.canary, undefined)
  for (const { fix, canary } of found)
    assert.ok(
      canary !== undefined || !/adds this subset/.test(fix) || fix.includes(formatPath(adding[0]!.path)),
      fix,
    )
})
