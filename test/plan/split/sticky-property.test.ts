import assert from 'node:assert/strict'
import test from 'node:test'
import { stickyIn } from '../../../shared/providers/istio/read/record/sticky.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { DecidedDestination, Decision } from '../../../shared/routing/request/decision.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import {
  decisionsOf,
  isLeftAlone,
  isOfCatalog,
  isOfCohort,
  seen,
  turnedTo,
  withoutMirrors,
} from '../random/expected.ts'
import { conditions, requestsFor } from '../random/requests.ts'
import {
  abort,
  carriedOut,
  cohort,
  promote,
  removeCohort,
  stickyWeight,
  viewAfter,
  virtualServices,
  weight,
  type Verb,
} from '../random/verbs.ts'
import { world } from '../random/worlds.ts'

const requests = requestsFor([{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }])

const maybeCohort = fc.option(conditions, { nil: undefined })

/** The view after commands, all of which are carried out; undefined where one is refused. */
const afterAll = (first: ClusterView, ...verbs: readonly Verb[]): ClusterView | undefined =>
  verbs.reduce<ClusterView | undefined>((view, verb) => {
    const plan = view && carriedOut(view, verb)
    return plan && view && viewAfter(view, plan)
  }, first)

/** The view after commands, as far as they are carried out. */
const after = (first: ClusterView, ...verbs: readonly (Verb | undefined)[]): ClusterView =>
  verbs.reduce<ClusterView>((view, verb) => (verb && afterAll(view, verb)) ?? view, first)

/** What is written down of the sticky split. */
const recorded = (view: ClusterView) =>
  view
    .list('VirtualService')
    .map(object => stickyIn(object, { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }))
    .find(found => found !== undefined)

/** The same requests with a cookie beside another one. */
const withCookie = (name: string, value: string): readonly Request[] =>
  requests.map(request => ({
    ...request,
    headers: { ...request.headers, cookie: `session=1; ${name}=${value}; last=2` },
  }))

/** A decision without the cookie that responses set. */
const uncooked = (decision: Decision): Decision => ({
  ...decision,
  destinations: decision.destinations.map(withoutCookie),
})

/** Without our `Set-Cookie`; header operations that are then empty are none, as where there were none. */
function withoutCookie(destination: DecidedDestination): DecidedDestination {
  const { headers } = destination
  if (headers === undefined) return destination
  const { 'Set-Cookie': cookie, ...add } = headers.response.add
  assert.ok(cookie === undefined || cookie.startsWith('canary-catalog.shop='), cookie)
  const left = { ...headers, response: { ...headers.response, add } }
  const isEmpty = [left.request, left.response].every(
    changes => Object.keys({ ...changes.set, ...changes.add }).length + changes.remove.length === 0,
  )
  return { ...destination, headers: isEmpty && cookie !== undefined ? undefined : left }
}

/** A world with a sticky split, and the one with the same split by weight alone. */
interface Kept {
  readonly view: ClusterView
  readonly plain: ClusterView
  readonly plan: Plan
  readonly kept: ClusterView
}

/** What happens to requests by a sticky split against what happens to the same ones without it. */
function holds(
  { kept }: Kept,
  { asked, was }: { readonly asked: readonly Request[]; readonly was: readonly Decision[] },
  expected: (decision: Decision) => Decision,
): void {
  decisionsOf(kept, asked, true).forEach((decision, i) =>
    assert.equal(seen(uncooked(decision)), seen(expected(was[i]!)), JSON.stringify(asked[i])),
  )
}

/** Whether the split is what decided. */
const isSplit = ({ plain, view, plan }: Kept, decision: Decision): boolean =>
  isOfCatalog(decision)
  && !isOfCohort(plain, decision)
  && !isLeftAlone({ first: plain, view, plan }, decision)

