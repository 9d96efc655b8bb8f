import assert from 'node:assert/strict'
import test from 'node:test'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import {
  endCanary,
  endCohort,
  startCohort,
  startSplit,
} from '../../../../shared/providers/istio/edit/canary.ts'
import type { MirrorPart } from '../../../../shared/providers/istio/edit/mirrored-route.ts'
import { endMirrors, startMirrors } from '../../../../shared/providers/istio/edit/mirroring.ts'
import { mirrorsOf } from '../../../../shared/providers/istio/read/routes/mirrors.ts'
import { deepFreeze } from '../../../plan/worlds.ts'
import { fc } from '../../../properties.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const stable = { version: 'v1', subset: 'v1' }
const to = (subset: string | undefined, host = 'catalog') =>
  subset === undefined ? { host } : { host, subset }
const routing = (...http: readonly HttpRoute[]): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http },
  })
const parts = (entries: Readonly<Record<string, number>>): readonly MirrorPart[] =>
  Object.entries(entries).map(([subset, percent]) => ({ target: { subset }, percent }))
const mirrored = (object: VirtualService, entries: Readonly<Record<string, number>>): VirtualService =>
  startMirrors(object, { service, stable, partsOf: () => parts(entries) })
/** As it is written, the order of keys included. */
const text = (object: VirtualService): string => JSON.stringify(object)
const only = (object: VirtualService): HttpRoute => object.spec.http![0]!
const withHttp = (object: VirtualService, http: readonly HttpRoute[]): VirtualService => ({
  ...object,
  spec: { ...object.spec, http },
})

/** Where a hand-written mirror leads. */
const destination = fc.constantFrom(to('v2'), to('v3'), to('v4'), to(undefined), to(undefined, 'orders'))
const percentage = fc.constantFrom({ value: 5 }, { value: 0.5 }, {})
const byHand: fc.Arbitrary<Partial<HttpRoute>> = fc.oneof(
  fc.constant({}),
  fc.record({ mirror: destination }),
  fc.record({ mirror: destination, mirrorPercentage: percentage }),
  fc.record({ mirrorPercentage: percentage, mirror: destination }),
  fc.record({ mirror: destination, mirrorPercent: fc.constant(7) }),
  fc.record({ mirror_percent: fc.constant(8), mirror: destination }),
  fc.record({ mirrorPercent: fc.constant(7) }),
  fc
    .uniqueArray(destination, { maxLength: 3, selector: each => JSON.stringify(each) })
    .chain(destinations =>
      fc
        .tuple(
          ...destinations.map(each =>
            fc.record({ destination: fc.constant(each), percentage }, { requiredKeys: ['destination'] }),
          ),
        )
        .map(mirrors => ({ mirrors })),
    ),
)
const leading = fc.constantFrom(
  [{ destination: to('v1') }],
  [{ destination: to(undefined) }],
  [
    { destination: to('v1'), weight: 90 },
    { destination: to('v2'), weight: 10 },
  ],
)
const match = fc.constantFrom(undefined, '/a', '/b', '/c')
const httpRoute: fc.Arbitrary<HttpRoute> = fc
  .record({
    name: fc.constantFrom(undefined, 'a', 'b'),
    match,
    route: leading,
    mirrors: byHand,
    isFirst: fc.boolean(),
  })
  .map(({ name, match: prefix, route, mirrors, isFirst }) => ({
    ...(name === undefined ? {} : { name }),
    ...(isFirst ? mirrors : {}),
    ...(prefix === undefined ? {} : { match: [{ uri: { prefix } }] }),
    route,
    ...(isFirst ? {} : mirrors),
    timeout: '3s',
  }))
const virtualService = fc.array(httpRoute, { minLength: 1, maxLength: 4 }).map(http => routing(...http))
const percents = fc.constantFrom(0.0001, 1, 25, 100)
const wanted = fc.oneof(
  percents.map(v2 => ({ v2 })),
  percents.map(v3 => ({ v3 })),
  fc.tuple(percents, percents).map(([v2, v3]) => ({ v2, v3 })),
) as fc.Arbitrary<Record<string, number>>

test('mirrors that are set and ended leave the object as it was, its keys in their order, whatever was mirrored by hand', () => {
  fc.assert(
    fc.property(virtualService, fc.array(wanted, { minLength: 1, maxLength: 3 }), (object, sets) => {
      const during = sets.reduce(mirrored, object)
      assert.equal(text(endMirrors(during, service)), text(object))
    }),
    { numRuns: 500 },
  )
})

test('mirrors that are set and ended leave it as it was in any order with a cohort', () => {
  const cohort = {
    name: 'internal',
    service,
    to: { version: 'v2', subset: 'v2' },
    when: [],
    since: '2026-01-01',
  }
  const named = { ...cohort, when: [{ on: 'header', name: 'x', match: { exact: '1' } }] as const }
  const steps = {
    mirrors: [(o: VirtualService) => mirrored(o, { v2: 25 }), (o: VirtualService) => endMirrors(o, service)],
    cohort: [
      (o: VirtualService) => startCohort(o, { cohort: named, stable }),
      (o: VirtualService) => endCohort(o, service, 'internal'),
    ],
  } as const
  const order = fc.constantFrom([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]) as fc.Arbitrary<readonly number[]>
  fc.assert(
    fc.property(virtualService, order, fc.boolean(), (object, turns, isCohortFirst) => {
      const [one, two] = isCohortFirst ? [steps.cohort, steps.mirrors] : [steps.mirrors, steps.cohort]
      const seen = [0, 0]
      const end = turns.reduce((now, turn) => (turn === 0 ? one : two)[seen[turn]!++]!(now), object)
      assert.equal(text(end), text(object))
    }),
    { numRuns: 300 },
  )
})

