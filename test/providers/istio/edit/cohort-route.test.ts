import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type {
  HttpMatch,
  HttpRoute,
  VirtualService,
  WeightedDestination,
} from '../../../../shared/objects/virtual-service.ts'
import {
  cohortRoute,
  type Cohort,
  type CopyOf,
} from '../../../../shared/providers/istio/edit/cohort-route.ts'
import { defaultCondition, type Condition } from '../../../../shared/routing/condition.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const headers = { 'x-istio-cohort': { exact: 'internal' } }
const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }

const to = (subset: string, more: Besides = {}, port?: number): WeightedDestination => ({
  destination: { host: 'catalog', subset, ...(port === undefined ? {} : { port: { number: port } }) },
  ...more,
})

/** What a destination has besides: Istio takes more than is named in our types. */
interface Besides {
  readonly weight?: number
  readonly headers?: object
}

interface Asked extends Partial<Cohort> {
  readonly gateways?: readonly string[]
  readonly within?: CopyOf['within']
}

/** The copy of a route for the cohort internal, which goes to v2. */
function copyOf(base: HttpRoute, { gateways, within = 'all', ...more }: Asked = {}): HttpRoute | undefined {
  const object: VirtualService = deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], ...(gateways === undefined ? {} : { gateways }), http: [base] },
  })
  const cohort: Cohort = {
    name: 'internal',
    service,
    to: { version: 'v2', subset: 'v2' },
    when: [defaultCondition('internal')],
    ...more,
  }
  return cohortRoute(object, cohort, { base, within })
}

const blocksOf = (match: readonly HttpMatch[] | undefined, asked: Asked = {}) =>
  copyOf({ ...(match === undefined ? {} : { match }), route: [to('v1')] }, asked)?.match
const both = ['gw', 'mesh']

describe('the copy of a route for callers in the mesh alone', () => {
  const mesh = (match: readonly HttpMatch[] | undefined, gateways?: readonly string[]) =>
    blocksOf(match, { within: 'mesh', ...(gateways === undefined ? {} : { gateways }) })
  it('names the mesh, also where its VirtualService names no gateways', () => {
    assert.deepEqual(mesh(undefined), [{ gateways: ['mesh'], headers }])
    assert.deepEqual(mesh(undefined, both), [{ gateways: ['mesh'], headers }])
  })
  it('has the blocks that are for the mesh, and those that name no gateways', () => {
    const [a, b, c, d] = ['/a', '/b', '/c', '/d'].map(prefix => ({ uri: { prefix } }))
    const blocks = [{ ...a, gateways: ['gw'] }, { ...b, gateways: both }, { ...c, gateways: ['mesh'] }, d!]
    assert.deepEqual(
      mesh(blocks, both),
      [b, c, d].map(block => ({ ...block, gateways: ['mesh'], headers })),
    )
  })
  it('does not exist where the VirtualService is for gateways alone, or all its blocks are', () => {
    assert.equal(mesh(undefined, ['gw']), undefined)
    assert.equal(mesh([{ gateways: ['mesh'] }], ['gw']), undefined)
    assert.equal(mesh([{ gateways: ['gw'] }], both), undefined)
  })
  it('does not name the mesh where it asks who calls, which Istio would then ignore', () => {
    const [labels, namespace] = [{ sourceLabels: { app: 'till' } }, { sourceNamespace: 'web' }]
    assert.deepEqual(mesh([labels, namespace]), [
      { ...labels, headers },
      { ...namespace, headers },
    ])
    assert.deepEqual(mesh([{ ...labels, gateways: both }], both), [
      { ...labels, gateways: ['mesh'], headers },
    ])
  })
})

describe('the copies of a route that takes everything at gateways', () => {
  const atGateways = (match: readonly HttpMatch[] | undefined) =>
    blocksOf(match, { within: 'beside', gateways: both })
  const before = (match: readonly HttpMatch[] | undefined) =>
    blocksOf(match, { within: 'before', gateways: both })
  const [a, all] = [{ uri: { prefix: '/a' } }, { uri: { prefix: '/' } }]
  it('name the gateways that its blocks name, without the mesh', () => {
    assert.deepEqual(atGateways([{ gateways: ['mesh', 'gw', 'other'] }]), [
      { gateways: ['gw', 'other'], headers },
    ])
  })
  it('name none where its blocks name none', () => {
    assert.deepEqual(atGateways(undefined), [{ headers }])
    assert.deepEqual(atGateways([all]), [{ ...all, headers }])
  })
  it('have no block that is for the mesh alone', () => {
    assert.deepEqual(atGateways([{ gateways: ['mesh'] }, { gateways: ['gw'] }]), [
      { gateways: ['gw'], headers },
    ])
    assert.equal(atGateways([{ gateways: ['mesh'] }]), undefined)
  })
  it('are beside for the blocks that take everything, and before it for the others and for the mesh', () => {
    assert.deepEqual(atGateways([a, all]), [{ ...all, headers }])
    assert.deepEqual(before([a, all]), [
      { ...a, headers },
      { ...all, gateways: ['mesh'], headers },
    ])
    assert.equal(atGateways([a]), undefined)
  })
  it('are for the mesh alone behind a block that leaves nothing at gateways', () => {
    assert.deepEqual(atGateways([all, a, {}]), [{ ...all, headers }])
    assert.deepEqual(before([{ gateways: ['gw'] }, a]), [{ ...a, gateways: ['mesh'], headers }])
    assert.deepEqual(before([{ sourceNamespace: 'web' }, a]), [
      { sourceNamespace: 'web', headers },
      { ...a, headers },
    ])
  })
})

