import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  carriedRoutes,
  entriesIn,
  getsRequests,
} from '../../../../shared/providers/istio/read/routes/carriers.ts'
import type { VirtualService } from '../../../../shared/objects/virtual-service.ts'
import { unreachableRoute } from '../../../../shared/rules/routes/unreachable-route.ts'
import { lintView } from '../../../../shared/rules/introduced.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import { fc } from '../../../properties.ts'
import { ingress, requestTo } from '../../../routing/requests.ts'
import { istio } from '../resolve/written-objects.ts'
import { decide, shop, to, viewOf, virtualService } from './worlds.ts'

const gateway = (name: string, hosts: string): string =>
  istio(
    'Gateway',
    `shop/${name}`,
    `{ selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${hosts}] }] }`,
  )
const gateways = gateway('gw', "'*.example.com'") + gateway('all', "'*'")
const routes = (name: string, spec: string, age = 1): string =>
  virtualService(`shop/${name}`, `{ gateways: [gw], ${spec} }`, age)

/** The routes that are read as ones that take no request: `name http[0]`. */
function idleIn(view: ClusterView): readonly string[] {
  return view.list('VirtualService').flatMap((object: VirtualService) =>
    carriedRoutes(view, { object, entries: entriesIn(view, object, { complete: true }) })
      .filter(each => !getsRequests(each))
      .map(({ section, index }) => `${object.metadata.name} ${section}[${index}]`),
  )
}
const foundIn = (view: ClusterView): readonly string[] =>
  lintView({ rules: [unreachableRoute], settings: { complete: true, relativeWeights: false } }, view).map(
    ({ ref, path }) => `${ref.name} ${path[1]}[${path[2]}]`,
  )

it('a route gets nothing where an older VirtualService of the gateway takes all requests for the host', () => {
  const all = '{ route: [{ destination: { host: catalog } }] }'
  const items = '{ match: [{ uri: { prefix: /items } }], route: [{ destination: { host: catalog } }] }'
  for (const [older, newer, idle] of [
    [all, all, ['new http[0]']],
    [items, all, []],
    [all, items, []],
    [items, `${items}, ${all}`, ['new http[0]']],
    [`${items}, ${all}`, `${items}, ${all}`, ['new http[0]', 'new http[1]']],
  ] as const) {
    const host = 'hosts: [shop.example.com]'
    const old = routes('old', `${host}, http: [${older}]`)
    const view = viewOf(shop + gateways + routes('new', `${host}, http: [${newer}]`, 2) + old)
    assert.deepEqual(idleIn(view), idle, `${older} before ${newer}`)
    assert.deepEqual(foundIn(view), idle)
  }
})

it('a route keeps what it gets in the mesh, at another gateway or for another host', () => {
  const all = 'http: [{ route: [{ destination: { host: catalog } }] }]'
  for (const spec of [
    'hosts: [shop.example.com, catalog.shop.svc.cluster.local], gateways: [gw, mesh]',
    'hosts: [shop.example.com, other.example.com], gateways: [gw]',
    "hosts: ['*.example.com'], gateways: [gw]",
  ]) {
    const newer = virtualService('shop/new', `{ ${spec}, ${all} }`, 2)
    const view = viewOf(shop + gateways + newer + routes('old', `hosts: [shop.example.com], ${all}`))
    assert.deepEqual(idleIn(view), [], spec)
  }
})

it('the VirtualServices of the Gateway that comes first come first', () => {
  const bound = (name: string, age: number): string =>
    virtualService(
      `shop/by-${name}`,
      `{ hosts: [shop.example.com], gateways: [${name}], http: [{ route: [{ destination: { host: catalog } }] }] }`,
      age,
    )
  const view = viewOf(shop + gateways + bound('all', 1) + bound('gw', 2))
  assert.deepEqual(idleIn(view), ['by-all http[0]'])
  const [found] = lintView(
    { rules: [unreachableRoute], settings: { complete: true, relativeWeights: false } },
    view,
  )
  assert.match(found!.message, /at Gateway shop\/all, .*, because its Gateway shop\/gw comes first$/)
})

it('tcp routes of a port have one VirtualService', () => {
  const server = istio(
    'Gateway',
    'shop/raw',
    "{ selector: { istio: ingressgateway }, servers: [{ port: { number: 9000, name: tcp, protocol: TCP }, hosts: ['*'] }] }",
  )
  const raw = (name: string, age: number): string =>
    virtualService(
      `shop/${name}`,
      "{ hosts: ['*'], gateways: [raw], tcp: [{ route: [{ destination: { host: catalog, port: { number: 80 } } }] }] }",
      age,
    )
  const view = viewOf(shop + server + raw('new', 2) + raw('old', 1))
  assert.deepEqual(idleIn(view), ['new tcp[0]'])
})

const match = fc.constantFrom(
  '',
  'match: [{ uri: { prefix: / } }]',
  'match: [{ uri: { prefix: /a } }]',
  'match: [{ uri: { prefix: /a/b } }, { headers: { x-user: { exact: qa } } }]',
  'match: [{ headers: { x-user: { exact: qa } } }]',
  'match: [{ uri: { exact: /a } }]',
  'match: [{ gateways: [gw] }]',
)
const spec = fc.record({
  hosts: fc.subarray(['shop.example.com', 'api.example.com', '"*.example.com"', '"*"'], {
    minLength: 1,
    maxLength: 2,
  }),
  gateways: fc.subarray(['gw', 'all'], { minLength: 1 }),
  matches: fc.array(match, { minLength: 1, maxLength: 3 }),
  age: fc.integer({ min: 1, max: 4 }),
})

it('a route that some request takes is never read as one that takes none', () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 2, maxLength: 3 }), specs => {
      const text = specs.map(({ hosts, gateways: names, matches, age }, i) =>
        virtualService(
          `shop/vs${i}`,
          `{ hosts: [${hosts.join(', ')}], gateways: [${names.join(', ')}], http: [${matches
            .map((each, at) => to(`r${at}`, 'catalog', each))
            .join(', ')}] }`,
          age,
        ),
      )
      const view = viewOf(shop + gateways + text.join(''))
      const idle = new Set(idleIn(view))
      for (const host of ['shop.example.com', 'api.example.com', 'any-host.example.com', 'other.org'])
        for (const path of ['/', '/a', '/a/b/c', '/x'])
          for (const headers of [{}, { 'x-user': 'qa' }]) {
            const { route } = decide(view, requestTo(host, { caller: ingress, path, headers }))
            if (route === undefined) continue
            const key = `${route.owner.name} http[${Number(route.place[2])}]`
            assert.ok(!idle.has(key), `${host}${path} takes ${key}`)
          }
    }),
    { numRuns: 300 },
  )
})
