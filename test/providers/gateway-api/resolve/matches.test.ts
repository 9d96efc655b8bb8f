import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesOf } from '../../../../shared/providers/gateway-api/resolve/matches.ts'
import { describe as describeMatches } from '../../../../shared/routing/describe-match.ts'
import { unmetBy } from '../../../../shared/routing/match.ts'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { re2, requestTo } from '../../../routing/requests.ts'
import { route, rule } from '../written-objects.ts'

const readOf = (match: object | undefined, kind: 'HTTPRoute' | 'GRPCRoute' = 'HTTPRoute') =>
  matchesOf(route('shop/r', { kind, rules: [rule(match)] }))[0]!

/** Whether a match takes a request; undefined where it cannot be read. */
function takes(match: object | undefined, rest: Partial<Request>, kind?: 'GRPCRoute'): boolean | undefined {
  const read = readOf(match, kind).match
  return read && unmetBy(read, requestTo('shop.example.com', rest), re2) === undefined
}

const at = (type: string | undefined, value: string) => ({ path: { type, value } })

const paths: readonly (readonly [match: object, taken: string, left: string])[] = [
  [at('Exact', '/foo'), '/foo', '/foo/ /Foo /foobar /'],
  [at('PathPrefix', '/foo'), '/foo /foo/ /foo/bar /foo//bar', '/foobar /Foo / /fo /bar/foo'],
  [at('PathPrefix', '/foo/'), '/foo /foo/ /foo/bar', '/foobar'],
  [at(undefined, '/foo'), '/foo /foo/bar', '/foobar'],
  [at('PathPrefix', '/'), '/ /foo', ''],
  [{}, '/ /foo', ''],
  [at('RegularExpression', '/[0-9]+'), '/1 /123', '/1a /a/1'],
  [at('RegularExpression', '['), '', '/ /['],
]

describe('a match of an HTTPRoute', () => {
  it('tests the path by whole elements, as a whole or by a regex', () => {
    for (const [match, taken, left] of paths) {
      for (const path of taken.split(' ').filter(Boolean)) assert.equal(takes(match, { path }), true, path)
      for (const path of left.split(' ').filter(Boolean)) assert.equal(takes(match, { path }), false, path)
    }
  })

  it('takes everything where it says nothing', () => {
    assert.equal(readOf(undefined).index, undefined)
    assert.equal(takes(undefined, { path: '/x', method: 'POST' }), true)
  })

  it('tests the method, the headers and the query parameters, all of them', () => {
    const match = {
      method: 'POST',
      headers: [
        { name: 'X-User', value: 'al' },
        { type: 'RegularExpression', name: 'x-age', value: '[0-9]+' },
      ],
      queryParams: [{ name: 'beta', value: '1' }],
    }
    const met = { method: 'POST', headers: { 'x-user': 'al', 'X-Age': '7' }, query: 'a=2&beta=1' }
    assert.equal(takes(match, met), true)
    assert.equal(takes(match, { ...met, method: 'GET' }), false)
    assert.equal(takes(match, { ...met, query: 'beta=2&beta=1' }), false)
    assert.equal(takes(match, { ...met, query: 'Beta=1' }), false)
    assert.equal(takes(match, { ...met, headers: { 'x-user': 'AL', 'x-age': '7' } }), false)
    assert.equal(takes(match, { ...met, headers: { 'x-user': 'al', 'x-age': '7b' } }), false)
  })
})

describe('a match of an HTTPRoute that says odd things', () => {
  it('takes the first of several tests for one header, whatever its case, or for one parameter', () => {
    const headers = [
      { name: 'X-User', value: 'al' },
      { name: 'x-user', value: 'bo' },
    ]
    assert.equal(takes({ headers }, { headers: { 'x-user': 'al' } }), true)
    assert.equal(takes({ headers }, { headers: { 'x-user': 'bo' } }), false)
    assert.deepEqual(readOf({ headers }).rank.sizes, [1, 0, 1, 0])
    const queryParams = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
      { name: 'A', value: '3' },
    ]
    assert.equal(takes({ queryParams }, { query: 'a=1&A=3' }), true)
    assert.deepEqual(readOf({ queryParams }).rank.sizes, [1, 0, 0, 2])
  })

  it('takes nothing where it asks for what no version of the API knows', () => {
    for (const match of [
      at('Suffix', '/foo'),
      { path: { value: 7 } },
      { path: 'x' },
      { method: { service: 'a' } },
      { headers: [{ type: 'Prefix', name: 'a', value: 'b' }] },
      { headers: [{ name: 'a' }] },
      { queryParams: [{ type: 'Suffix', name: 'a', value: 'b' }] },
    ])
      assert.equal(readOf(match).match, undefined, JSON.stringify(match))
  })

  it('is told in few words', () => {
    const said = (match: object) => describeMatches([readOf(match).match!])
    assert.equal(said({ ...at('PathPrefix', '/items/'), method: 'GET' }), 'GET /items/*')
    assert.equal(said({}), '')
  })
})

describe('a match of a GRPCRoute', () => {
  const calls = (method: object | undefined, path: string) =>
    takes(method === undefined ? {} : { method }, { path, method: 'POST' }, 'GRPCRoute')

  it('tests the service and the method that are called', () => {
    assert.equal(calls({ service: 'a.B', method: 'Get' }, '/a.B/Get'), true)
    assert.equal(calls({ service: 'a.B', method: 'Get' }, '/a.B/GetAll'), false)
    assert.equal(calls({ service: 'a.B' }, '/a.B/Get'), true)
    assert.equal(calls({ service: 'a.B' }, '/a.Bc/Get'), false)
    assert.equal(calls({ method: 'G.t' }, '/a.B/G.t'), true)
    assert.equal(calls({ method: 'G.t' }, '/a.B/Get'), false)
    assert.equal(calls(undefined, '/a.B/Get'), true)
  })

  it('tests both by regexes on the whole name', () => {
    const type = 'RegularExpression'
    assert.equal(calls({ type, service: 'a|b' }, '/b/Get'), true)
    assert.equal(calls({ type, service: 'a|b' }, '/bc/Get'), false)
    assert.equal(calls({ type, service: 'a', method: 'Get.*' }, '/a/GetAll'), true)
    assert.equal(calls({ type, method: 'Get.*' }, '/a/b/Get'), false)
  })

  it('ranks by the characters of the service, those of the method, and the headers', () => {
    const headers = [{ name: 'a', value: '1' }]
    assert.deepEqual(
      readOf({ method: { service: 'abc', method: 'de' }, headers }, 'GRPCRoute').rank.sizes,
      [3, 2, 1],
    )
  })
})