function keepsVersions(given: Kept, percent: number): void {
  const { plain, kept } = given
  const { cookie, start } = recorded(kept)!
  const was = decisionsOf(plain, requests, true)
  const turned =
    (version: string) =>
    (decision: Decision): Decision =>
      isSplit(given, decision)
        ? withoutMirrors(turnedTo(decision, [[version, 100]]), to => to === version)
        : decision
  const same = (decision: Decision): Decision => decision
  holds(given, { asked: requests, was }, same)
  holds(given, { asked: withCookie(cookie, `v2~${start}`), was }, turned('v2'))
  if (percent < 100) holds(given, { asked: withCookie(cookie, `v1~${start}.1`), was }, turned('v1'))
  for (const other of ['v2~other', `v1~${start}.2`, 'v1', ''])
    holds(given, { asked: withCookie(cookie, other), was }, same)
  const next = afterAll(kept, stickyWeight(50))
  if (next === undefined) return
  assert.equal(recorded(next)!.turn, 2)
  const bare = decisionsOf(next, requests, true)
  // The cookie that bound people to stable has ended; that of the canary has not.
  decisionsOf(next, withCookie(cookie, `v1~${start}.1`), true).forEach((decision, i) =>
    assert.equal(seen(decision), seen(bare[i]!)),
  )
  decisionsOf(next, withCookie(cookie, `v2~${start}`), true).forEach(({ destinations }, i) => {
    if (isSplit(given, was[i]!)) assert.ok(destinations.every(({ subset }) => subset === 'v2'))
  })
}

test('a sticky split gives callers without its cookie the shares, and those with it their version', () => {
  let sticky = 0
  fc.assert(
    fc.property(world, maybeCohort, fc.constantFrom(10, 100), (objects, when, percent) => {
      const view = after(sessionOf(snapshot(objects)), when && cohort(when))
      const plan = carriedOut(view, weight(percent))
      const kept = afterAll(view, stickyWeight(percent))
      if (plan === undefined || kept === undefined) return
      sticky++
      keepsVersions({ view, plan, plain: viewAfter(view, plan), kept }, percent)
    }),
    { numRuns: 25 },
  )
  assert.ok(sticky > 6, `${sticky} of 25 worlds got a sticky split`)
})

test('a sticky split leaves no trace: what ends it gives the objects that there would be without it', () => {
  const ends: readonly (readonly Verb[])[] = [
    [abort],
    [promote],
    [weight(10, false)],
    [weight(0)],
    [weight(50), abort],
  ]
  fc.assert(
    fc.property(
      world,
      maybeCohort,
      fc.tuple(fc.boolean(), fc.constantFrom(...ends)),
      (objects, when, [cohortFirst, end]) => {
        const first = sessionOf(snapshot(objects))
        const set = when && cohort(when)
        const around = (verb: Verb): readonly Verb[] =>
          set === undefined ? [verb] : cohortFirst ? [set, verb] : [verb, set]
        const plain = afterAll(first, ...around(weight(10)), ...end)
        const kept = afterAll(first, ...around(stickyWeight(10)), ...end)
        if (plain === undefined || kept === undefined) return
        assert.deepEqual(virtualServices(kept), virtualServices(plain))
        if (set === undefined) return
        const [left, right] = [afterAll(kept, removeCohort), afterAll(plain, removeCohort)]
        if (left !== undefined && right !== undefined)
          assert.deepEqual(virtualServices(left), virtualServices(right))
      },
    ),
    { numRuns: 50 },
  )
})

test('a sticky split changes nothing when it is set again', () => {
  fc.assert(
    fc.property(world, maybeCohort, (objects, when) => {
      const view = after(sessionOf(snapshot(objects)), when && cohort(when))
      const once = afterAll(view, stickyWeight(10))
      if (once === undefined) return
      assert.deepEqual(stickyWeight(10)(once).changes, [])
      assert.deepEqual(weight(10)(once).changes, [])
    }),
    { numRuns: 30 },
  )
})