test('mirrors that are set and ended leave the weights that were set meanwhile, as if there had been no mirror', () => {
  const split = {
    service,
    parts: [
      { subset: 'v1', weight: 90 },
      { subset: 'v2', weight: 10 },
    ],
  }
  fc.assert(
    fc.property(virtualService, wanted, (object, entries) => {
      const weighed = startSplit(object, split, stable)
      const [before, after] = [
        startSplit(mirrored(object, entries), split, stable),
        mirrored(startSplit(object, split, stable), entries),
      ]
      for (const during of [before, after]) assert.equal(text(endMirrors(during, service)), text(weighed))
    }),
    { numRuns: 200 },
  )
})

test('mirrors that are set and ended change nothing when they are set again', () => {
  fc.assert(
    fc.property(virtualService, wanted, (object, entries) => {
      const during = mirrored(object, entries)
      assert.equal(text(mirrored(during, entries)), text(during))
    }),
  )
})

test('mirrors that are set and ended keep what a person has changed of the routes in between', () => {
  const edits: readonly ((http: readonly HttpRoute[]) => readonly HttpRoute[])[] = [
    http => [{ name: 'by-hand', route: [{ destination: to('v1') }] }, ...http],
    http => http.slice(1),
    http => http.toReversed(),
    http => http.map(one => ({ ...one, timeout: '9s' }) as HttpRoute),
    http => http.map((one, i) => (i === 0 ? { ...one, name: 'renamed' } : one)),
    http => http.map((one, i) => (i === 0 ? { ...one, match: [{ uri: { prefix: '/new' } }] } : one)),
  ]
  const distinct = virtualService.filter(
    ({ spec }) => new Set(spec.http!.map(one => JSON.stringify(one.match))).size === spec.http!.length,
  )
  fc.assert(
    fc.property(distinct, wanted, fc.constantFrom(...edits), (object, entries, edit) => {
      const during = mirrored(object, entries)
      const end = endMirrors(withHttp(during, edit(during.spec.http!)), service)
      const own = withHttp(object, edit(object.spec.http!))
      // One that names no version stays pinned where it is not found again, as with cohorts.
      if (object.spec.http!.some(({ route }) => route![0]!.destination.subset === undefined)) return
      assert.equal(text(end), text(own))
    }),
    { numRuns: 300 },
  )
})

const route = [{ destination: to('v1') }]
const orders = { destination: to(undefined, 'orders'), percentage: { value: 5 } }

test('mirrors by hand become items of a list beside those of ours, in their place', () => {
  const object = routing({ mirror: orders.destination, mirrorPercent: 5, route, name: 'r' })
  assert.equal(
    JSON.stringify(only(mirrored(object, { v2: 25 }))),
    JSON.stringify({
      mirrors: [orders, { destination: to('v2'), percentage: { value: 25 } }],
      route,
      name: 'r',
    }),
  )
})

test('mirrors by hand to the same version get the new percentage, and their own back', () => {
  const object = routing({ mirror: to('v2'), mirror_percent: 5, route })
  const during = mirrored(object, { v2: 25 })
  assert.deepEqual(only(during), { mirror: to('v2'), mirrorPercentage: { value: 25 }, route })
  assert.deepEqual(
    mirrorsOf(during, service).map(({ isOurs, wasByHand }) => [isOurs, wasByHand]),
    [[true, true]],
  )
  assert.equal(text(endMirrors(during, service)), text(object))
})

test('mirrors by hand that were added or changed in between stay, and one of ours that was taken away does not come back', () => {
  const object = routing({ mirror: orders.destination, mirrorPercentage: { value: 5 }, route })
  const during = mirrored(object, { v2: 25 })
  const edited = (mirrors: HttpRoute['mirrors']) =>
    only(endMirrors(withHttp(during, [{ ...only(during), mirrors: mirrors! }]), service))
  const more = { destination: to('v4') }
  const ours = { destination: to('v2'), percentage: { value: 30 } }
  assert.deepEqual(edited([{ ...orders, percentage: { value: 7 } }, ours]), {
    mirror: orders.destination,
    mirrorPercentage: { value: 7 },
    route,
  })
  assert.deepEqual(edited([orders, ours, more]), { mirrors: [orders, more], route })
  assert.deepEqual(edited([ours]), { route })
  const same = routing({ mirror: to('v2'), mirrorPercent: 5, route })
  const { mirror: _m, mirrorPercentage: _p, ...bare } = only(mirrored(same, { v2: 25 }))
  assert.deepEqual(only(endMirrors(withHttp(mirrored(same, { v2: 25 }), [bare]), service)), { route })
})

test('mirrors by hand that lead to a version go with its promotion, and those of ours to others stay with their record', () => {
  const object = routing({ mirror: to('v2'), mirrorPercent: 5, route })
  const during = mirrored(object, { v2: 25, v3: 10 })
  const split = { service, parts: [{ subset: 'v2', weight: 100 }] }
  const ended = endCanary(during, {
    split,
    isOver: () => false,
    isMirrorOver: ({ subset }) => subset === 'v2',
  })
  assert.deepEqual(only(ended), {
    mirror: to('v3'),
    mirrorPercentage: { value: 10 },
    route: [{ destination: to('v2') }],
  })
  assert.deepEqual(only(endMirrors(ended, service)), { route: [{ destination: to('v2') }] })
  assert.equal(endMirrors(ended, service).metadata.annotations, undefined)
  const all = endCanary(during, { split, isOver: () => false, isMirrorOver: () => true })
  assert.deepEqual([only(all).mirror, all.metadata.annotations], [undefined, undefined])
})
