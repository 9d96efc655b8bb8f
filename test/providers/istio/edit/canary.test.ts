import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../../properties.ts'
import type { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import type { Condition } from '../../../../shared/routing/condition.ts'
import {
  endCanary,
  endCohort,
  startCohort,
  startSplit,
} from '../../../../shared/providers/istio/edit/canary.ts'
import type { Cohort } from '../../../../shared/providers/istio/edit/cohort-route.ts'
import {
  destinationsTo,
  leadsTo,
  type RoutedService,
} from '../../../../shared/providers/istio/read/routed-service.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service: RoutedService = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const stable = { version: 'v1', subset: 'version-v1' }

/** Hosts that lead to the service, spelled in both ways, and hosts of others. */
const ours = fc.constantFrom('catalog', 'catalog.shop.svc.cluster.local')
const theirs = fc.constantFrom('orders', 'catalog.other.svc.cluster.local', 'example.com')
const destination = (host: fc.Arbitrary<string>) =>
  fc.record(
    {
      destination: fc.record(
        {
          host,
          subset: fc.constantFrom('version-v1', 'version-v2', 'version-v3'),
          port: fc.record({ number: fc.constant(80) }),
        },
        { requiredKeys: ['host'] },
      ),
      headers: fc.constant({ request: { set: { 'x-a': 'b' } } }),
    },
    { requiredKeys: ['destination'] },
  )
const block = fc.record(
  {
    uri: fc.record({ prefix: fc.constantFrom('/', '/items') }),
    headers: fc.record({ 'x-debug': fc.record({ exact: fc.constant('1') }) }),
    method: fc.record({ exact: fc.constant('GET') }),
  },
  { requiredKeys: [] },
)
const around = {
  name: fc.constantFrom('a', 'b', 'canary-catalog-internal-1'),
  match: fc.array(block, { maxLength: 3 }),
  timeout: fc.constant('3s'),
  rewrite: fc.constant({ uri: '/' }),
  mirror: fc.record({ host: fc.oneof(ours, theirs), subset: fc.constant('version-v2') }),
  mirrorPercentage: fc.constant({ value: 10 }),
}
const route = (host: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record({ route: fc.tuple(destination(host)), ...around }, { requiredKeys: ['route'] }),
    fc.record(
      {
        route: fc.tuple(destination(host), destination(host)).map(([a, b]) => [
          { ...a, weight: 30 },
          { ...b, weight: 70 },
        ]),
        ...around,
      },
      { requiredKeys: ['route'] },
    ),
  )
const annotations = fc.option(
  fc.dictionary(fc.constantFrom('a', 'kubectl-canary/stable', 'note'), fc.constantFrom('v1', 'x'), {
    noNullPrototype: true,
  }),
  { nil: undefined },
)
const virtualService: fc.Arbitrary<VirtualService> = fc
  .record({
    http: fc.array(
      fc.oneof(
        route(ours),
        theirs.chain(host => route(fc.constant(host))),
      ),
      { maxLength: 6 },
    ),
    annotations,
  })
  .map(({ http, annotations: given }) =>
    deepFreeze({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {
        name: 'catalog',
        namespace: 'shop',
        ...(given === undefined ? {} : { annotations: given }),
      },
      spec: { hosts: ['catalog'], http: onePort(http as readonly HttpRoute[]) },
    }),
  )
/** Two ports in one route are refused, and are no part of these properties. */
const onePort = (http: readonly HttpRoute[]): readonly HttpRoute[] =>
  http.map(each => ({
    ...each,
    route: each.route!.map(({ destination: { port: _, ...rest }, ...weighted }) => ({
      ...weighted,
      destination: rest,
    })),
  }))

const condition: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } },
  { on: 'cookie', name: 'user', value: 'ann.b' },
  { on: 'query', name: 'beta', match: { exact: '1' } },
  { on: 'source-label', name: 'app', value: 'webapp' },
)
const cohort: fc.Arbitrary<Cohort> = fc.record({
  name: fc.constantFrom('internal', 'internal-qa', 'beta', 'x'),
  service: fc.constant(service),
  to: fc.constantFrom({ version: 'v2', subset: 'version-v2' }, { version: 'v3', subset: 'version-v3' }),
  when: fc.tuple(condition),
  since: fc.constant('2026-01-01T00:00:00Z'),
})
const start = (object: VirtualService, each: Cohort): VirtualService =>
  startCohort(object, { cohort: each, stable })
const isOurs =
  (object: VirtualService) =>
  (each: HttpRoute): boolean =>
    destinationsTo(each, leadsTo(object, service)).length > 0

test('a cohort that is added and removed again leaves the object as it was', () => {
  fc.assert(
    fc.property(virtualService, cohort, (object, each) =>
      assert.deepEqual(endCohort(start(object, each), service, each.name), object),
    ),
  )
})