describe('the copy of a route for callers by label', () => {
  const sourceLabels = { app: 'till' }
  const labelled = (match: readonly HttpMatch[]) => blocksOf(match, { when: [fromTill], gateways: both })
  it('leaves out gateways, and blocks that are for other gateways', () => {
    assert.deepEqual(labelled([{ gateways: both }, { gateways: ['gw'] }]), [{ sourceLabels }])
    assert.equal(labelled([{ gateways: ['gw'] }]), undefined)
  })
  it('does not ask what Istio did not ask in a block that names gateways', () => {
    assert.deepEqual(labelled([{ gateways: both, sourceNamespace: 'web' }]), [{ sourceLabels }])
  })
  it('has the blocks that such callers can meet', () => {
    assert.deepEqual(labelled([{ sourceLabels: { app: 'web' } }, { sourceLabels: { zone: 'a' } }]), [
      { sourceLabels: { zone: 'a', app: 'till' } },
    ])
  })
})

describe('the blocks of a copy', () => {
  it('are those of the route that requests of the cohort can meet', () => {
    assert.deepEqual(
      blocksOf([{ headers: { 'x-istio-cohort': { exact: 'beta' } } }, { uri: { prefix: '/a' } }]),
      [{ uri: { prefix: '/a' }, headers }],
    )
    assert.equal(blocksOf([{ headers: { 'x-istio-cohort': { exact: 'beta' } } }]), undefined)
  })
  it('test a header once, as its route spells it', () => {
    const vip: Condition = { on: 'header', name: 'x-vip', match: { exact: '1' } }
    const spelled = { headers: { 'X-Vip': { exact: '1' } } }
    assert.deepEqual(blocksOf([spelled], { when: [vip] }), [spelled])
  })
  it('are what its roots demand where the route of a delegate has none', () => {
    const demands = [{ ignoreUriCase: true }, { sourceNamespace: 'web' }]
    assert.deepEqual(
      blocksOf(undefined, { demands }),
      demands.map(demand => ({ ...demand, headers })),
    )
    assert.deepEqual(blocksOf([{ uri: { prefix: '/a' } }], { demands }), [{ uri: { prefix: '/a' }, headers }])
  })
})

describe('what a copy does', () => {
  it('is what its route does, without copies of requests by whatever field', () => {
    const mirror = { host: 'catalog', subset: 'v1' }
    const timeout = { timeout: '3s' } as HttpRoute
    const copies: readonly HttpRoute[] = [
      { mirror, mirrorPercentage: { value: 5 } },
      { mirror, mirrorPercent: 5 },
      { mirror, mirror_percent: 5 },
      { mirrors: [{ destination: mirror, percentage: { value: 5 } }] },
    ]
    for (const each of copies)
      assert.deepEqual(copyOf({ name: 'r', ...each, ...timeout, route: [to('v1')] }), {
        match: [{ headers }],
        ...timeout,
        route: [to('v2')],
      })
  })
  it('is what the split does for its version, or else for the first one', () => {
    const [set, add] = [
      { headers: { request: { set: { a: '1' } } } },
      { headers: { request: { add: { b: '2' } } } },
    ]
    const split = [to('v1', { ...set, weight: 50 }), to('v2', { ...add, weight: 50 })]
    assert.deepEqual(copyOf({ route: split })!.route, [to('v2', add)])
    assert.deepEqual(copyOf({ route: split }, { to: { version: 'v3', subset: 'v3' } })!.route, [
      to('v3', set),
    ])
  })
})

describe('a route has no copy and the cohort is refused', () => {
  const refused = (route: HttpRoute, why: RegExp, asked: Asked = {}) =>
    assert.throws(
      () => copyOf(route, asked),
      (error: unknown) => error instanceof CanaryError && error.code === 'refused' && why.test(error.message),
    )
  const halves = (...ports: readonly (number | undefined)[]): HttpRoute => ({
    route: ports.map(port => to('v1', { weight: 50 }, port)),
  })
  it('where it splits between several ports', () => {
    refused(halves(80, 8080), /spec\.http\[0\].* splits between several ports/)
    refused(halves(80, undefined), /several ports/)
    refused(halves(80, undefined), /several ports/, { onlyPort: 8080 })
    assert.deepEqual(copyOf(halves(80, undefined), { onlyPort: 80 })!.route, [to('v2', {}, 80)])
    assert.deepEqual(copyOf(halves(80, 80))!.route, [to('v2', {}, 80)])
  })
  it('where it also splits to another host', () => {
    refused(
      { route: [to('v1', { weight: 50 }), { destination: { host: 'orders' }, weight: 50 }] },
      /also splits to another host, orders/,
    )
  })
  it('where any of its blocks tests otherwise what the cohort tests', () => {
    const route = [to('v1')]
    const clashing = { headers: { 'x-istio-cohort': { prefix: 'in' } } }
    refused({ match: [clashing], route }, /already tests the header x-istio-cohort otherwise/)
    refused({ match: [{ uri: { prefix: '/a' } }, clashing], route }, /header x-istio-cohort otherwise/)
    refused(
      { match: [{ withoutHeaders: { 'x-istio-cohort': { exact: 'beta' } } }], route },
      /already excludes/,
    )
  })
})
