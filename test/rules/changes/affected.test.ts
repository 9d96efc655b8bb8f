import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { affected } from '../../../shared/rules/affected/affected.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { bigWorld, nthRoutes, nthRule, nthService, nthWorkload } from './big-world.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }

const one = (text: string): KubeObject => objectsOf(text)[0]!
const istio = (kind: string, spec: string, name = 'cart'): KubeObject =>
  one(
    `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: shop, creationTimestamp: '2024-01-01T00:00:00Z'}, spec: ${spec}}`,
  )
const service = (port = '{name: http, port: 80}'): KubeObject =>
  one(
    `{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}, ports: [${port}]}}`,
  )
const workload = (version: string, labels = `app: cart, version: ${version}`): KubeObject =>
  one(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart-${version}, namespace: shop}, spec: {template: {metadata: {labels: {${labels}}}}}}`,
  )
const rule = (...subsets: string[]): KubeObject =>
  istio(
    'DestinationRule',
    `{host: cart, subsets: [${subsets.map(name => `{name: ${name}, labels: {version: ${name}}}`).join()}]}`,
  )
const split = (v2: number, host = 'cart', more = ''): KubeObject =>
  istio(
    'VirtualService',
    `{hosts: [cart], http: [${more}{route: [{destination: {host: cart, subset: v1}, weight: ${100 - v2}}, {destination: {host: ${host}, subset: v2}, weight: ${v2}}]}]}`,
  )

const healthy = [service(), workload('v1'), workload('v2'), rule('v1', 'v2'), split(50)]
const without = (...gone: readonly KubeObject[]): readonly KubeObject[] =>
  healthy.filter(object => !gone.some(other => keyOf(refOf(other)) === keyOf(refOf(object))))

/** What a change breaks: `rule severity object`. */
const breaks = (objects: readonly KubeObject[], ...changes: readonly Change[]): readonly string[] =>
  judgeChanges(judge, snapshot(objects), changes)
    .introduced.map(finding => `${finding.rule} ${finding.severity.webhook} ${finding.ref.kind}`)
    .toSorted()
const errors = (objects: readonly KubeObject[], ...changes: readonly Change[]): readonly string[] =>
  breaks(objects, ...changes).filter(text => text.includes(' error '))

describe('a change of routing breaks what depends on it', () => {
  it('dropping a subset that a route uses', () =>
    assert.deepEqual(breaks(healthy, { before: rule('v1', 'v2'), after: rule('v1') }), [
      'undefined-subset error VirtualService',
    ]))
  it('deleting the DestinationRule of a used subset', () =>
    assert.deepEqual(breaks(healthy, { before: rule('v1', 'v2') }), [
      'subset-without-destination-rule error VirtualService',
      'subset-without-destination-rule error VirtualService',
    ]))
  it('moving weight to a subset that is not defined', () =>
    assert.deepEqual(
      errors([...without(rule(), split(0)), rule('v1'), split(0)], { before: split(0), after: split(10) }),
      ['undefined-subset error VirtualService'],
    ))
  it("a rule of a client's own namespace that hides the Service's", () =>
    assert.deepEqual(
      breaks(healthy, {
        after: one(
          '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: tls, namespace: web}, spec: {host: cart.shop.svc.cluster.local}}',
        ),
      }),
      ['subset-hidden-from-clients error VirtualService', 'subset-hidden-from-clients error VirtualService'],
    ))
  it('deleting the VirtualService in whose shadow a broken one stood', () => {
    const broken = one(
      "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: late, namespace: shop, creationTimestamp: '2024-02-01T00:00:00Z'}, spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: v9}}]}]}}",
    )
    assert.deepEqual(errors([...healthy, broken], { before: split(50) }), [
      'undefined-subset error VirtualService',
    ])
  })
})

describe('a change of a Service breaks the routes to it', () => {
  it('naming the Service port for another protocol', () =>
    assert.deepEqual(breaks(healthy, { before: service(), after: service('{name: tcp, port: 80}') }), [
      'http-route-on-non-http-port error VirtualService',
    ]))
  it('taking the name off a Service port', () =>
    assert.deepEqual(breaks(healthy, { before: service(), after: service('{port: 80}') }), [
      'unnamed-port error Service',
    ]))
  it('taking the name off the one port for HTTP of several', () => {
    const several = (name: string): KubeObject =>
      service(`{name: ${name}, port: 80}, {name: metrics, port: 9090}`)
    assert.deepEqual(
      breaks([...without(service()), several('http')], { before: several('http'), after: several('web') }),
      ['unnamed-port error Service'],
    )
  })
  it('a port beside, which no route names: a warning', () => {
    const beside = service('{name: http, port: 80}, {name: metrics, port: 9090}')
    assert.deepEqual(breaks(healthy, { before: service(), after: beside }), ['unnamed-port warning Service'])
    assert.deepEqual(breaks([...without(service(), split(50)), beside], { after: split(50) }), [
      'unnamed-port warning Service',
    ])
    const onPort = (port: number): KubeObject =>
      split(50, 'cart', `{match: [{port: ${port}}], route: [{destination: {host: cart}}]}, `)
    assert.deepEqual(breaks([...without(service(), split(50)), beside], { after: onPort(9090) }), [
      'unnamed-port error Service',
    ])
    const onlyPort80 = istio(
      'VirtualService',
      '{hosts: [cart], http: [{match: [{port: 80}], route: [{destination: {host: cart}}]}]}',
    )
    assert.deepEqual(breaks([...without(service(), split(50)), beside], { after: onlyPort80 }), [])
  })
})

describe('a change of a workload breaks the routes to it', () => {
  it('taking the version label off a workload', () =>
    assert.deepEqual(breaks(healthy, { before: workload('v2'), after: workload('v2', 'app: cart') }), [
      'missing-version-label error Deployment',
      'subset-matches-no-workload error VirtualService',
    ]))
  it('deleting the workload of a subset that gets traffic', () =>
    assert.deepEqual(breaks(healthy, { before: workload('v2') }), [
      'subset-matches-no-workload error VirtualService',
    ]))
})

describe('a change does not answer for what stood before it', () => {
  const broken = [...without(rule()), rule('v1')]
  it('an unrelated edit of a broken object', () =>
    assert.deepEqual(breaks(broken, { before: split(50), after: split(40) }), []))
  it('the old fault in another place, or spelled otherwise', () => {
    assert.deepEqual(
      breaks(broken, { before: split(50), after: split(50, 'cart.shop.svc.cluster.local') }),
      [],
    )
    assert.deepEqual(
      breaks(broken, {
        before: split(50),
        after: split(
          50,
          'cart',
          '{match: [{uri: {prefix: /a}}], route: [{destination: {host: cart, subset: v1}}]}, ',
        ),
      }),
      [],
    )
  })
  it('but a second route with the old fault is new', () =>
    assert.deepEqual(
      breaks(broken, {
        before: split(50),
        after: split(
          50,
          'cart',
          '{match: [{uri: {prefix: /a}}], route: [{destination: {host: cart, subset: v2}}]}, ',
        ),
      }),
      ['undefined-subset error VirtualService'],
    ))
  it('a DestinationRule that turns no rule into one without the subset', () =>
    assert.deepEqual(breaks(without(rule()), { after: rule('v1') }), []))
})

describe('creating and deleting in steps breaks nothing in between', () => {
  it('any order in which routes, Service and rule are created, but for routes whose host is there and its subsets are not', () => {
    assert.deepEqual(errors([workload('v1'), workload('v2')], { after: split(50) }), [])
    assert.deepEqual(errors([workload('v1'), workload('v2'), split(50)], { after: service() }), [])
    assert.deepEqual(
      errors([workload('v1'), workload('v2'), split(50), service()], { after: rule('v1', 'v2') }),
      [],
    )
    assert.deepEqual(
      errors([workload('v1'), workload('v2'), split(50), rule('v1', 'v2')], { after: service() }),
      [],
    )
  })
  it('taking everything down, the Service first', () => {
    assert.deepEqual(errors(healthy, { before: service() }), [])
    assert.deepEqual(errors(without(service()), { before: rule('v1', 'v2') }), [])
    assert.deepEqual(errors(without(service(), rule()), { before: workload('v1') }), [])
    assert.deepEqual(
      errors(without(service(), rule(), workload('v1'), workload('v2')), { before: split(50) }),
      [],
    )
  })
})

describe('the cost of a judgement is that of what depends on the change', () => {
  const view = snapshot(bigWorld(10_000))
  const visited = (change: Change): { readonly subjects: readonly string[]; readonly objects: number } => {
    let objects = 0
    const counted = <T>(found: readonly T[]): readonly T[] => {
      objects += found.length
      return found
    }
    const spying: ClusterView = {
      mesh: view.mesh,
      unread: view.unread,
      get: ref => view.get(ref),
      list: (kind, namespace) => counted(view.list(kind, namespace)),
      find: (index, key) => counted(view.find(index, key)),
    }
    const subjects = [...new Set([...affected(overlay(spying, [change]), [change])].map(keyOf))].toSorted()
    judgeChanges(judge, spying, [change])
    return { subjects, objects }
  }
  const cases: Readonly<Record<string, Change>> = {
    'a DestinationRule': { before: nthRule(7), after: nthRule(7, ['v1']) },
    'a VirtualService': { before: nthRoutes(7), after: nthRoutes(7, ['v1', 'v9']) },
    'a Service': {
      before: nthService(7),
      after: { ...nthService(7), spec: { selector: { app: 's7' }, ports: [{ port: 80 }] } } as KubeObject,
    },
    'a workload': { before: nthWorkload(7, 'v2') },
  }
  for (const [name, change] of Object.entries(cases)) {
    it(`of 10,000 VirtualServices ${name} concerns the one that depends on it`, () => {
      const { subjects, objects } = visited(change)
      assert.ok(subjects.includes('VirtualService ns7/s7') || name === 'a VirtualService')
      assert.ok(
        subjects.every(key => / ns7\/s7(-v\d)?$/.test(key)),
        subjects.join(),
      )
      assert.ok(objects < 2000, `${objects} objects were looked at`)
    })
  }
})
