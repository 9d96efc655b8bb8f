import assert from 'node:assert/strict'
import test from 'node:test'
import { peopleOf } from '../../plugin/print/people.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { istio } from '../../shared/providers/istio/provider.ts'
import { readService } from '../../shared/providers/istio/read/reading.ts'
import { baseRoutesOf } from '../../shared/providers/istio/read/routes/base-routes.ts'
import { formatShares, roundPercent } from '../../shared/routing/shares.ts'
import type { EntryPoint, Split } from '../../shared/routing/traffic.ts'
import { simulate } from '../../shared/trial/simulate.ts'
import { tryRequest, type Trial } from '../../shared/trial/trial.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { fc } from '../properties.ts'
import { re2 } from '../routing/requests.ts'
import { requestsFor } from '../plan/random/requests.ts'
import { carriedOut, cohort, mirror, viewAfter, weight } from '../plan/random/verbs.ts'
import { world } from '../plan/random/worlds.ts'

const requests = requestsFor([{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }])

const verbs = fc.oneof(
  fc.constantFrom(1, 10, 33, 50, 100).map(percent => weight(percent)),
  fc.constantFrom(cohort([]), cohort([{ on: 'query', name: 'beta', match: { exact: '1' } }]), mirror(25)),
)

/** Every request as `try` has it. */
const trialsIn = (view: ClusterView): readonly Trial[] =>
  requests.flatMap(({ caller, host, port, method, path, query, headers }) =>
    tryRequest(
      { view, provider: istio, namespace: caller.namespace, regex: re2, complete: true },
      {
        scheme: 'http',
        host,
        port,
        method,
        path,
        headers,
        ...(query !== undefined && { query }),
        ...(caller.kind === 'gateway' ? {} : { from: { labels: caller.labels } }),
      },
    ),
  )

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }

/** The splits of a status by the places of their http routes: `VirtualService shop/c 0`. */
function splitsIn(view: ClusterView, points: readonly EntryPoint[]): ReadonlyMap<string, Split> {
  const reading = readService(view, service, { complete: true })
  return new Map(
    reading.carriers.flatMap(carrier => {
      const point = points.find(({ ref }) => keyOf(ref) === keyOf(refOf(carrier.object)))
      return baseRoutesOf(reading.view, carrier, service).flatMap((base, i) =>
        base.section === 'http' && point !== undefined
          ? [[`${keyOf(point.ref)} ${base.index}`, point.splits[i]!] as const]
          : [],
      )
    }),
  )
}

const byVersion = (shares: readonly { version?: string | undefined; percent: number }[]) => {
  const names = [...new Set(shares.map(({ version = '' }) => version))].toSorted((a, b) => (a < b ? -1 : 1))
  const sums = names.map(name => {
    const own = shares.filter(({ version = '' }) => version === name)
    return [name, roundPercent(own.reduce((sum, { percent }) => sum + percent, 0))] as const
  })
  return Object.fromEntries(sums.filter(([, percent]) => percent !== 0))
}

test('status, a simulation of try and the words of a plan say the same of every request', () => {
  let compared = 0
  fc.assert(
    fc.property(world, verbs, (objects, verb) => {
      const view = snapshot(objects)
      const plan = carriedOut(view, verb)
      if (plan?.traffic === undefined) return
      const { after, before } = plan.traffic
      const words = peopleOf(after, before).join('\n')
      const splits = splitsIn(viewAfter(view, plan), after.entryPoints)
      for (const trial of trialsIn(viewAfter(view, plan))) {
        if (trial.cohort !== undefined) {
          const point = after.entryPoints.find(({ ref }) => ref.name === trial.decision.route!.object.name)
          const own = point?.cohorts.find(({ name }) => name === trial.cohort)
          assert.deepEqual(byVersion(trial.shares), { [own!.to]: 100 })
          assert.ok(words.includes(`cohort ${trial.cohort} (`), words)
          compared++
          continue
        }
        const { route } = trial.decision
        const split = route === undefined ? undefined : splits.get(`${keyOf(route.object)} ${route.place[2]}`)
        if (split === undefined || !isWhollyOf(after.service, trial)) continue
        assert.ok(split.reached)
        assert.deepEqual(byVersion(trial.shares), byVersion(split.shares))
        assert.ok(words.includes(formatShares(split.shares)), `${words} says ${formatShares(split.shares)}`)
        checkSimulated(trial)
        compared++
      }
    }),
    { numRuns: 60 },
  )
  assert.ok(compared > 1000, `only ${compared} requests were compared`)
})

const isWhollyOf = (service: string, { shares, decision }: Trial): boolean =>
  decision.kind === 'route' && shares.length > 0 && shares.every(share => share.service === service)

/** Counts lie within five standard deviations of what is configured. */
function checkSimulated({ shares }: Trial): void {
  const count = 2000
  const simulated = simulate(shares, { count, seed: 1 })
  assert.equal(
    simulated.reduce((sum, each) => sum + each.count, 0),
    count,
  )
  for (const { count: own, percent } of simulated) {
    const expected = (count * percent) / 100
    assert.ok(Math.abs(own - expected) <= 5 * Math.sqrt(expected * (1 - percent / 100)) + 1e-9)
  }
}
