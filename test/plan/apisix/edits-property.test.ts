import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRoute } from '../../../shared/objects/apisix/apisix-route.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { re2 } from '../../routing/requests.ts'
import { around, cohort, routes, target, weights } from './shop.ts'

const only = [apisix]

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

const requests: readonly Request[] = ['/', '/a', '/ab', '/b/c'].flatMap(path =>
  ['GET', 'POST'].flatMap(method =>
    [{}, { 'x-a': '1' }, { cookie: 'b=2' }].flatMap(headers =>
      [undefined, 'b=1', 'x-a=2'].flatMap(query =>
        ['shop.example.com', 'other.example.com', 'example.org'].map((host): Request => ({
          caller: { kind: 'gateway', namespace: '', labels: { 'apisix.apache.org/ingress-class': 'apisix' } },
          host,
          port: 80,
          method,
          path,
          headers,
          ...(query !== undefined && { query }),
        })),
      ),
    ),
  ),
)

/** What becomes of a request; nothing where nobody can tell. */
function decide(view: ClusterView, request: Request): Decision | undefined {
  try {
    return apisix.route(view, request, { regex: re2, complete: true })
  } catch (error) {
    assert.ok(error instanceof CanaryError && error.message.startsWith('cannot tell'), String(error))
    return undefined
  }
}

/** What each Service gets; with `apart`, each as the Service that this says. */
function shares({ kind, destinations }: Decision, apart = (name: string) => name): string {
  const percents = new Map<string, number>()
  for (const { host, percent } of destinations) {
    const name = apart(host.split('.')[0]!)
    if (percent > 0) percents.set(name, (percents.get(name) ?? 0) + percent)
  }
  return `${kind} ${[...percents]
    .map(([name, percent]) => `${name}=${percent}`)
    .toSorted()
    .join(' ')}`
}
const leadsTo = ({ destinations }: Decision): boolean =>
  destinations.length > 0 && destinations.every(({ host }) => host.startsWith('catalog'))
/** Requests that went to any pod go to stable while a cohort is on. */
const pinned = (decision: Decision): string =>
  shares(decision, name => (name === 'catalog' ? 'catalog-v1' : name))
const viewOf = (objects: readonly ApisixRoute[]): ClusterView => inSession(snapshot([...around, ...objects]))
const isSame = (view: ClusterView, objects: readonly ApisixRoute[]): void => {
  for (const object of objects) assert.deepEqual(view.get(refOf(object)), object)
}
const internal = (request: Request): Request => ({
  ...request,
  headers: { ...request.headers, 'X-Istio-Cohort': 'internal' },
})

describe('a cohort on random ApisixRoutes', () => {
  it('takes its own requests to its version and no others, moves no rule, and leaves no trace when it is removed', () => {
    let [carried, told] = [0, 0]
    fc.assert(
      fc.property(routes, objects => {
        const view = viewOf(objects)
        const plan = planned(() => planCohort(view, cohort('internal', { stable: 'v1' }), only))
        if (plan === undefined) return
        carried++
        const later = after(view, plan)
        for (const object of objects) {
          const now = later.get(refOf(object)) as ApisixRoute
          const names = (route: ApisixRoute): readonly unknown[] => route.spec!.http!.map(({ name }) => name)
          assert.deepEqual(names(now).slice(0, names(object).length), names(object))
        }
        for (const request of requests) {
          const [before, now] = [decide(view, request), decide(later, request)]
          assert.equal(now && shares(now), before && pinned(before))
          const [mine, taken] = [decide(view, internal(request)), decide(later, internal(request))]
          if (mine === undefined) continue
          told++
          assert.ok(taken !== undefined, 'nobody can tell any more')
          assert.equal(shares(taken), leadsTo(mine) ? 'route catalog-v2=100' : shares(mine))
          assert.equal(taken.timeout, mine.timeout)
        }
        const again = planCohort(
          later,
          cohort('internal', { since: '2026-02-02T00:00:00Z', stable: 'v1' }),
          only,
        )
        assert.deepEqual(again.changes, [])
        isSame(after(later, planRemoveCohort(later, { target, name: 'internal' }, only)), objects)
      }),
      { numRuns: 200 },
    )
    assert.ok(carried > 60 && told > 3000, `${carried} of 200 were carried out, ${told} requests told`)
  })
})

