import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { affected } from '../../../shared/rules/affected/affected.ts'
import { judgeChanges, lintView } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { fc } from '../../properties.ts'
import { anyObject, service } from '../worlds.ts'
import { gatewayApiObjects } from './worlds.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const one = (text: string): KubeObject => objectsOf(text)[0]!

const any = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...gatewayApiObjects) },
  { weight: 2, arbitrary: service },
  { weight: 2, arbitrary: anyObject },
)
const unique = (objects: readonly KubeObject[]): readonly KubeObject[] => [
  ...new Map(objects.map(each => [keyOf(refOf(each)), each])).values(),
]

describe('what a change does to routes of the Gateway API', () => {
  it('is found by indexes, wherever it shows: no other object is judged otherwise after it', () => {
    let found = 0
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 10 }).map(unique),
        any,
        fc.boolean(),
        (objects, object, isGone) => {
          const before = objects.find(each => keyOf(refOf(each)) === keyOf(refOf(object)))
          const change: Change = isGone && before !== undefined ? { before } : { before, after: object }
          const view = snapshot(objects)
          const after = overlay(view, [change])
          const judged = new Set(
            [changedRef(change), ...affected(view, [change]), ...affected(after, [change])].map(keyOf),
          )
          const findingsBy = (side: ClusterView): ReadonlyMap<string, readonly string[]> =>
            new Map(
              [...Map.groupBy(lintView(judge, side), ({ ref }) => keyOf(ref))].map(([key, findings]) => [
                key,
                findings
                  .map(finding => `${finding.rule} ${identityOf(finding)} ${finding.message}`)
                  .toSorted(),
              ]),
            )
          const [was, is] = [findingsBy(view), findingsBy(after)]
          for (const key of new Set([...was.keys(), ...is.keys()])) {
            if (!/^(HTTPRoute|GRPCRoute) /.test(key) || judged.has(key)) continue
            assert.deepEqual(is.get(key) ?? [], was.get(key) ?? [], key)
          }
          found += is.size
        },
      ),
      { numRuns: 500 },
    )
    assert.ok(found > 500, String(found))
  })
})

const grpc = '{name: grpc, port: 80}'
const serviceOf = (version: string, { ports = grpc, selector = version } = {}): KubeObject =>
  one(
    `{apiVersion: v1, kind: Service, metadata: {name: cart-${version}, namespace: shop}, spec: {selector: {app: cart, version: ${selector}}, ports: [${ports}]}}`,
  )
