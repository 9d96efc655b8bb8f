import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { route, to } from '../../../../plan/written-worlds.ts'
import {
  asking,
  atGateway,
  carrying,
  gatewayOnly,
  internal,
  ours,
  toOrders,
  wrong,
  wrongIn,
} from './cohort-edits.ts'

const [items, all] = [asking('uri: {prefix: /items}'), asking('')]
const asksItems = `uri: {prefix: /items}, headers: ${internal}`
const [ourItems, ourAll] = [ours(asksItems, 'ours-1'), ours(`headers: ${internal}`, 'ours-2')]

/** VirtualServices of one gateway host, each with its routes before and after, the oldest first. */
const wrongAtGateway = (
  ...edits: readonly (readonly [before: readonly string[], after: readonly string[]])[]
) => {
  const [before, after] = [0, 1].map(side =>
    edits.map((edit, i) => carrying(edit[side]!, { name: `vs-${i}`, hosts: gatewayOnly, day: i + 1 })),
  )
  return wrong(before!, after!, { key: atGateway })
}
const unchanged = (...http: readonly string[]) => [http, http] as const
const orders = toOrders('uri: {prefix: /orders}')

describe('a copy overtakes a route of others', () => {
  it('in another VirtualService that can take the same requests', () => {
    const edit = [[all], [ourAll, all]] as const
    assert.deepEqual(wrongAtGateway(unchanged(orders), edit), [])
    assert.deepEqual(wrongAtGateway(edit, unchanged(orders)), ['overtakes vs-0[1] vs-1[0]'])
    const beta = toOrders('headers: {x-istio-cohort: {exact: beta}}')
    assert.deepEqual(wrongAtGateway(edit, unchanged(beta)), [])
  })
  it('in its own VirtualService where it does not stand directly before its base route', () => {
    assert.deepEqual(wrongIn([orders, all], [ourAll, orders, all]), ['overtakes catalog[1] catalog[1]'])
  })
  it('also where another copy that asks the same comes between', () => {
    const edit = [[all], [ourAll, all]] as const
    assert.deepEqual(wrongAtGateway(edit, edit, unchanged(orders)), ['overtakes vs-0[1] vs-2[0]'])
  })
  it('and is named by its base route, whatever cohorts come between', () => {
    const beta = asking('headers: {x-team: {exact: gold}}', 'v2', 'name: beta, ')
    assert.deepEqual(
      wrongAtGateway(
        [
          [beta, all],
          [ourAll, beta, all],
        ],
        unchanged(orders),
      ),
      ['overtakes vs-0[2] vs-1[0]'],
    )
  })
  it('but no other cohort, as these keep their order', () => {
    const beta = asking('headers: {x-team: {exact: gold}}', 'v2', 'name: beta, ')
    assert.deepEqual(wrongIn([beta, all], [ourAll, beta, all]), [])
    assert.deepEqual(wrongIn([beta, all], [beta, ourAll, all]), [])
  })
})

describe('a copy takes requests that nothing took', () => {
  it('where no route behind it takes all requests that it matches', () => {
    const other = ours(`uri: {prefix: /other}, headers: ${internal}`)
    assert.deepEqual(wrongIn([items], [other, ourItems, items]), ['takes-others catalog[0]'])
    assert.deepEqual(wrongIn([items, all], [other, ourItems, items, ourAll, all]), [])
  })
})

/** What is wrong where a copy for all requests comes before a younger route to the service; each with its own copy. */
const beforeItems = (
  all: readonly [copy: string, base: string],
  items: readonly [copy: string, base: string],
) => wrongAtGateway([[all[1]], all], [[items[1]], items])

