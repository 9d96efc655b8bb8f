import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatShares } from '../../../shared/routing/shares.ts'
import type { Traffic } from '../../../shared/routing/traffic.ts'
import {
  deployment,
  catalogService,
  istio,
  route,
  rule,
  shop,
  subsets,
  to,
  trafficIn,
} from '../written-worlds.ts'

const mesh = (http: string, spec = ''): string =>
  route('shop/catalog', `{hosts: [catalog], ${spec}http: [${http}]}`)
const destination = (text: string, weight?: number): string =>
  `{destination: {host: catalog, ${text}}${weight === undefined ? '' : `, weight: ${weight}`}}`
const splitTo = (...destinations: readonly string[]): string => `{route: [${destinations.join(', ')}]}`
const sharesIn = ({ entryPoints }: Traffic) =>
  entryPoints.flatMap(({ splits }) => splits.flatMap(({ shares }) => shares))
const idleIn = ({ entryPoints }: Traffic) => entryPoints.map(({ idle }) => idle?.rule)

describe('a share', () => {
  it('of a subset that nobody defines is at fault for all callers', () => {
    assert.deepEqual(
      sharesIn(
        trafficIn([...shop, mesh(splitTo(destination('subset: v1', 50), destination('subset: v9', 50)))]),
      ),
      [
        { version: 'v1', percent: 50 },
        { version: 'v9', percent: 50, fault: 'undefined-subset' },
      ],
    )
  })
  it('of nothing is not at fault', () => {
    assert.deepEqual(
      sharesIn(
        trafficIn([...shop, mesh(splitTo(destination('subset: v1', 100), destination('subset: v9', 0)))]),
      ),
      [
        { version: 'v1', percent: 100 },
        { version: 'v9', percent: 0 },
      ],
    )
  })
  it('fails for the callers alone who apply a DestinationRule without the subset', () => {
    const hiding = rule(
      'web/catalog',
      '{host: catalog.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}',
    )
    const traffic = trafficIn([...shop, hiding, mesh(to('v2'))])
    assert.deepEqual(sharesIn(traffic), [
      { version: 'v2', percent: 100, failsFor: { callers: ['web'], rule: 'subset-hidden-from-clients' } },
    ])
    assert.deepEqual(
      traffic.versions.map(({ name, unseenBy }) => ({ name, unseenBy })),
      [
        { name: 'v1', unseenBy: undefined },
        { name: 'v2', unseenBy: ['web'] },
      ],
    )
  })
  it('of a version whose workloads ask for no pods is at fault', () => {
    const gone = deployment('v2').replace('replicas: 1', 'replicas: 0')
    const world = [catalogService, deployment('v1'), gone, shop[3]!, mesh(to('v2'))]
    assert.deepEqual(sharesIn(trafficIn(world)), [
      { version: 'v2', percent: 100, fault: 'subset-matches-no-workload' },
    ])
  })
})

describe('a share beside others', () => {
  it('that leads to a port that the Service lacks is apart from what is answered of the version', () => {
    const half = splitTo(destination('subset: v1', 50), destination('subset: v1, port: {number: 9999}', 50))
    assert.deepEqual(sharesIn(trafficIn([...shop, mesh(half)])), [
      { version: 'v1', percent: 50 },
      { version: 'v1', percent: 50, fault: 'unknown-port' },
    ])
  })
  it('of another Service in the same route is not one of this Service', () => {
    const other = '{destination: {host: orders}, weight: 30}'
    assert.deepEqual(sharesIn(trafficIn([...shop, mesh(splitTo(destination('subset: v1', 70), other))])), [
      { version: 'v1', percent: 70 },
    ])
  })
})

describe('a route of connections that leads nowhere', () => {
  it('closes them, where one of requests is answered with 503', () => {
    const db = catalogService.replaceAll('catalog', 'db').replace('name: http', 'name: tcp')
    const rule = istio('DestinationRule', 'shop/db', {
      spec: '{host: db, subsets: [{name: v1, labels: {version: v1}}]}',
    })
    const lost = route('shop/db', '{hosts: [db], tcp: [{route: [{destination: {host: db, subset: v9}}]}]}')
    const [found] = trafficIn([db, rule, lost], { service: 'db' }).entryPoints
    assert.deepEqual(found!.splits[0]!.shares, [
      { version: 'v9', percent: 100, fault: 'undefined-subset', closes: true },
    ])
    assert.match(formatShares(found!.splits[0]!.shares), /^v9 \(connection closed, undefined-subset\)$/)
    const [http] = trafficIn([...shop, mesh(to('v9'))]).entryPoints
    assert.deepEqual(http!.splits[0]!.shares, [{ version: 'v9', percent: 100, fault: 'undefined-subset' }])
  })
})

