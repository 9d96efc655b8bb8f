import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Condition } from '../../shared/routing/condition.ts'
import { anything, type Match } from '../../shared/routing/match.ts'
import { canBothHold, clash, narrow } from '../../shared/routing/narrow.ts'
import type { TextTest } from '../../shared/routing/text-test.ts'

const exact = (text: string): TextTest => ({ is: 'exact', text })
const prefix = (text: string): TextTest => ({ is: 'prefix', text })
const regex = (pattern: string): TextTest => ({ is: 'regex', pattern })
const present: TextTest = { is: 'present' }
const x = (test: TextTest) => [{ name: 'x', test }]

type Asked = Partial<Match>
const meet = (one: Asked, other: Asked): boolean =>
  canBothHold({ ...anything, ...one }, { ...anything, ...other })

/** Whether some request can meet both, whichever is asked about the other. */
function assertMeet(pairs: readonly (readonly [Asked, Asked])[], expected: boolean): void {
  for (const [one, other] of pairs) {
    assert.equal(meet(one, other), expected, JSON.stringify([one, other]))
    assert.equal(meet(other, one), expected, JSON.stringify([other, one]))
  }
}

describe('two matches exclude each other', () => {
  it('by whom they are for', () => {
    assertMeet(
      [
        [{ callerNamespace: 'web' }, { callerNamespace: 'shop' }],
        [{ callerLabels: { app: 'a', zone: 'z' } }, { callerLabels: { app: 'b', zone: 'z' } }],
        [{ entrances: ['mesh'] }, { entrances: ['shop/gw', 'shop/other'] }],
        [{ port: 80 }, { port: 8080 }],
      ],
      false,
    )
    assertMeet(
      [
        [{ callerNamespace: 'web' }, {}],
        [{ callerNamespace: 'web' }, { callerNamespace: 'web' }],
        [{ callerLabels: { app: 'a' } }, { callerLabels: { zone: 'z' } }],
        [{ entrances: ['mesh'] }, {}],
        [{ entrances: ['mesh'] }, { entrances: ['shop/gw', 'mesh'] }],
        [{ port: 80 }, {}],
      ],
      true,
    )
  })
  it('by any one thing that they ask of a request', () => {
    for (const part of ['path', 'method', 'scheme', 'authority'] as const)
      assertMeet([[{ [part]: exact('/a') }, { [part]: exact('/b') }]], false)
    for (const part of ['headers', 'query'] as const) {
      assertMeet([[{ [part]: x(exact('1')) }, { [part]: x(exact('2')) }]], false)
      assertMeet([[{ [part]: x(exact('1')) }, { [part]: [{ name: 'y', test: exact('2') }] }]], true)
    }
    assertMeet([[{ headers: x(exact('1')) }, { query: x(exact('2')) }]], true)
  })
})

describe('two paths', () => {
  it('are met by one request where one begins with the other', () => {
    assertMeet(
      [
        [{ path: prefix('/a') }, { path: prefix('/a/b') }],
        [{ path: prefix('/a') }, { path: exact('/a/b') }],
        [{ path: exact('/a') }, { path: exact('/a') }],
        [{ path: regex('/b.*') }, { path: exact('/a') }],
        [{ path: present }, { path: exact('/a') }],
      ],
      true,
    )
    assertMeet(
      [
        [{ path: prefix('/a') }, { path: prefix('/b/a') }],
        [{ path: prefix('/a/b') }, { path: exact('/a') }],
      ],
      false,
    )
  })
  it('are compared without case where one of them ignores it', () => {
    for (const test of [exact, prefix]) {
      assertMeet([[{ path: test('/A'), ignoresCase: true }, { path: exact('/a') }]], true)
      assertMeet([[{ path: exact('/A') }, { path: test('/a'), ignoresCase: true }]], true)
      assertMeet(
        [
          [
            { path: test('/A'), ignoresCase: true },
            { path: prefix('/a'), ignoresCase: true },
          ],
        ],
        true,
      )
      assertMeet([[{ path: test('/A') }, { path: exact('/a') }]], false)
    }
  })
})

describe('a header that one asks for and the other must not see', () => {
  it('excludes the other where all that it may be is excluded', () => {
    const excluded: readonly (readonly [TextTest, TextTest])[] = [
      [exact('ab'), present],
      [regex('a.*'), present],
      [exact('ab'), exact('ab')],
      [exact('ab'), prefix('a')],
      [prefix('ab'), prefix('a')],
      [regex('a|b'), regex('a|b')],
    ]
    assertMeet(
      excluded.map(([asked, not]) => [{ headers: x(asked) }, { withoutHeaders: x(not) }]),
      false,
    )
  })
  it('does not where it may be something else, or where that cannot be told', () => {
    const open: readonly (readonly [TextTest, TextTest])[] = [
      [exact('ab'), exact('a')],
      [exact('ab'), prefix('b')],
      [prefix('a'), prefix('ab')],
      [prefix('a'), exact('a')],
      [exact('ab'), regex('a.*')],
      [regex('a.*'), prefix('a')],
      [present, exact('a')],
    ]
    assertMeet(
      open.map(([asked, not]) => [{ headers: x(asked) }, { withoutHeaders: x(not) }]),
      true,
    )
    assertMeet([[{ headers: x(exact('a')) }, { withoutHeaders: [{ name: 'y', test: present }] }]], true)
  })
})

const header: Condition = { on: 'header', name: 'X', match: { exact: '1' } }
const query: Condition = { on: 'query', name: 'x', match: { exact: '1' } }
const label: Condition = { on: 'source-label', name: 'x', value: '1' }

describe('a narrowed match', () => {
  it('asks once for what the match asks for already', () => {
    const match: Match = {
      ...anything,
      headers: x(exact('1')),
      query: x(exact('1')),
      callerLabels: { x: '1' },
    }
    assert.deepEqual(narrow(match, [header, query, label]), match)
  })
  it('asks for the conditions besides, and leaves the rest as it is', () => {
    const match: Match = { ...anything, path: prefix('/a'), headers: [{ name: 'y', test: present }] }
    assert.deepEqual(narrow(match, [header, label]), {
      ...match,
      headers: [...match.headers, ...x(exact('1'))],
      callerLabels: { x: '1' },
    })
  })
})

describe('conditions clash with a match', () => {
  const clashOf = (match: Asked, condition: Condition) => clash({ ...anything, ...match }, [condition])
  it('that says something else about the same header, parameter or label', () => {
    assert.match(clashOf({ headers: x(prefix('1')) }, header)!, /already tests the header x otherwise/)
    assert.match(clashOf({ query: x(exact('2')) }, query)!, /already tests the query parameter x otherwise/)
    assert.match(clashOf({ callerLabels: { x: '2' } }, label)!, /already tests the source label x otherwise/)
  })
  it('that excludes the header', () => {
    assert.match(
      clashOf({ withoutHeaders: x(exact('2')) }, header)!,
      /already excludes requests by the header x/,
    )
  })
  it('not where it says the same, or is about another thing of that name', () => {
    assert.equal(clashOf({ headers: x(exact('1')) }, header), undefined)
    assert.equal(clashOf({ callerLabels: { x: '1' } }, label), undefined)
    for (const condition of [query, label]) {
      assert.equal(clashOf({ headers: x(exact('2')) }, condition), undefined)
      assert.equal(clashOf({ withoutHeaders: x(present) }, condition), undefined)
    }
  })
})
