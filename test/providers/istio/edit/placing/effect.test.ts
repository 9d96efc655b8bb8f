import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { to, route } from '../../../../plan/written-worlds.ts'
import {
  asking,
  atGateway,
  carrying,
  fromTill,
  gatewayOnly,
  internal,
  ours,
  till,
  toOrders,
  wrong,
  wrongIn,
  type Asked,
} from './cohort-edits.ts'
import type { Condition } from '../../../../../shared/routing/condition.ts'

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
