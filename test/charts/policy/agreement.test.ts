import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { fc } from '../../properties.ts'
import { guardDenies } from './guard-denies.ts'
import { destination, http, isDenied, sent, split, tcp, tls, withPolicy, type SpecChange } from './policed.ts'

const real = clusterTests({ needs: ['helm4'] })

const full = 'a.default.svc.cluster.local'
const subsets = (...weights: readonly (number | undefined)[]): readonly object[] =>
  weights.map((weight, i) => destination('a', weight, { subset: `v${i}`, port: { number: 80 } }))

const cases: Readonly<Record<string, SpecChange>> = {
  'a single destination without a weight': { after: http([destination('a')]) },
  'a single destination with a weight of 90': { after: http([destination('a', 90)]) },
  'weights of 100': { after: split(90, 10) },
  'weights of 110': { after: split(90, 20) },
  'a missing weight that completes nothing': { after: split(90, undefined) },
  'a missing weight beside 100': { after: split(100, undefined) },
  'no weights at all': { after: split(undefined, undefined) },
  'a sum of zero': { after: split(0, 0) },
  'shares of 1 and 1': { after: split(1, 1) },
  'a negative weight that completes 100': { after: split(110, -10) },
  'a negative sum': { after: split(-1, 0) },
  'weights whose sum is beyond an int32': { after: split(2147483647, 2147483647) },
  'a redirect, which has no destinations': { after: { hosts: ['x'], http: [{ redirect: { uri: '/x' } }] } },
  'no routes at all': { after: { hosts: ['x'] } },
  'a second route that is wrong': { after: http([destination('a')], subsets(50, 49)) },
  'a tcp route of 100': { after: tcp(subsets(50, 50)) },
  'a tcp route of 99': { after: tcp(subsets(50, 49)) },
  'a tls route of 100': { after: tls(subsets(50, 50)) },
  'a tls route of 101': { after: tls(subsets(50, 51)) },
  'a wrong route that stays': { before: split(90, 20), after: split(90, 20) },
  'a wrong route that gets other hosts beside it': {
    before: split(90, 20),
    after: { ...split(90, 20), hosts: ['x', 'y'] },
  },
  'a wrong route that moves behind another': {
    before: split(90, 20),
    after: http([destination('c')], [destination('a', 90), destination('b', 20)]),
  },
  'a wrong route with its destinations in another order': {
    before: split(90, 20),
    after: http([destination('b', 20), destination('a', 90)]),
  },
  'a wrong route with its host written out': {
    before: split(90, 20),
    after: http([destination(full, 90), destination('b', 20)]),
  },
  'a wrong route that is corrected': { before: split(90, 20), after: split(80, 20) },
  'a wrong route that is wrong in another way': { before: split(90, 20), after: split(90, 30) },
  'a wrong route with the same sum by other weights': { before: split(90, 20), after: split(80, 30) },
  'a wrong route whose weights change places': { before: split(90, 20), after: split(20, 90) },
  'a wrong route to another subset': {
    before: http(subsets(90, 20)),
    after: http(subsets(90, 20, undefined)),
  },
  'a wrong route whose missing weight is written as 0': { before: split(90, undefined), after: split(90, 0) },
  'a second route with an old fault': {
    before: split(90, 20),
    after: http([destination('a', 90), destination('b', 20)], [destination('a', 90), destination('b', 20)]),
  },
  'one of two wrong routes that takes the fault of the other': {
    before: http(subsets(90, 20), subsets(1, 1)),
    after: http(subsets(90, 20), subsets(90, 20)),
  },
  'a route that becomes wrong': { before: split(90, 10), after: split(90, 20) },
  'a wrong route that moves from http to tcp': { before: http(subsets(1, 2)), after: tcp(subsets(1, 2)) },
  'a long wrong route that stays': {
    before: http(subsets(...Array.from({ length: 12 }, () => 1))),
    after: http([destination('b')], subsets(...Array.from({ length: 12 }, () => 1))),
  },
  'a long route with another wrong sum': {
    before: http(subsets(...Array.from({ length: 12 }, () => 1))),
    after: http(subsets(...Array.from({ length: 12 }, () => 2))),
  },
}

for (const relativeWeights of [false, true]) {
  real(
    `refuses what the guard's rule refuses, with relativeWeights ${relativeWeights}, and nothing else`,
    async cluster => {
      await using _ = await withPolicy(cluster, { config: { relativeWeights } })
      for (const [title, change] of Object.entries(cases))
        assert.equal(
          isDenied(await sent(cluster, {}, change)),
          guardDenies(change, { relativeWeights }),
          title,
        )
    },
  )
}

const weight = fc.constantFrom(undefined, 0, 1, 10, 50, 90, 99, 100)
const target = fc
  .tuple(
    fc.constantFrom('a', full, 'b', 'c.example'),
    weight,
    fc.constantFrom({}, { subset: 'v1' }, { port: { number: 80 } }),
  )
  .map(args => destination(...args))
const targets = fc.array(target, { minLength: 1, maxLength: 3 })
const specs = fc
  .tuple(
    fc.array(targets, { maxLength: 3 }),
    fc.array(targets, { maxLength: 1 }),
    fc.array(targets, { maxLength: 1 }),
  )
  .map(([routes, [tcpRoute], [tlsRoute]]) => ({
    ...http(...routes),
    ...(tcpRoute === undefined ? {} : { tcp: tcp(tcpRoute)['tcp'] }),
    ...(tlsRoute === undefined ? {} : { ...tls(tlsRoute), hosts: ['x.example'] }),
  }))
const changes = fc.oneof(
  specs.map((after): SpecChange => ({ after })),
  fc.tuple(specs, specs).map(([before, after]): SpecChange => ({ before, after })),
  // Most routes stay as they were.
  fc.tuple(fc.array(targets, { minLength: 1, maxLength: 3 }), targets).map(([routes, more]): SpecChange => ({
    before: http(...routes),
    after: http(more, ...routes.toReversed()),
  })),
)

real("judges any change as the guard's rule does", async cluster => {
  await using _ = await withPolicy(cluster)
  await fc.assert(
    fc.asyncProperty(changes, async change =>
      assert.equal(isDenied(await sent(cluster, {}, change)), guardDenies(change)),
    ),
    { numRuns: 150 },
  )
})