describe('a VirtualService is idle', () => {
  it('where an older one has its host', () => {
    const older = route(
      'shop/older',
      `{hosts: [catalog], http: [${to('v1')}]}`,
      'creationTimestamp: "2026-01-01T00:00:00Z"',
    )
    const younger = route(
      'shop/younger',
      `{hosts: [catalog], http: [${to('v2')}]}`,
      'creationTimestamp: "2026-02-01T00:00:00Z"',
    )
    const traffic = trafficIn([...shop, older, younger])
    assert.deepEqual(idleIn(traffic), [undefined, 'conflicting-virtual-services'])
    assert.match(traffic.entryPoints[1]!.idle!.reason, /VirtualService shop\/older has the host catalog/)
  })
  it('where its Gateway is missing from a cluster, which files do not tell', () => {
    const atGateway = route('shop/catalog', `{hosts: [a.example.com], gateways: [gw], http: [${to('v1')}]}`)
    assert.deepEqual(idleIn(trafficIn([...shop, atGateway], { live: true })), ['unknown-gateway'])
    assert.deepEqual(idleIn(trafficIn([...shop, atGateway])), [undefined])
  })
  it('where its Gateway serves none of its hosts, in files too', () => {
    const gateway = istio('Gateway', 'shop/gw', {
      spec: '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [b.example.com]}]}',
    })
    const atGateway = route('shop/catalog', `{hosts: [a.example.com], gateways: [gw], http: [${to('v1')}]}`)
    assert.deepEqual(idleIn(trafficIn([...shop, gateway, atGateway])), ['unknown-gateway'])
  })
  it('where its host has no port that takes http routes', () => {
    const tcp = catalogService.replace('name: http', 'name: tcp')
    assert.deepEqual(idleIn(trafficIn([tcp, ...shop.slice(1), mesh(to('v1'))])), [
      'http-route-on-non-http-port',
    ])
  })
  it('where nobody delegates to it: on a cluster, and not on files, where a root may be elsewhere', () => {
    const delegate = route('shop/delegate', `{http: [${to('v1')}]}`)
    assert.deepEqual(idleIn(trafficIn([...shop, delegate], { live: true })), ['applies-nowhere'])
    assert.deepEqual(idleIn(trafficIn([...shop, delegate])), [undefined])
  })
  it('not where nothing provides its host: Istio takes the host as it is on port 80', () => {
    const front = route('shop/front', `{hosts: [front.example.com], http: [${to('v1')}]}`)
    assert.deepEqual(idleIn(trafficIn([...shop, front], { live: true })), [undefined])
  })
})

describe('what is no route to a Service', () => {
  const orders = route(
    'shop/orders',
    '{hosts: [orders], http: [{route: [{destination: {host: orders}}], mirror: {host: catalog, subset: v2}}]}',
  )
  it('is a mirror', () => {
    assert.deepEqual(trafficIn([...shop, orders]).entryPoints, [])
  })
  it('is a VirtualService that is being deleted', () => {
    const deleted = 'deletionTimestamp: "2026-01-01T00:00:00Z"'
    assert.deepEqual(
      trafficIn([...shop, route('shop/a', `{hosts: [catalog], http: [${to('v1')}]}`, deleted)]).entryPoints,
      [],
    )
    const elsewhere = '{hosts: [catalog], http: [{route: [{destination: {host: primary}}]}]}'
    assert.equal(trafficIn([...shop, route('shop/a', elsewhere)]).entryPoints.length, 1)
    assert.deepEqual(trafficIn([...shop, route('shop/a', elsewhere, deleted)]).entryPoints, [])
  })
})

it('a mirror without a percentage copies all', () => {
  const [entryPoint] = trafficIn([
    ...shop,
    mesh(`{mirror: {host: catalog, subset: v2}, ${to('v1').slice(1)}`),
  ]).entryPoints
  assert.deepEqual(entryPoint!.mirrors, [{ version: 'v2', percent: 100, byHand: true }])
})

const named = (...texts: readonly string[]) =>
  trafficIn(texts).versions.map(({ name, subset }) => [name, subset])

describe('a version', () => {
  it('is called by its label, unless another subset has the label or is called so', () => {
    const rules = (list: string): string => rule('shop/catalog', `{host: catalog, subsets: [${list}]}`)
    const route1 = mesh(splitTo(destination('subset: a')))
    assert.deepEqual(named(catalogService, rules('{name: a, labels: {version: v1}}'), route1), [['v1', 'a']])
    assert.deepEqual(
      named(
        catalogService,
        rules('{name: a, labels: {version: v1}}, {name: b, labels: {version: v1, zone: x}}'),
        route1,
      ),
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    )
    assert.deepEqual(
      named(
        catalogService,
        rules('{name: a, labels: {version: v1}}, {name: v1, labels: {tier: gold}}'),
        route1,
      ),
      [
        ['a', 'a'],
        ['v1', 'v1'],
      ],
    )
  })
})

describe('a version of callers who differ', () => {
  it('is defined by the DestinationRule of the callers of its routes, not by one that they do not see', () => {
    const inWeb = rule(
      'web/catalog',
      `{host: catalog.shop.svc.cluster.local, subsets: [{name: w, labels: {version: w}}]}`,
    )
    const forShop = mesh(to('v1'), "exportTo: ['.'], ")
    assert.deepEqual(named(...shop, inWeb, forShop), [
      ['v1', 'v1'],
      ['v2', 'v2'],
    ])
    assert.deepEqual(
      named(...shop, inWeb, mesh(to('v1'))).map(([name]) => name),
      ['v1', 'v2', 'w'],
    )
  })
  it('has the labels that callers of its own namespace have for a name', () => {
    const inWeb = rule(
      'web/catalog',
      '{host: catalog.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v2}}]}',
    )
    const world = [
      catalogService,
      deployment('v1', 1),
      deployment('v2', 0),
      rule('shop/catalog', `{host: catalog, subsets: ${subsets}}`),
      inWeb,
      mesh(to('v1')),
    ]
    const readyOf = (texts: readonly string[]): number | undefined =>
      trafficIn(texts).versions.find(({ subset }) => subset === 'v1')?.ready
    assert.equal(readyOf(world), 1)
    // Also where all others have a rule of the root namespace.
    const hidden = rule('shop/catalog', `{host: catalog, exportTo: ['.'], subsets: ${subsets}}`)
    const inRoot = inWeb.replace('namespace: web', 'namespace: istio-system')
    assert.equal(readyOf([...world.toSpliced(3, 2, hidden), inRoot]), 1)
  })
})
