import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type {
  HttpRoute,
  VirtualService,
  WeightedDestination,
} from '../../../../shared/objects/virtual-service.ts'
import { leftAlone, setSplit, type SplitEdit } from '../../../../shared/providers/istio/edit/split.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }

interface Besides {
  readonly weight?: number
  readonly headers?: object
}
const to = (subset: string, more: Besides = {}): WeightedDestination => ({
  destination: { host: 'catalog', subset },
  ...more,
})
const headers = (name: string): Besides => ({ headers: { request: { set: { [name]: '1' } } } })

const routing = (spec: Partial<VirtualService['spec']>): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], ...spec },
  })

const halves = [
  { subset: 'v1', weight: 50 },
  { subset: 'v2', weight: 50 },
]
const alone = (subset: string) => [{ subset, weight: 100 }]
const edit = (parts: SplitEdit['parts'], more: Partial<SplitEdit> = {}): SplitEdit => ({
  service,
  parts,
  ...more,
})
/** The destinations of one http route after a split. */
const turned = (
  route: readonly WeightedDestination[],
  parts: SplitEdit['parts'],
  more: Partial<SplitEdit> = {},
) => setSplit(routing({ http: [{ route }] }), edit(parts, more)).spec.http![0]!.route

describe('a split', () => {
  it('is set on http, tcp and tls routes to the service alike, and on no others', () => {
    const [own, other] = [{ route: [to('v1')] }, { route: [{ destination: { host: 'orders' } }] }]
    const tls = [{ ...own, match: [{ sniHosts: ['catalog'] }] }]
    const {
      http,
      tcp,
      tls: encrypted,
    } = setSplit(routing({ http: [own, other], tcp: [other, own], tls }), edit(halves)).spec
    const route = [to('v1', { weight: 50 }), to('v2', { weight: 50 })]
    assert.deepEqual(http, [{ route }, other])
    assert.deepEqual(tcp, [other, { route }])
    assert.deepEqual(encrypted, [{ ...tls[0], route }])
  })
  it('makes no list of routes that is not there', () => {
    assert.deepEqual(Object.keys(setSplit(routing({ tcp: [{ route: [to('v1')] }] }), edit(halves)).spec), [
      'hosts',
      'tcp',
    ])
  })
  it('gives each version what its destination has already, and a new one what the first has', () => {
    const [a, b] = [headers('a'), headers('b')]
    assert.deepEqual(
      turned(
        [to('v1', { ...a, weight: 90 }), to('v2', { ...b, weight: 10 })],
        [...halves, { subset: 'v3', weight: 0 }],
      ),
      [to('v1', { ...a, weight: 50 }), to('v2', { ...b, weight: 50 }), to('v3', { ...a, weight: 0 })],
    )
  })
  it('keeps the order of the destinations that are there, and adds new ones after these', () => {
    const route = [to('v1', { weight: 0 }), to('v2', { weight: 100 })]
    const stable = { subset: 'v2', weight: 70 }
    assert.deepEqual(turned(route, [stable, { subset: 'v1', weight: 30 }]), [
      to('v1', { weight: 30 }),
      to('v2', { weight: 70 }),
    ])
    assert.deepEqual(turned(route, [stable, { subset: 'v3', weight: 10 }, { subset: 'v1', weight: 20 }]), [
      to('v1', { weight: 20 }),
      to('v2', { weight: 70 }),
      to('v3', { weight: 10 }),
    ])
  })
  it('keeps the place of a weight among the keys of a destination', () => {
    const [one, other] = turned([{ weight: 100, destination: { host: 'catalog', subset: 'v1' } }], halves)!
    assert.deepEqual(Object.keys(one!), ['weight', 'destination'])
    assert.deepEqual(Object.keys(other!), ['weight', 'destination'])
    assert.deepEqual(Object.keys(turned([to('v1')], halves)![0]!), ['destination', 'weight'])
  })
})

describe('one version that takes everything', () => {
  it('is written without a weight, with what its destination has', () => {
    const split = [to('v1', { ...headers('a'), weight: 100 }), to('v2', { ...headers('b'), weight: 0 })]
    assert.deepEqual(turned(split, alone('v2')), [to('v2', headers('b'))])
    assert.deepEqual(turned(split, alone('v3')), [to('v3', headers('a'))])
  })
  it('keeps a weight of 100 that a lone destination has, and no other', () => {
    assert.deepEqual(turned([to('v1', { weight: 100 })], alone('v2')), [to('v2', { weight: 100 })])
    assert.deepEqual(turned([to('v1', { weight: 90 })], alone('v2')), [to('v2')])
  })
  it('leaves a destination as it is that leads there alone already', () => {
    for (const weight of [0, 50, 100]) {
      const route = [to('v1', { weight })]
      assert.deepEqual(turned(route, alone('v1')), route)
    }
  })
})

describe('a route for some senders', () => {
  const gold: HttpRoute = { match: [{ headers: { 'x-tenant': { exact: 'gold' } } }] }
  const only = [{}, { subset: 'v1' }]
  const http: readonly HttpRoute[] = [
    { ...gold, route: [to('v3')] },
    { ...gold, route: [to('v3', { weight: 50 }), to('v1', { weight: 50 })] },
    { match: [{ uri: { prefix: '/a' } }], route: [to('v3')] },
    { ...gold, route: [{ destination: { host: 'orders' } }] },
    { route: [to('v1')] },
  ]
  const split = [to('v1', { weight: 50 }), to('v2', { weight: 50 })]
  it('is left alone where it leads to none of the versions that the split replaces', () => {
    const object = routing({ http })
    const after = setSplit(object, edit(halves, { only })).spec.http!
    assert.deepEqual(after[0], http[0])
    assert.deepEqual(after[1]!.route, [to('v1', { weight: 50 }), to('v2', { weight: 50 })])
    assert.deepEqual(after[2]!.route, split)
    assert.deepEqual(after[3], http[3])
    assert.deepEqual(after[4]!.route, split)
    assert.deepEqual(leftAlone(object, edit(halves, { only })), ['spec.http[0]'])
  })
  it('is turned like any other where all are meant', () => {
    const object = routing({ http })
    assert.deepEqual(setSplit(object, edit(halves)).spec.http![0], { ...gold, route: split })
    assert.deepEqual(leftAlone(object, edit(halves)), [])
  })
})

describe('a split is refused', () => {
  const refused = (route: readonly WeightedDestination[], why: RegExp, more: Partial<SplitEdit> = {}) =>
    assert.throws(
      () => turned(route, halves, more),
      (error: unknown) => error instanceof CanaryError && error.code === 'refused' && why.test(error.message),
    )
  const at = (port?: number): WeightedDestination => ({
    destination: { host: 'catalog', subset: 'v1', ...(port === undefined ? {} : { port: { number: port } }) },
    weight: 50,
  })
  it('on a route that also splits to another host', () => {
    refused([at(), { destination: { host: 'orders' }, weight: 50 }], /spec\.http\[0\].* another host, orders/)
  })
  it('on a route that splits between several ports, of which one may not be named', () => {
    refused([at(80), at(8080)], /several ports/)
    refused([at(80), at()], /several ports/)
    refused([at(80), at()], /several ports/, { onlyPort: 8080 })
    assert.equal(turned([at(80), at()], halves, { onlyPort: 80 })!.length, 2)
  })
})