test('cohorts come and go in any order and leave the object as it was', () => {
  fc.assert(
    fc.property(
      virtualService,
      fc.uniqueArray(cohort, { selector: ({ name }) => name }),
      fc.infiniteStream(fc.nat()),
      (object, cohorts, picks) => {
        const all = cohorts.reduce(start, object)
        const order = cohorts
          .map(each => ({ each, at: picks.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
        assert.deepEqual(
          order.reduce((left, { each }) => endCohort(left, service, each.name), all),
          object,
        )
      },
    ),
  )
})

test('a cohort that stands already is not moved, doubled or changed by adding it again', () => {
  fc.assert(
    fc.property(
      virtualService,
      fc.uniqueArray(cohort, { selector: ({ name }) => name, minLength: 1 }),
      (object, cohorts) => {
        const all = cohorts.reduce(start, object)
        for (const each of cohorts)
          assert.deepEqual(start(all, { ...each, since: '2027-01-01T00:00:00Z' }), all)
      },
    ),
  )
})

test('a cohort has one route directly before each base route, and nothing else is touched', () => {
  fc.assert(
    fc.property(virtualService, cohort, (object, each) => {
      const bases = object.spec.http!.filter(isOurs(object))
      const { http } = start(object, each).spec
      const names = new Set(object.spec.http!.map(({ name }) => name))
      const added = http!.filter(
        ({ name }) => name?.startsWith(`canary-catalog-${each.name}-`) === true && !names.has(name),
      )
      assert.equal(added.length, bases.length)
      assert.equal(http!.length, object.spec.http!.length + bases.length)
      const foreign = (routes: readonly HttpRoute[]) => routes.filter(routeOf => !isOurs(object)(routeOf))
      assert.deepEqual(foreign(http!), foreign(object.spec.http!))
      added.forEach((route_, i) => {
        const base = http![http!.indexOf(route_) + 1]!
        assert.deepEqual(
          { timeout: base.match, ...pick(base) },
          { timeout: bases[i]!.match, ...pick(bases[i]!) },
        )
        assert.equal(route_.match!.length, Math.max(1, bases[i]!.match?.length ?? 0))
        assert.deepEqual(pick(route_), pick(base))
        assert.ok(!('mirror' in route_))
        assert.deepEqual(
          route_.route!.map(({ destination: to }) => to.subset),
          [each.to.subset],
        )
      })
    }),
  )
})
const pick = (each: HttpRoute): object => ({
  timeout: Reflect.get(each, 'timeout'),
  rewrite: Reflect.get(each, 'rewrite'),
})

test('the weights that are written add up to 100, and the routes of others and of cohorts stay', () => {
  const parts = fc.integer({ min: 0, max: 100 }).chain(v2 =>
    fc.integer({ min: 0, max: 100 - v2 }).map(v3 => [
      { subset: 'version-v1', weight: 100 - v2 - v3 },
      { subset: 'version-v2', weight: v2 },
      { subset: 'version-v3', weight: v3 },
    ]),
  )
  fc.assert(
    fc.property(virtualService, cohort, parts, (object, each, split) => {
      const before = start(object, each)
      const after = startSplit(before, { service, parts: split }, stable)
      after.spec.http!.forEach((route_, i) => {
        const own = before.spec.http![i]!
        if (
          !isOurs(object)(own)
          || JSON.parse(
            before.metadata.annotations?.['kubectl-canary/cohorts'] ?? '{"cohorts":[]}',
          ).cohorts.some((record: { routes: string[] }) => record.routes.includes(own.name ?? ''))
        )
          return assert.deepEqual(route_, own)
        assert.equal(
          route_.route!.reduce((sum, { weight = 0 }) => sum + weight, 0),
          100,
        )
        assert.deepEqual({ ...route_, route: 0 }, { ...own, route: 0 })
      })
      assert.deepEqual(startSplit(after, { service, parts: split }, stable), after)
    }),
  )
})

test('a split that is aborted leaves the object as it was, lone weights and empty annotations included', () => {
  const weight = fc.constantFrom({}, { weight: 0 }, { weight: 90 }, { weight: 100 })
  const routes = fc.array(
    fc
      .tuple(ours, weight)
      .map(([host, given]) => ({ route: [{ destination: { host, subset: 'version-v1' }, ...given }] })),
    { minLength: 1, maxLength: 4 },
  )
  const marks = fc.constantFrom({}, { annotations: {} }, { annotations: { note: 'x' } })
  const parts = [
    { subset: 'version-v1', weight: 80 },
    { subset: 'version-v2', weight: 20 },
  ]
  fc.assert(
    fc.property(
      fc.record({ http: routes, tcp: routes }),
      marks,
      fc.option(cohort),
      ({ http, tcp }, mark, each) => {
        const object: VirtualService = deepFreeze({
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'catalog', namespace: 'shop', ...mark },
          spec: { hosts: ['catalog'], http, tcp },
        })
        const during = startSplit(
          startSplit(each === null ? object : start(object, each), { service, parts }, stable),
          { service, parts: [parts[0]!, { subset: 'version-v2', weight: 50 }] },
          stable,
        )
        const over = endCanary(during, {
          split: { service, parts: [{ subset: 'version-v1', weight: 100 }] },
          isOver: () => true,
          isMirrorOver: () => true,
        })
        assert.equal(JSON.stringify(over), JSON.stringify(object))
      },
    ),
  )
})

test('a cohort of one service does not touch another service of the same cohort name', () => {
  const orders: RoutedService = { ...service, name: 'orders' }
  fc.assert(
    fc.property(virtualService, cohort, (object, each) => {
      const both = start(start(object, each), { ...each, service: orders })
      assert.deepEqual(endCohort(both, orders, each.name), start(object, each))
      assert.deepEqual(endCohort(endCohort(both, service, each.name), orders, each.name), object)
    }),
  )
})

test('a record that somebody else has spoilt is named, not guessed at', () => {
  const object = deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'c', namespace: 'shop', annotations: { 'kubectl-canary/cohorts': '{' } },
    spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
  }) as VirtualService
  assert.throws(
    () => endCohort(object, service, 'internal'),
    (error: CanaryError) => error.code === 'unreadable' && /kubectl-canary\/cohorts/.test(error.message),
  )
})
