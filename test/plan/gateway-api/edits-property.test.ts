import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { gatewayApi } from '../../../shared/providers/gateway-api/provider.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { re2, workload } from '../../routing/requests.ts'
import { around, cohort, routes, target } from './shop.ts'

const only = [gatewayApi]
const live = { ...target, live: true }

/** The plan, or nothing where it is refused. */
function planned(make: () => Plan): Plan | undefined {
  try {
    return make()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    assert.ok(error.hints.length > 0 || error.code === 'refused', error.message)
    return undefined
  }
}

const after = (view: ClusterView, plan: Plan): ClusterView => inSession(overlay(view, plan.changes))

const requests: readonly Request[] = ['/', '/a', '/a/b', '/a/b/c', '/b'].flatMap(path =>
  ['GET', 'POST'].flatMap(method =>
    [{}, { 'x-a': '1' }, { 'x-b': '1', 'x-a': '2' }].flatMap(headers =>
      [undefined, 'p=1', 'q=1&p=2'].map((query): Request => ({
        caller: {
          kind: 'gateway',
          namespace: 'infra',
          labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' },
        },
        host: 'catalog.shop.svc.cluster.local',
        port: 80,
        method,
        path,
        headers,
        ...(query !== undefined && { query }),
      })),
    ),
  ),
)

const decide = (view: ClusterView, request: Request): Decision => {
  const [object] = view.list('HTTPRoute')
  const isMesh = object?.spec?.parentRefs?.[0]?.kind === 'Service'
  const caller = isMesh ? workload('shop') : request.caller
  return gatewayApi.route(view, { ...request, caller }, { regex: re2, complete: true })
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

const internal = (request: Request): Request => ({
  ...request,
  headers: { ...request.headers, 'X-Istio-Cohort': 'internal' },
})

const viewOf = (objects: readonly ServiceRoute[]): ClusterView => inSession(snapshot([...around, ...objects]))

const isSame = (view: ClusterView, objects: readonly ServiceRoute[]): void => {
  for (const object of objects) assert.deepEqual(view.get(refOf(object)), object)
}

describe('a cohort on random routes of the Gateway API', () => {
  it('takes its own requests to its version and no others, and leaves no trace when it is removed', () => {
    let carried = 0
    fc.assert(
      fc.property(routes, objects => {
        const view = viewOf(objects)
        const plan = planned(() => planCohort(view, { ...cohort(), target: live, stable: 'v1' }, only))
        if (plan === undefined) return
        carried++
        const later = after(view, plan)
        for (const request of requests) {
          const [before, now] = [decide(view, request), decide(later, request)]
          assert.equal(shares(now), pinned(before))
          const [mine, taken] = [decide(view, internal(request)), decide(later, internal(request))]
          assert.equal(shares(taken), leadsTo(mine) ? 'route catalog-v2=100' : shares(mine))
          assert.deepEqual([taken.headers, taken.timeout], [mine.headers, mine.timeout])
        }
        const anew = { ...cohort(), since: '2026-02-02T00:00:00Z', target: live, stable: 'v1' }
        const again = planCohort(later, anew, only)
        assert.deepEqual(again.changes, [])
        isSame(after(later, planRemoveCohort(later, { target: live, name: 'internal' }, only)), objects)
      }),
      { numRuns: 150 },
    )
    assert.ok(carried > 60, `only ${carried} of 150 were carried out`)
  })
})

describe('a split on random routes of the Gateway API', () => {
  it('gives the versions their percent, and an abort gives back what was there', () => {
    let carried = 0
    fc.assert(
      fc.property(routes, fc.integer({ min: 1, max: 99 }), (objects, percent) => {
        const view = viewOf(objects)
        const intent = { target: live, weights: new Map([['v2', percent]]), stable: 'v1', force: false }
        const plan = planned(() => planWeight(view, intent, only))
        if (plan === undefined) return
        carried++
        const later = after(view, plan)
        const alone = plan.notes.some(({ kind }) => kind === 'route-unchanged')
        for (const request of requests) {
          const [before, now] = [decide(view, request), decide(later, request)]
          if (!leadsTo(before)) assert.equal(shares(now), shares(before))
          else if (!alone)
            assert.equal(shares(now), `route catalog-v1=${100 - percent} catalog-v2=${percent}`)
        }
        const back = after(later, planAbort(later, { target: live }, only))
        for (const request of requests) {
          const was = decide(view, request)
          assert.equal(shares(decide(back, request)), leadsTo(was) ? 'route catalog-v1=100' : shares(was))
        }
        const wasWhole = JSON.stringify(objects).includes('"catalog","port"')
        if (!wasWhole) isSame(back, objects)
      }),
      { numRuns: 150 },
    )
    assert.ok(carried > 60, `only ${carried} of 150 were carried out`)
  })
})
