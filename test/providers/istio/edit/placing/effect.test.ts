import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  disturbancesOf,
  type Disturbance,
} from '../../../../../shared/providers/istio/edit/placing/effect.ts'
import { cohortsAnnotation } from '../../../../../shared/providers/istio/read/record/record.ts'
import type { TableKey } from '../../../../../shared/providers/istio/route/table.ts'
import { defaultCondition, type Condition } from '../../../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../../../shared/view/session.ts'
import { snapshot } from '../../../../../shared/view/snapshot.ts'
import { istio, objects, route, shop, to } from '../../../../plan/written-worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const host = 'catalog.shop.svc.cluster.local'
const internal = '{x-istio-cohort: {exact: internal}}'
const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }

/** A route to the Service or to another one, with what it asks: `uri: {prefix: /a}`; nothing for all requests. */
const asking = (match: string, subset = 'v1', more = ''): string =>
  `{${match === '' ? '' : `match: [{${match}}], `}${more}${to(subset).slice(1)}`
const toOrders = (match: string): string =>
  `{${match === '' ? '' : `match: [{${match}}], `}route: [{destination: {host: orders}}]}`
/** A route of the cohort internal, by the name that its record has. */
const ours = (match: string, name = 'ours', more = ''): string =>
  asking(match, 'v2', `name: ${name}, ${more}`)

interface Written {
  readonly name?: string
  readonly hosts?: string
  readonly day?: number
}

/** A VirtualService of these routes; those called `ours…` are of the cohort internal, those called `beta…` of another one. */
function carrying(
  http: readonly string[],
  { name = 'catalog', hosts = 'hosts: [catalog]', day = 1 }: Written = {},
): string {
  const names = http.flatMap(text => /name: ((?:ours|beta)[-\w]*)/.exec(text)?.[1] ?? [])
  const cohorts = ['internal', 'beta'].map(cohort => ({
    service: 'catalog.shop',
    name: cohort,
    to: 'v2',
    routes: names.filter(each => each.startsWith(cohort === 'beta' ? 'beta' : 'ours')),
  }))
  return route(
    `shop/${name}`,
    `{${hosts}, http: [${http.join(', ')}]}`,
    `creationTimestamp: "2026-01-0${day}T00:00:00Z", annotations: {${cohortsAnnotation}: '${JSON.stringify({ cohorts })}'}`,
  )
}

const gateway = istio('Gateway', 'shop/gw', {
  spec: '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
})
const viewOf = (...texts: readonly string[]): ClusterView =>
  sessionOf(snapshot(objects(...shop, gateway, ...texts)))