const beta = { to: 'v3', conditions: [{ on: 'header', name: 'x-beta', match: { exact: '1' } }] as const }
const both = (request: Request): Request => ({
  ...internal(request),
  headers: { ...internal(request).headers, 'X-Beta': '1' },
})
const ofBeta = (request: Request): Request => ({
  ...request,
  headers: { ...request.headers, 'X-Beta': '1' },
})

/** Who gets the requests of two cohorts, of one and of none; how many could be told. */
function toldApart(
  { view, later }: { readonly view: ClusterView; readonly later: ClusterView },
  isBetaFirst: boolean,
): number {
  const asked = requests.flatMap(request => [
    { request: internal(request), to: 'v2' },
    { request: ofBeta(request), to: 'v3' },
    { request: both(request), to: isBetaFirst ? 'v3' : 'v2' },
  ])
  for (const request of requests) {
    const [before, now] = [decide(view, request), decide(later, request)]
    assert.equal(now && shares(now), before && pinned(before))
  }
  return asked.filter(({ request, to }) => {
    const [before, now] = [decide(view, request), decide(later, request)]
    if (before === undefined) return false
    assert.ok(now !== undefined, 'nobody can tell any more')
    assert.equal(shares(now), leadsTo(before) ? `route catalog-${to}=100` : shares(before))
    return true
  }).length
}

describe('two cohorts on random ApisixRoutes', () => {
  it('go before each other as they were asked to, and leave no trace of the one that is removed', () => {
    let [carried, told] = [0, 0]
    fc.assert(
      fc.property(routes, fc.boolean(), fc.boolean(), (objects, isFirst, isRemovedFirst) => {
        const view = viewOf(objects)
        const one = planned(() => planCohort(view, cohort('internal', { stable: 'v1' }), only))
        if (one === undefined) return
        const alone = after(view, one)
        const before = isFirst ? { before: 'internal' } : {}
        const two = planned(() => planCohort(alone, cohort('beta', { ...beta, ...before }), only))
        if (two === undefined) return
        carried++
        const later = after(alone, two)
        told += toldApart({ view, later }, isFirst)
        const [gone, left] = isRemovedFirst ? ['internal', 'beta'] : ['beta', 'internal']
        const back = after(later, planRemoveCohort(later, { target, name: gone }, only))
        if (!isRemovedFirst)
          isSame(
            back,
            objects.map(object => alone.get(refOf(object)) as ApisixRoute),
          )
        isSame(after(back, planRemoveCohort(back, { target, name: left }, only)), objects)
      }),
      { numRuns: 200 },
    )
    assert.ok(carried > 60 && told > 3000, `${carried} of 200 were carried out, ${told} requests told`)
  })
})

describe('a split on random ApisixRoutes', () => {
  it('gives the versions their percent, and an abort gives back what was there', () => {
    let carried = 0
    fc.assert(
      fc.property(routes, fc.integer({ min: 1, max: 99 }), (objects, percent) => {
        const view = viewOf(objects)
        const plan = planned(() => planWeight(view, weights(percent, { stable: 'v1' }), only))
        if (plan === undefined) return
        carried++
        const later = after(view, plan)
        const alone = plan.notes.some(({ kind }) => kind === 'route-unchanged')
        for (const request of requests) {
          const [before, now] = [decide(view, request), decide(later, request)]
          assert.equal(now === undefined, before === undefined)
          if (before === undefined || now === undefined) continue
          if (!leadsTo(before)) assert.equal(shares(now), shares(before))
          else if (!alone)
            assert.equal(shares(now), `route catalog-v1=${100 - percent} catalog-v2=${percent}`)
        }
        const back = after(later, planAbort(later, { target }, only))
        for (const request of requests) {
          const [before, now] = [decide(view, request), decide(back, request)]
          if (now === undefined || before === undefined) assert.equal(now, before)
          else assert.equal(shares(now), leadsTo(before) ? 'route catalog-v1=100' : shares(before))
        }
        if (!JSON.stringify(objects).includes('"serviceName":"catalog","')) isSame(back, objects)
      }),
      { numRuns: 200 },
    )
    assert.ok(carried > 60, `only ${carried} of 200 were carried out`)
  })
})