describe('a copy that takes requests from another base route of the service', () => {
  const overtakes = ['overtakes vs-0[1] vs-1[1]']
  const withMore = (more: string) =>
    beforeItems([ourAll, all], [ours(asksItems, 'ours-1', more), asking('uri: {prefix: /items}', 'v1', more)])
  it('is right where both do the same, whatever is mirrored', () => {
    assert.deepEqual(withMore(''), [])
    assert.deepEqual(withMore('mirror: {host: orders}, '), [])
  })
  it('is wrong where that route does something else', () => {
    for (const more of ['timeout: 5s, ', 'rewrite: {uri: /x}, ', 'retries: {attempts: 3}, '])
      assert.deepEqual(withMore(more), overtakes, more)
  })
  it('is wrong where both rewrite the prefix of a path, and the prefixes differ', () => {
    const rewriting = (prefix: string, name: string) => {
      const [uri, more] = [`uri: {prefix: ${prefix}}`, 'rewrite: {uri: /x}, ']
      return [ours(`${uri}, headers: ${internal}`, name, more), asking(uri, 'v1', more)] as const
    }
    assert.deepEqual(beforeItems(rewriting('/', 'ours-1'), rewriting('/items', 'ours-2')), overtakes)
  })
  it('is held against the destination of its version where that route is split', () => {
    const [set, add] = ['{request: {set: {a: "1"}}}', '{request: {add: {b: "2"}}}']
    const at = (subset: string, more: string) => `{destination: {host: catalog, subset: ${subset}}, ${more}}`
    const splitting = (match: string, forV2: string) =>
      `{match: [{${match}}], route: [${at('v1', `weight: 50, headers: ${set}`)}, ${at('v2', `weight: 50, headers: ${forV2}`)}]}`
    const copying = (match: string, name: string, headers: string) =>
      `{name: ${name}, match: [{${match}, headers: ${internal}}], route: [${at('v2', `headers: ${headers}`)}]}`
    const [root, path] = ['uri: {prefix: /}', 'uri: {prefix: /items}']
    const first = [copying(root, 'ours-1', add), splitting(root, add)] as const
    assert.deepEqual(beforeItems(first, [copying(path, 'ours-2', add), splitting(path, add)]), [])
    assert.deepEqual(beforeItems(first, [copying(path, 'ours-2', set), splitting(path, set)]), overtakes)
  })
  it('is wrong where that route leads to another port', () => {
    const at = (port: number, subset: string) =>
      `route: [{destination: {host: catalog, subset: ${subset}, port: {number: ${port}}}}]`
    const pair = (match: string, port: number, name: string) =>
      [
        `{name: ${name}, match: [{${match}, headers: ${internal}}], ${at(port, 'v2')}}`,
        `{match: [{${match}}], ${at(port, 'v1')}}`,
      ] as const
    const [root, path] = ['uri: {prefix: /}', 'uri: {prefix: /items}']
    assert.deepEqual(beforeItems(pair(root, 80, 'ours-1'), pair(path, 80, 'ours-2')), [])
    assert.deepEqual(beforeItems(pair(root, 80, 'ours-1'), pair(path, 8080, 'ours-2')), overtakes)
  })
})

describe('a copy that stands too early in its VirtualService', () => {
  it('takes requests from a route behind the next one that does something else', () => {
    const slow = asking('uri: {prefix: /slow}', 'v1', 'timeout: 5s, ')
    const ourSlow = ours(`uri: {prefix: /slow}, headers: ${internal}`, 'ours-3', 'timeout: 5s, ')
    assert.deepEqual(wrongIn([items, slow, all], [ourItems, items, ourSlow, slow, ourAll, all]), [])
    assert.deepEqual(wrongIn([items, slow, all], [ourAll, ourItems, items, ourSlow, slow, all]), [
      'overtakes catalog[2] catalog[4]',
    ])
  })
})

describe('a copy of a route that gives its version no share yet', () => {
  it('is that of its base route, though it takes over what the destination has', () => {
    const headers = 'headers: {request: {set: {a: "1"}}}'
    const at = (subset: string, more: string) => `{destination: {host: catalog, subset: ${subset}}, ${more}}`
    const base = `{route: [${at('v1', 'weight: 100')}, ${at('v2', `weight: 0, ${headers}`)}]}`
    const copy = `{name: ours, match: [{headers: ${internal}}], route: [${at('v2', headers)}]}`
    assert.deepEqual(wrongIn([base], [copy, base]), [])
  })
})

describe('a copy takes nothing', () => {
  const slow = 'timeout: 5s, '
  it('where an earlier one asks the same', () => {
    const first = [
      [asking('', 'v1', slow)],
      [ours(`headers: ${internal}`, 'ours', slow), asking('', 'v1', slow)],
    ] as const
    const path = 'uri: {prefix: /slow}'
    const third = [asking(path, 'v1', slow), ours(`${path}, headers: ${internal}`, 'ours', slow)] as const
    assert.deepEqual(wrongAtGateway(first, [[all], [ourAll, all]], [[third[0]], [third[1], third[0]]]), [])
  })
  it('from a route whose requests an earlier one takes', () => {
    const [root, ourRoot] = [asking('uri: {prefix: /}'), ours(`uri: {prefix: /}, headers: ${internal}`)]
    const first = [asking('', 'v1', slow), ours(`headers: ${internal}`, 'ours', slow)] as const
    assert.deepEqual(wrongAtGateway([[first[0]], [first[1], first[0]]], [[root], [ourRoot, root]]), [])
  })
  it('where its root excludes all that the cohort asks for', () => {
    const delegating = (match: string) => `{match: [{${match}}], delegate: {name: leaf}}`
    const root = route(
      'shop/root',
      `{hosts: [catalog], http: [${delegating(`uri: {prefix: /a}, withoutHeaders: ${internal}`)}, ${delegating('uri: {prefix: /b}')}, ${toOrders('')}]}`,
    )
    const leaf = (http: readonly string[]) =>
      carrying(http, { name: 'leaf', hosts: '' }).replace('{, http', '{http')
    assert.deepEqual(wrong([root, leaf([to('v1')])], [root, leaf([ourAll, to('v1')])]), [])
  })
})

describe('a copy of another VirtualService', () => {
  it('is none of this one’s, though it asks the same', () => {
    const more = 'timeout: 5s, '
    const slow = [ours(asksItems, 'ours', more), asking('uri: {prefix: /items}', 'v1', more)] as const
    assert.deepEqual(wrongAtGateway([[slow[1]], slow], [[items], [ourItems, items]]), [])
  })
})