const workload = (version: string, labels = `app: cart, version: ${version}`, replicas = 1): KubeObject =>
  one(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart-${version}, namespace: shop}, spec: {replicas: ${replicas}, template: {metadata: {labels: {${labels}}}}}}`,
  )
const gateway = one(
  '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: x, listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]}}',
)
const routeOf = (
  kind: string,
  backends: string,
  { parent = '{name: edge}', name = 'cart', namespace = 'shop' } = {},
): KubeObject =>
  one(
    `{apiVersion: gateway.networking.k8s.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: ${namespace}}, spec: {parentRefs: [${parent}], rules: [{backendRefs: [${backends}]}]}}`,
  )
const split = (kind: string, v2: number, more = ''): KubeObject =>
  routeOf(
    kind,
    `{name: cart-v1, port: 80, weight: ${100 - v2}}, {name: cart-v2, port: 80, weight: ${v2}}${more}`,
  )
const grantOf = (kind: string, name = ''): KubeObject =>
  one(
    `{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: cart, namespace: shop}, spec: {from: [{group: gateway.networking.k8s.io, kind: ${kind}, namespace: web}], to: [{group: '', kind: Service${name}}]}}`,
  )

/** What a change breaks: `rule severity object`. */
const breaks = (objects: readonly KubeObject[], ...changes: readonly Change[]): readonly string[] =>
  judgeChanges(judge, snapshot(objects), changes)
    .introduced.filter(({ ref }) => ref.kind.endsWith('Route'))
    .map(
      finding => `${finding.rule} ${finding.severity.webhook} ${finding.ref.namespace}/${finding.ref.name}`,
    )
    .toSorted()

for (const kind of ['HTTPRoute', 'GRPCRoute']) {
  const backends = [gateway, serviceOf('v1'), serviceOf('v2'), workload('v1'), workload('v2')]
  const world = [...backends, split(kind, 10)]

  describe(`of a ${kind}`, () => {
    it('each step of the weights is fine, and the last is not 0 in sum', () => {
      for (const weight of [0, 50, 100])
        assert.deepEqual(breaks(world, { before: split(kind, 10), after: split(kind, weight) }), [])
      const nothing = routeOf(kind, '{name: cart-v1, port: 80, weight: 0}')
      assert.deepEqual(breaks(world, { before: split(kind, 10), after: nothing }), [
        'weights-sum-to-zero error shop/cart',
      ])
    })
    it('the deletion of a Service breaks it while that gets requests', () => {
      assert.deepEqual(breaks(world, { before: serviceOf('v2') }), ['unknown-backend error shop/cart'])
      assert.deepEqual(breaks([...backends, split(kind, 0)], { before: serviceOf('v2') }), [
        'unknown-backend warning shop/cart',
      ])
    })
    it('it comes before its Service with a warning', () => {
      const others = backends.filter(object => object.metadata.name !== 'cart-v2')
      assert.deepEqual(breaks(others, { after: split(kind, 10) }), ['unknown-backend warning shop/cart'])
      assert.deepEqual(breaks([...others, split(kind, 10)], { after: serviceOf('v2') }), [
        'backend-matches-no-workload warning shop/cart',
      ])
    })
  })

  describe(`of the Service behind a ${kind}`, () => {
    it('the removal of a port breaks it, and a Service that goes after it breaks nothing more', () => {
      const moved = serviceOf('v2', { ports: '{name: grpc, port: 81}' })
      assert.deepEqual(breaks(world, { before: serviceOf('v2'), after: moved }), [
        'unknown-port error shop/cart',
      ])
      assert.deepEqual(breaks([...world.filter(each => each !== world[2]), moved], { before: moved }), [])
    })
    it('a selector or labels that lose the last workload break it, and a deletion or no replicas warn', () => {
      const named = 'backend-matches-no-workload'
      assert.deepEqual(
        breaks(world, { before: serviceOf('v2'), after: serviceOf('v2', { selector: 'v9' }) }),
        [`${named} error shop/cart`],
      )
      const relabelled = workload('v2', 'app: cart, version: v9')
      assert.deepEqual(breaks(world, { before: workload('v2'), after: relabelled }), [
        `${named} error shop/cart`,
      ])
      assert.deepEqual(breaks(world, { before: workload('v2') }), [`${named} warning shop/cart`])
      const asleep = workload('v2', undefined, 0)
      assert.deepEqual(breaks(world, { before: workload('v2'), after: asleep }), [
        `${named} warning shop/cart`,
      ])
    })
  })

  describe(`of what a ${kind} rests on`, () => {
    it('a grant that goes, or no longer names the Service, breaks the routes of the other namespace', () => {
      const guest = routeOf(kind, '{name: cart-v1, namespace: shop, port: 80}', {
        namespace: 'web',
        parent: '{name: edge, namespace: shop}',
      })
      const guests = [...backends, guest, grantOf(kind)]
      assert.deepEqual(breaks(guests, { before: grantOf(kind) }), ['ungranted-reference error web/cart'])
      assert.deepEqual(breaks(guests, { before: grantOf(kind), after: grantOf(kind, ', name: other') }), [
        'ungranted-reference error web/cart',
      ])
      assert.deepEqual(breaks([...backends, guest], { after: grantOf(kind) }), [])
      assert.deepEqual(breaks(backends, { after: guest }), ['ungranted-reference warning web/cart'])
    })
  })

  describe(`under a ${kind} that is attached nowhere`, () => {
    it('a grant or a port that goes after the Gateway is a warning', () => {
      const orphaned = world.filter(each => each.kind !== 'Gateway')
      const moved = serviceOf('v2', { ports: '{name: grpc, port: 81}' })
      assert.deepEqual(breaks(orphaned, { before: serviceOf('v2'), after: moved }), [
        'unknown-port warning shop/cart',
      ])
      const guest = routeOf(kind, '{name: cart-v1, namespace: shop, port: 80}', { namespace: 'web' })
      assert.deepEqual(breaks([...orphaned, guest, grantOf(kind)], { before: grantOf(kind) }), [
        'ungranted-reference warning web/cart',
      ])
    })
    it('a port, a Service or a label that goes is a warning, also if no listener takes the route', () => {
      const refused = [
        ...world.filter(each => each.kind !== kind),
        routeOf(kind, '{name: cart-v2, port: 80}', { parent: '{name: edge, sectionName: none}' }),
      ]
      const moved = serviceOf('v2', { ports: '{name: grpc, port: 81}' })
      for (const [change, rule] of [
        [{ before: serviceOf('v2'), after: moved }, 'unknown-port'],
        [{ before: serviceOf('v2') }, 'unknown-backend'],
        [{ before: workload('v2'), after: workload('v2', 'app: z') }, 'backend-matches-no-workload'],
      ] as const)
        assert.deepEqual(breaks(refused, change), [`${rule} warning shop/cart`])
    })
  })

  describe(`above a ${kind}`, () => {
    it('a Gateway that goes, or loses the listener, is a warning', () => {
      const bound = routeOf(kind, '{name: cart-v1, port: 80}', { parent: '{name: edge, sectionName: http}' })
      const other = JSON.parse(
        JSON.stringify(gateway).replace('"name":"http"', '"name":"https"'),
      ) as KubeObject
      assert.deepEqual(breaks([...backends, bound], { before: gateway }), [
        'unknown-parent warning shop/cart',
      ])
      assert.deepEqual(breaks([...backends, bound], { before: gateway, after: other }), [
        'unknown-parent warning shop/cart',
      ])
    })
  })

  describe(`beside a ${kind}`, () => {
    it('in the mesh the route that takes every request is missed by those beside it', () => {
      const parent = "{group: '', kind: Service, name: cart-v1}"
      const catching = routeOf(kind, '{name: cart-v1, port: 80}', { parent, name: 'all' })
      const some = JSON.parse(
        JSON.stringify(routeOf(kind, '{name: cart-v1, port: 80}', { parent })).replace(
          '"rules":[{',
          '"rules":[{"matches":[{"headers":[{"name":"x","value":"1"}]}],',
        ),
      ) as KubeObject
      assert.deepEqual(breaks([...backends, catching], { after: some }), [])
      assert.deepEqual(breaks([...backends, catching, some], { before: catching }), [
        'no-catch-all warning shop/cart',
      ])
      const tcp = serviceOf('v1', { ports: '{name: tcp, port: 80}' })
      assert.deepEqual(breaks([...backends, catching], { before: serviceOf('v1'), after: tcp }), [
        'http-route-on-non-http-port error shop/all',
        'http-route-on-non-http-port warning shop/all',
      ])
    })
    it('the old fault in another place is no new one, and a second route with it is', () => {
      const broken = (name: string): KubeObject => routeOf(kind, '{name: cart-v1, port: 81}', { name })
      const moved = routeOf(kind, '{name: cart-v2, port: 80}, {name: cart-v1, port: 81}', { name: 'old' })
      assert.deepEqual(breaks([...backends, broken('old')], { before: broken('old'), after: moved }), [])
      assert.deepEqual(breaks([...backends, broken('old')], { after: broken('new') }), [
        'unknown-port error shop/new',
      ])
    })
  })
}

describe('the cost of a change', () => {
  it('of 5,000 routes is that of the one that depends on it', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => i).flatMap(i => [
      one(
        `{apiVersion: v1, kind: Service, metadata: {name: s${i}, namespace: ns${i}}, spec: {selector: {app: s${i}}, ports: [{name: http, port: 80}]}}`,
      ),
      routeOf('HTTPRoute', `{name: s${i}, port: 80}`, { name: `s${i}`, namespace: `ns${i}` }),
    ])
    const view = snapshot(many)
    const before = view.get({ kind: 'Service', namespace: 'ns7', name: 's7' })!
    const keys = [...affected(view, [{ before }])].map(keyOf)
    assert.deepEqual([...new Set(keys)], ['HTTPRoute ns7/s7'])
  })
  it('of a VirtualService is not raised: nothing of the Gateway API is asked for', () => {
    const route = one(
      '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: {hosts: [cart-v1], http: [{route: [{destination: {host: cart-v1}}]}]}}',
    )
    const asked = new Set<string>()
    const view = snapshot([serviceOf('v1'), workload('v1'), gateway, split('HTTPRoute', 10), route])
    const spying: ClusterView = {
      mesh: view.mesh,
      unread: view.unread,
      get: ref => (asked.add(ref.kind), view.get(ref)),
      list: (kind, namespace) => (asked.add(kind), view.list(kind, namespace)),
      find: (index, key) => (asked.add(index.kind), view.find(index, key)),
    }
    judgeChanges(judge, spying, [{ before: route }, { after: route }])
    judgeChanges(judge, spying, [{ after: { ...route, metadata: { ...route.metadata, name: 'other' } } }])
    assert.ok(asked.has('VirtualService') && asked.has('Service'))
    assert.deepEqual(
      [...asked].filter(kind => /Route$|ReferenceGrant|gateway\.networking/.test(kind)),
      [],
    )
  })
})
