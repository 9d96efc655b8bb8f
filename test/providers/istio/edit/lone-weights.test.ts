import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import { endCanary, startSplit } from '../../../../shared/providers/istio/edit/canary.ts'
import { restoreLoneWeights } from '../../../../shared/providers/istio/edit/lone-weights.ts'
import { recordOf } from '../../../../shared/providers/istio/read/record/record.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const orders = { ...service, name: 'orders' }
const stable = { version: 'v1', subset: 'v1' }
const parts = [
  { subset: 'v1', weight: 80 },
  { subset: 'v2', weight: 20 },
]

const lone = (prefix: string, weight?: number, host = 'catalog'): HttpRoute => ({
  match: [{ uri: { prefix } }],
  route: [{ destination: { host, subset: 'v1' }, ...(weight === undefined ? {} : { weight }) }],
})
const routing = (spec: Partial<VirtualService['spec']>): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], ...spec },
  })
const split = (object: VirtualService, of = service): VirtualService =>
  startSplit(object, { service: of, parts }, stable)
const over = (object: VirtualService, of = service): VirtualService =>
  endCanary(object, {
    split: { service: of, parts: [{ subset: 'v1', weight: 100 }] },
    isOver: () => true,
    isMirrorOver: () => true,
  })
const withHttp = (object: VirtualService, http: readonly HttpRoute[]): VirtualService => ({
  ...object,
  spec: { ...object.spec, http },
})
const noted = (object: VirtualService, of = 'catalog.shop') => recordOf(object).restore?.weights?.[of] ?? {}
const weightsIn = ({ spec }: VirtualService) =>
  spec.http!.map(({ route }) => route!.map(({ weight }) => weight ?? '-').join(' '))

describe('the weights of lone destinations', () => {
  it('are there again after a split, on routes of each kind', () => {
    const { match: _, ...tcp } = lone('/', 70)
    const tls = { ...tcp, match: [{ sniHosts: ['catalog'] }] }
    const object = routing({ http: [lone('/a', 90), lone('/b')], tcp: [tcp], tls: [tls] })
    const during = split(object)
    assert.deepEqual(weightsIn(during), ['80 20', '80 20'])
    assert.deepEqual(
      Object.entries(noted(during)).map(([place, weight]) => [place.split('/')[0], weight]),
      [
        ['http', 90],
        ['tcp', 70],
        ['tls', 70],
      ],
    )
    assert.deepEqual(over(during), object)
  })
  it('are noted of the routes alone that the split turns', () => {
    const gold = {
      match: [{ headers: { 'x-tenant': { exact: 'gold' } } }],
      route: [{ destination: { host: 'catalog', subset: 'v3' }, weight: 60 }],
    }
    const object = routing({ http: [gold, lone('/a', 90)] })
    const during = startSplit(object, { service, parts, only: [{}, { subset: 'v1' }] }, stable)
    assert.deepEqual(weightsIn(during), ['60', '80 20'])
    assert.deepEqual(Object.values(noted(during)), [90])
  })
  it('are noted of a route that comes later, too', () => {
    const first = split(routing({ http: [lone('/a', 90)] }))
    const grown = withHttp(first, [...first.spec.http!, lone('/b', 70)])
    const during = split(grown)
    assert.deepEqual(Object.values(noted(during)), [90, 70])
    assert.deepEqual(weightsIn(over(during)), ['90', '70'])
  })
  it('are noted for each service on its own', () => {
    const object = routing({ http: [lone('/a', 90), lone('/b', 70, 'orders')] })
    const both = split(split(object), orders)
    assert.deepEqual(weightsIn(both), ['80 20', '80 20'])
    const left = over(both)
    assert.deepEqual(weightsIn(left), ['90', '80 20'])
    assert.deepEqual([Object.values(noted(left)), Object.values(noted(left, 'orders.shop'))], [[], [70]])
    assert.deepEqual(over(left, orders), object)
  })
})