const inMesh: TableKey = { caller: { kind: 'workload', namespace: 'shop', labels: {} }, host, port: 80 }
const till: TableKey = { ...inMesh, caller: { ...inMesh.caller, labels: { app: 'till' } } }
const atGateway: TableKey = {
  caller: { kind: 'gateway', namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
  host: 'shop.example.com',
  port: 80,
}
const gatewayOnly = 'hosts: [shop.example.com], gateways: [gw]'

interface Asked {
  readonly key?: TableKey
  readonly when?: readonly Condition[]
}

/** What is wrong with the cohort internal after an edit: `overtakes catalog[1] orders[0]`. */
function wrong(
  before: readonly string[],
  after: readonly string[],
  { key = inMesh, when = [defaultCondition('internal')] }: Asked = {},
): readonly string[] {
  const check = { service, name: 'internal', when, before: viewOf(...before), after: viewOf(...after) }
  const place = (ref: Disturbance['base']): readonly string[] =>
    ref === undefined ? [] : [`${ref.object.name}[${ref.place[2]}]`]
  return disturbancesOf(check, [key]).map(({ is, base, overtaken }) =>
    [is, ...place(base), ...place(overtaken)].join(' '),
  )
}
/** The same for an edit of one VirtualService. */
const wrongIn = (before: readonly string[], after: readonly string[], asked: Asked = {}): readonly string[] =>
  wrong([carrying(before)], [carrying(after)], asked)

const [items, all] = [asking('uri: {prefix: /items}'), asking('')]
const bases = [items, all]
const [ourItems, ourAll] = [
  ours(`uri: {prefix: /items}, headers: ${internal}`, 'ours-1'),
  ours(`headers: ${internal}`, 'ours-2'),
]

describe('a cohort has the effect that it is set for', () => {
  it('where each base route has its copy before it', () => {
    assert.deepEqual(wrongIn(bases, [ourItems, items, ourAll, all]), [])
    assert.deepEqual(wrongIn(bases, [ourItems, ourAll, items, all]), [])
  })
  it('not where a base route has none, or has it behind it', () => {
    assert.deepEqual(wrongIn(bases, [items, ourAll, all]), ['no-effect catalog[0]'])
    assert.deepEqual(wrongIn(bases, [items, ourItems, ourAll, all]), ['no-effect catalog[0]'])
    assert.deepEqual(wrongIn(bases, [ourItems, items, all]), ['no-effect catalog[2]'])
    assert.deepEqual(wrongIn(bases, [ourAll, items, all]), ['no-effect catalog[1]'])
  })
  it('also where a base route that its requests do not meet has none', () => {
    const beta = asking('headers: {x-istio-cohort: {exact: beta}}')
    assert.deepEqual(wrongIn([beta, all], [beta, ourAll, all]), [])
  })
  it('also where a base route that no request reaches has none', () => {
    const front = route(
      'shop/front',
      `{${gatewayOnly}, http: [${toOrders('')}]}`,
      'creationTimestamp: "2025-01-01T00:00:00Z"',
    )
    const written = { hosts: gatewayOnly }
    const before = [front, carrying(bases, written)]
    assert.deepEqual(
      wrong(before, [front, carrying([ourItems, items, all], written)], { key: atGateway }),
      [],
    )
    assert.deepEqual(wrong(before, [front, carrying([items, all], written)], { key: atGateway }), [
      'no-effect catalog[0]',
    ])
  })
})

describe('a cohort takes requests of others', () => {
  it('by a route that asks for less than its conditions', () => {
    const loose = ours('uri: {prefix: /items}')
    assert.deepEqual(wrongIn(bases, [loose, items, ourAll, all]), ['takes-others catalog[0]'])
    assert.deepEqual(wrongIn(bases, [loose, ourItems, items, ourAll, all]), ['takes-others catalog[0]'])
    const other = ours('headers: {x-istio-cohort: {prefix: in}}')
    assert.deepEqual(wrongIn([all], [other, ourAll, all]), ['takes-others catalog[0]'])
  })
  it('where callers without its labels have a route of it', () => {
    const labelled = [ours('sourceLabels: {app: till}'), all]
    assert.deepEqual(wrongIn([all], labelled, { when: [fromTill] }), [])
    assert.deepEqual(wrongIn([all], labelled, { when: [fromTill], key: till }), [])
    assert.deepEqual(wrongIn([all], [ours('uri: {prefix: /items}'), all], { when: [fromTill] }), [
      'takes-others catalog[0]',
    ])
  })
  it('also where it has all labels but one', () => {
    const both: readonly Condition[] = [fromTill, { on: 'source-label', name: 'zone', value: 'a' }]
    assert.deepEqual(wrongIn([all], [ours('sourceLabels: {app: till}'), all], { when: both, key: till }), [
      'takes-others catalog[0]',
    ])
  })
})

describe('a cohort takes no requests of others', () => {
  it('by the blocks of a route of which one takes everything', () => {
    const base = '{match: [{uri: {prefix: /}}, {uri: {prefix: /items}}], ' + to('v1').slice(1)
    const copy = `{name: ours, match: [{uri: {prefix: /}, headers: ${internal}}, {uri: {prefix: /items}, headers: ${internal}}], ${to('v2').slice(1)}`
    assert.deepEqual(wrongIn([base], [copy, base]), [])
  })
  it('in whatever order the tests of its routes are written', () => {
    const base = asking("headers: {x-debug: {exact: '1'}}")
    const copy = ours("headers: {x-istio-cohort: {exact: internal}, x-debug: {exact: '1'}}")
    assert.deepEqual(wrongIn([base], [copy, base]), [])
  })
})

describe('a cohort overtakes', () => {
  it('a route of another VirtualService that can take the same requests', () => {
    const [before, after] = [[all], [ourAll, all]].map(http => carrying(http, { hosts: gatewayOnly, day: 2 }))
    const overtaken = (match: string): readonly string[] => {
      const orders = (day: number) => carrying([toOrders(match)], { name: 'orders', hosts: gatewayOnly, day })
      assert.deepEqual(wrong([orders(1), before!], [orders(1), after!], { key: atGateway }), [])
      return wrong([orders(3), before!], [orders(3), after!], { key: atGateway })
    }
    assert.deepEqual(overtaken('uri: {prefix: /orders}'), ['overtakes catalog[1] orders[0]'])
    assert.deepEqual(overtaken('headers: {x-istio-cohort: {exact: beta}}'), [])
  })
  it('a route of another VirtualService that leads to the service and does something else', () => {
    const older = (http: readonly string[]) => carrying(http, { name: 'older', hosts: gatewayOnly, day: 1 })
    const younger = (http: readonly string[]) =>
      carrying(http, { name: 'younger', hosts: gatewayOnly, day: 2 })
    const overtaken = (more: string) => {
      const slow = asking('uri: {prefix: /items}', 'v1', more)
      const ourSlow = ours(`uri: {prefix: /items}, headers: ${internal}`, 'ours-1', more)
      return wrong([older([all]), younger([slow])], [older([ourAll, all]), younger([ourSlow, slow])], {
        key: atGateway,
      })
    }
    assert.deepEqual(overtaken(''), [])
    assert.deepEqual(overtaken('mirror: {host: orders}, '), [])
    for (const more of ['timeout: 5s, ', 'rewrite: {uri: /x}, ', 'retries: {attempts: 3}, '])
      assert.deepEqual(overtaken(more), ['overtakes older[1] younger[1]'], more)
  })
  it('no other cohort: these keep their order', () => {
    const beta = asking('headers: {x-team: {exact: gold}}', 'v2', 'name: beta, ')
    assert.deepEqual(wrongIn([beta, all], [ourAll, beta, all]), [])
    assert.deepEqual(wrongIn([beta, all], [beta, ourAll, all]), [])
  })
  it('no route of another VirtualService that has a copy of its own', () => {
    const both = (one: readonly string[], other: readonly string[]) => [
      carrying(one, { name: 'one', hosts: gatewayOnly, day: 1 }),
      carrying(other, { name: 'other', hosts: gatewayOnly, day: 2 }),
    ]
    const asks = `uri: {prefix: /items}, headers: ${internal}`
    const slow = [ours(asks, 'ours', 'timeout: 5s, '), asking('uri: {prefix: /items}', 'v1', 'timeout: 5s, ')]
    assert.deepEqual(
      wrong(both(slow.slice(1), [items]), both(slow, [ourItems, items]), { key: atGateway }),
      [],
    )
  })
})

describe('a cohort changes other routes', () => {
  const orders = toOrders('uri: {prefix: /orders}')
  const login = toOrders('uri: {prefix: /login}')
  const changes = ['changes-others']
  it('where one is missing, new or moved', () => {
    assert.deepEqual(wrongIn([orders, login, all], [orders, ourAll, all]), changes)
    assert.deepEqual(wrongIn([orders, all], [orders, login, ourAll, all]), changes)
    assert.deepEqual(wrongIn([orders, login, all], [login, orders, ourAll, all]), changes)
    assert.deepEqual(wrongIn([all, orders], [ourAll, all]), [])
  })
  it('where the last one is missing or new', () => {
    assert.deepEqual(wrongIn([items, orders], [ourItems, items]), changes)
    assert.deepEqual(wrongIn([items], [ourItems, items, orders]), changes)
  })
  it('where one asks for something else, or is called otherwise', () => {
    const named = `{name: r, ${orders.slice(1)}`
    assert.deepEqual(wrongIn([orders, all], [toOrders('uri: {exact: /orders}'), ourAll, all]), changes)
    assert.deepEqual(wrongIn([orders, all], [named, ourAll, all]), changes)
  })
  it('where one is of another VirtualService', () => {
    const at = (name: string) => (http: readonly string[]) => carrying(http, { name, hosts: gatewayOnly })
    assert.deepEqual(wrong([at('a')([items])], [at('b')([ourItems, items])], { key: atGateway }), changes)
  })
  it('where the host had no routes at all', () => {
    assert.deepEqual(wrong([], [carrying([ourAll])]), changes)
  })
})

describe('a cohort of all requests of a caller', () => {
  const ourTill = ours('sourceLabels: {app: till}', 'ours-2')
  const asked: Asked = { key: till, when: [fromTill] }
  it('takes the place of the base route that takes everything', () => {
    assert.deepEqual(wrongIn([all], [ourTill, all], asked), [])
    const ourTillItems = ours('uri: {prefix: /items}, sourceLabels: {app: till}', 'ours-1')
    assert.deepEqual(wrongIn(bases, [ourTillItems, items, ourTill, all], asked), [])
  })
  it('takes the place of no other route', () => {
    assert.deepEqual(wrongIn(bases, [ourTill, items, all], asked), ['changes-others'])
    const login = toOrders('uri: {prefix: /login}')
    assert.deepEqual(wrongIn([login, all], [ourTill, all], asked), ['changes-others'])
    assert.deepEqual(
      wrongIn([items, items], [ours('uri: {prefix: /items}, sourceLabels: {app: till}'), items], asked),
      ['changes-others'],
    )
  })
})
