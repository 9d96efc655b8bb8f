import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canPassBoth, covers, isWithin } from '../../shared/routing/covers.ts'
import { describe as describeMatches } from '../../shared/routing/describe-match.ts'
import { anything, isCatchAll, unmetBy, type Match } from '../../shared/routing/match.ts'
import { canBothHold } from '../../shared/routing/narrow.ts'
import { passes, type TextTest } from '../../shared/routing/text-test.ts'
import { fc } from '../properties.ts'
import { re2, requestTo } from './requests.ts'

const text = fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', '/a/b/c', '/b', '')
const test: fc.Arbitrary<TextTest> = fc.oneof(
  text.map(each => ({ is: 'exact', text: each }) as const),
  text.map(each => ({ is: 'prefix', text: each }) as const),
  fc.constantFrom('/', '/a', '/a/b', '/ab').map(each => ({ is: 'path-prefix', text: each }) as const),
  fc.constantFrom('/a.*', '/', '.*').map(pattern => ({ is: 'regex', pattern }) as const),
  fc.constant({ is: 'present' } as const),
)
const named = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b'), test }), {
  maxLength: 2,
  selector: ({ name }) => name,
})
const match: fc.Arbitrary<Match> = fc
  .record(
    {
      path: test,
      ignoresCase: fc.boolean(),
      method: test,
      headers: named,
      withoutHeaders: named,
      query: named,
    },
    { requiredKeys: [] },
  )
  .map(some => ({ ...anything, ...some }))
const request = fc
  .record({
    path: fc.oneof(text, fc.constantFrom('/A/b', '/a/x', '/abc')),
    headers: fc.dictionary(fc.constantFrom('a', 'b'), text, { maxKeys: 2 }),
  })
  .map(({ path, headers }) => requestTo('x', { path, headers, query: `a=${path}` }))

const withoutAnything = (some: Match): Partial<Match> =>
  Object.fromEntries(Object.entries(some).filter(([part, said]) => said !== anything[part as keyof Match]))

describe('a test of whole path elements', () => {
  const foo: TextTest = { is: 'path-prefix', text: '/foo' }
  const root: TextTest = { is: 'path-prefix', text: '/' }
  const met = (one: TextTest, path: string) => passes(one, path, re2)

  it('takes the path and all below it, and no longer name', () => {
    for (const path of ['/foo', '/foo/', '/foo/bar', '/foo//']) assert.equal(met(foo, path), true, path)
    for (const path of ['/foobar', '/fo', '/', '', '/Foo', '/bar/foo'])
      assert.equal(met(foo, path), false, path)
    for (const path of ['/', '/x', '//']) assert.equal(met(root, path), true, path)
    assert.equal(met(root, '*'), false)
  })

  it('is told from a prefix of the text', () => {
    assert.equal(describeMatches([{ ...anything, path: foo }]), '/foo/*')
    assert.equal(describeMatches([{ ...anything, path: { is: 'prefix', text: '/foo' } }]), '/foo*')
  })

  it('ignores case where the match does', () => {
    const match: Match = { ...anything, path: foo, ignoresCase: true }
    assert.equal(unmetBy(match, requestTo('x', { path: '/FOO/bar' }), re2), undefined)
  })

  it('of the root takes everything', () => {
    assert.equal(isCatchAll({ ...anything, path: root }), true)
    assert.equal(isCatchAll({ ...anything, path: foo }), false)
  })
})

describe('the comparison of tests', () => {
  it('calls one within another only where all that passes it passes the other', () => {
    let within = 0
    fc.assert(
      fc.property(
        test,
        test,
        fc.oneof(text, fc.constantFrom('/a/x', '/abc', '/b/')),
        (one, other, actual) => {
          if (isWithin(one, other)) within++
          if (isWithin(one, other) && passes(one, actual, re2)) assert.ok(passes(other, actual, re2))
          if (passes(one, actual, re2) && passes(other, actual, re2)) assert.ok(canPassBoth(one, other))
        },
      ),
      { numRuns: 2_000 },
    )
    assert.ok(within > 200)
  })

  it('knows a path of whole elements within a prefix, and the reverse', () => {
    const elements = (value: string): TextTest => ({ is: 'path-prefix', text: value })
    const prefix = (value: string): TextTest => ({ is: 'prefix', text: value })
    assert.equal(isWithin(elements('/a'), prefix('/a')), true)
    assert.equal(isWithin(prefix('/a'), elements('/a')), false)
    assert.equal(isWithin(prefix('/a/'), elements('/a')), true)
    assert.equal(isWithin(elements('/a/b'), elements('/a')), true)
    assert.equal(isWithin(elements('/ab'), elements('/a')), false)
    assert.equal(isWithin(elements('/a'), elements('/')), true)
    assert.equal(canPassBoth(elements('/foo'), prefix('/foob')), false)
    assert.equal(canPassBoth(elements('/foo'), prefix('/fo')), true)
  })
})

describe('the comparison of matches', () => {
  it('calls a match covered only where every request that meets it meets the other', () => {
    let covered = 0
    fc.assert(
      fc.property(fc.tuple(match, match), request, fc.boolean(), ([one, some], asked, adds) => {
        const other = adds ? { ...one, ...withoutAnything(some) } : some
        const [meetsOne, meetsOther] = [one, other].map(each => unmetBy(each, asked, re2) === undefined)
        if (covers(one, other)) covered++
        if (covers(one, other) && meetsOther) assert.ok(meetsOne)
        if (meetsOne && meetsOther) assert.ok(canBothHold(one, other))
      }),
      { numRuns: 5_000 },
    )
    assert.ok(covered > 100)
  })

  it('sees that a match covers itself, and nothing that asks for less', () => {
    const asking: Match = { ...anything, headers: [{ name: 'a', test: { is: 'exact', text: '1' } }] }
    assert.equal(covers(asking, asking), true)
    assert.equal(covers(anything, asking), true)
    assert.equal(covers(asking, anything), false)
    assert.equal(covers({ ...anything, port: 80 }, anything), false)
    assert.equal(covers({ ...anything, entrances: ['mesh'] }, anything), false)
    assert.equal(covers({ ...anything, callerNamespace: 'a' }, { ...anything, callerNamespace: 'b' }), false)
  })
})