const both = (first: number, second: number): HttpRoute => ({
  match: [{ uri: { prefix: '/a' } }],
  route: [
    { destination: { host: 'catalog', subset: 'v1' }, weight: first },
    { destination: { host: 'catalog', subset: 'v2' }, weight: second },
  ],
})
const promoted = (object: VirtualService): VirtualService =>
  endCanary(object, {
    split: { service, parts: [{ subset: 'v2', weight: 100 }] },
    isOver: () => true,
    isMirrorOver: () => true,
  })

describe('destinations of which one has everything', () => {
  it('are there again where the same one gets everything, after one split and after several', () => {
    const object = routing({ http: [both(100, 0)] })
    assert.deepEqual(over(split(object)), object)
    assert.deepEqual(over(split(split(withHttp(split(object), [both(0, 100)])))), object)
  })
  it('are there again where another one had everything in between', () => {
    const object = routing({ http: [both(100, 0)] })
    const other = startSplit(split(object), { service, parts: [{ subset: 'v2', weight: 100 }] }, stable)
    assert.deepEqual(weightsIn(other), ['-'])
    assert.deepEqual(over(other), object)
  })
  it('are there again with the settings that the one with everything got in between', () => {
    const during = split(routing({ http: [both(100, 0)] }))
    const headers = { request: { set: { 'x-by-hand': 'yes' } } }
    const [first, second] = during.spec.http![0]!.route!
    const edited = withHttp(during, [
      { ...during.spec.http![0]!, route: [{ ...first!, headers } as typeof first & object, second!] },
    ])
    const { route } = over(edited).spec.http![0]!
    assert.deepEqual(route, [{ ...both(100, 0).route![0], headers }, both(100, 0).route![1]])
  })
  it('are not there again where another one gets everything, or where they shared the requests', () => {
    assert.deepEqual(weightsIn(promoted(split(routing({ http: [both(100, 0)] })))), ['-'])
    assert.deepEqual(weightsIn(over(split(routing({ http: [both(50, 50)] })))), ['-'])
    assert.deepEqual(recordOf(promoted(split(routing({ http: [both(100, 0)] })))).restore?.weights ?? {}, {})
  })
})

describe('destinations of which one has everything before and after', () => {
  it('are there again where no split changed them', () => {
    const object = routing({ http: [both(100, 0)] })
    assert.deepEqual(over(object), object)
    assert.deepEqual(weightsIn(promoted(object)), ['-'])
    const all = [{ subset: 'v1', weight: 100 }]
    for (const first of [all, parts]) {
      const during = startSplit(object, { service, parts: first }, stable)
      assert.deepEqual(over(startSplit(during, { service, parts: all }, stable)), object)
    }
  })
  it('of which a split of the canary made one get everything are not', () => {
    const object = routing({ http: [lone('/a')] })
    const none = [
      { subset: 'v1', weight: 100 },
      { subset: 'v2', weight: 0 },
    ]
    const during = split(startSplit(split(object), { service, parts: none }, stable))
    assert.deepEqual(over(during), object)
  })
})

describe('the noted weight of a route', () => {
  const during = split(routing({ http: [lone('/a', 90)] }))
  const restored = (route: HttpRoute): VirtualService =>
    restoreLoneWeights(withHttp(during, [{ ...during.spec.http![0]!, ...route }]), service, { isOver: true })
  it('is given back to a lone destination without one', () => {
    const after = restored({ route: [{ destination: { host: 'catalog', subset: 'v1' } }] })
    assert.deepEqual(weightsIn(after), ['90'])
    assert.deepEqual(noted(after), {})
  })
  it('does not take the place of a weight that somebody has written', () => {
    assert.deepEqual(
      weightsIn(restored({ route: [{ destination: { host: 'catalog', subset: 'v1' }, weight: 50 }] })),
      ['50'],
    )
  })
  it('is not given to a route that is split by now', () => {
    assert.deepEqual(
      weightsIn(
        restored({ route: ['v1', 'v2'].map(subset => ({ destination: { host: 'catalog', subset } })) }),
      ),
      ['- -'],
    )
  })
})
