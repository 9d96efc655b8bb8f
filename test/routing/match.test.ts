import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { describe as describeMatches } from '../../shared/routing/describe-match.ts'
import { anything, isCatchAll, unmetBy, type Match } from '../../shared/routing/match.ts'
import { canBothHold, clash, narrow } from '../../shared/routing/narrow.ts'
import type { Condition } from '../../shared/routing/condition.ts'
import type { Request } from '../../shared/routing/request/request.ts'
import { cachedRegex, type TextTest } from '../../shared/routing/text-test.ts'
import { fc } from '../properties.ts'
import { re2, requestTo } from './requests.ts'

const exact = (text: string): TextTest => ({ is: 'exact', text })
const prefix = (text: string): TextTest => ({ is: 'prefix', text })
const regex = (pattern: string): TextTest => ({ is: 'regex', pattern })
const present: TextTest = { is: 'present' }

const asking = (rest: Partial<Match>): Match => ({ ...anything, ...rest })
const get = (path: string, rest: Partial<Request> = {}): Request =>
  requestTo('shop.example.com', { path, ...rest })
const meets = (match: Partial<Match>, request: Request): boolean =>
  unmetBy(asking(match), request, re2) === undefined

const cases: readonly (readonly [string, Partial<Match>, Request, boolean])[] = [
  ['takes a path by its whole text', { path: exact('/pay') }, get('/pay'), true],
  ['refuses a longer path for an exact one', { path: exact('/pay') }, get('/pay/'), false],
  ['takes a prefix that ends within a segment', { path: prefix('/pay') }, get('/payments'), true],
  ['keeps the case of a path', { path: prefix('/Pay') }, get('/pay'), false],
  ['ignores the case of a prefix', { path: prefix('/Pay'), ignoresCase: true }, get('/PAYments'), true],
  ['ignores the case of an exact path', { path: exact('/Pay'), ignoresCase: true }, get('/pAY'), true],
  ['keeps the case of a regex', { path: regex('/pay.*'), ignoresCase: true }, get('/PAY'), false],
  ['holds a regex against the whole path', { path: regex('/pay') }, get('/pay/1'), false],
  [
    'finds a header by its name in any case',
    { headers: [{ name: 'x-user', test: exact('al') }] },
    get('/', { headers: { 'X-User': 'al' } }),
    true,
  ],
  [
    'keeps the case of a header',
    { headers: [{ name: 'x-user', test: exact('al') }] },
    get('/', { headers: { 'x-user': 'Al' } }),
    false,
  ],
  [
    'takes an empty header for present',
    { headers: [{ name: 'x-user', test: present }] },
    get('/', { headers: { 'x-user': '' } }),
    true,
  ],
  [
    'refuses what has a header that must be absent',
    { withoutHeaders: [{ name: 'x-user', test: present }] },
    get('/', { headers: { 'x-user': '' } }),
    false,
  ],
  [
    'takes what has no header that must not be so',
    { withoutHeaders: [{ name: 'x-user', test: exact('al') }] },
    get('/'),
    true,
  ],
  [
    'compares an absent header as an empty one',
    { withoutHeaders: [{ name: 'x-user', test: regex('.*') }] },
    get('/'),
    false,
  ],
  [
    'compares the first of two parameters',
    { query: [{ name: 'v', test: exact('2') }] },
    get('/', { query: 'v=1&v=2' }),
    false,
  ],
  [
    'compares parameters without decoding them',
    { query: [{ name: 'v', test: exact('a b') }] },
    get('/', { query: 'v=a%20b' }),
    false,
  ],
  [
    'takes a parameter without a value for an empty one',
    { query: [{ name: 'v', test: exact('') }] },
    get('/', { query: 'v' }),
    true,
  ],
  [
    'compares the authority with its port',
    { authority: exact('shop.example.com') },
    { ...get('/'), host: 'shop.example.com:80' },
    false,
  ],
  [
    'takes the Host header for the authority',
    { headers: [{ name: 'host', test: prefix('shop') }] },
    get('/'),
    true,
  ],
  ['takes the scheme from the connection', { scheme: exact('https') }, get('/', { tls: true }), true],
  ['compares the method', { method: regex('GET|POST') }, get('/', { method: 'PUT' }), false],
  ['asks for labels of the caller', { callerLabels: { app: 'web' } }, get('/'), false],
  ['asks for the namespace of the caller', { callerNamespace: 'web' }, get('/'), true],
  ['asks for the port', { port: 8080 }, get('/'), false],
]
describe('a match', () => {
  for (const [title, match, request, expected] of cases)
    it(title, () => {
      assert.equal(meets(match, request), expected)
    })
})

/** What asks nothing of the request, and what does. */
const all: readonly Partial<Match>[] = [
  {},
  { path: prefix('/') },
  { path: regex('.*') },
  { path: present },
  { port: 80, callerLabels: { app: 'web' } },
]
const notAll: readonly Partial<Match>[] = [
  { path: exact('/') },
  { path: regex('/.*') },
  { path: prefix('') },
  { method: present },
  { headers: [{ name: 'x', test: present }] },
  { query: [{ name: 'x', test: present }] },
  { withoutHeaders: [{ name: 'x', test: present }] },
]

describe('what a match says of itself', () => {
  it('names the first condition that is not met, and what there is instead', () => {
    const match = asking({
      path: prefix('/pay'),
      headers: [{ name: 'x-tenant', test: regex('go.*') }],
      withoutHeaders: [{ name: 'x-test', test: present }],
    })
    const unmet = (request: Request) => unmetBy(match, request, re2)
    assert.deepEqual(unmet(get('/')), { on: 'path', expected: '/pay*', actual: '/' })
    assert.deepEqual(unmet(get('/pay')), {
      on: 'header',
      name: 'x-tenant',
      expected: '~ go.*',
      actual: undefined,
    })
    assert.deepEqual(unmet(get('/pay', { headers: { 'x-tenant': 'gold', 'x-test': '1' } })), {
      on: 'header',
      name: 'x-test',
      expected: 'absent',
      actual: '1',
    })
  })

  it('takes everything only where it asks nothing of the request', () => {
    assert.deepEqual(
      [...all, ...notAll].map(match => isCatchAll(asking(match))),
      [...all.map(() => true), ...notAll.map(() => false)],
    )
  })
})

describe('what a match takes, in few words', () => {
  it('is all that it asks', () => {
    const match = asking({
      method: exact('POST'),
      path: prefix('/pay'),
      headers: [{ name: 'x-tenant', test: exact('gold') }],
      withoutHeaders: [{ name: 'x-test', test: present }],
      query: [{ name: 'v', test: regex('1|2') }],
      callerLabels: { app: 'web' },
      callerNamespace: 'shop',
      port: 80,
      scheme: exact('https'),
      authority: exact('a.b'),
      entrances: ['mesh', 'edge'],
    })
    assert.equal(
      describeMatches([match, asking({ path: regex('/a') })]),
      'POST /pay* x-tenant: gold without x-test query v ~ 1|2 from app=web from namespace shop port 80 scheme https a.b via mesh or edge or ~ /a',
    )
    assert.equal(describeMatches([]), '')
  })
  it('is nothing where one of its blocks takes everything', () => {
    assert.equal(describeMatches([asking({ path: prefix('/pay') }), anything]), '')
  })
})

describe('a value that a request must not have', () => {
  it('is described with its value, which is not the name alone', () => {
    const unwanted = [{ name: 'x-robot', test: exact('1') }]
    assert.equal(
      describeMatches([asking({ withoutHeaders: unwanted, withoutClaims: unwanted })]),
      'without x-robot: 1 without claim x-robot=1',
    )
  })
})

describe('a regex', () => {
  it('that somebody made slow on purpose is read once per letter', () => {
    const patterns = ['(a+)+$', '(.*a){20}', '(a|aa)+b', '(x+x+)+y', '([a-z]+)*[0-9]']
    for (const pattern of patterns)
      for (const text of ['a'.repeat(2000), 'x'.repeat(2000), `${'ab'.repeat(1000)}!`])
        assert.ok(lettersReadBy(() => passesPath(pattern, text)) <= 4 * text.length, pattern)
  })

  it('is compiled once, however often it is asked', () => {
    let compiled = 0
    const engine = cachedRegex(pattern => {
      compiled++
      return text => text === pattern
    })
    for (let i = 0; i < 3; i++) for (const pattern of ['a', 'b']) engine(pattern)('a')
    assert.equal(compiled, 2)
  })

  it('that the engine refuses matches nothing', () => {
    assert.equal(meets({ path: regex('(') }, get('(')), false)
  })
})

const passesPath = (pattern: string, path: string): boolean => meets({ path: regex(pattern) }, get(path))

/** How often letters are read while something is done: a backtracking engine would read them beyond counting. */
function lettersReadBy(act: () => void): number {
  const read = ['charCodeAt', 'codePointAt'] as const
  const counters = read.map(method => mock.method(String.prototype, method))
  try {
    act()
    return counters.reduce((sum, { mock: { calls } }) => sum + calls.length, 0)
  } finally {
    mock.restoreAll()
  }
}

const words = fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'B', 'Ab')
const paths = words.map(word => `/${word}`)
const testOn = (texts: fc.Arbitrary<string>): fc.Arbitrary<TextTest> =>
  fc.oneof(
    texts.map(exact),
    texts.map(prefix),
    texts.map(text => regex(`${text}.*`)),
    fc.constant(present),
  )
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const named = fc.uniqueArray(fc.record({ name: fc.constantFrom('x', 'y'), test: testOn(words) }), {
  selector: ({ name }) => name,
  maxLength: 2,
})
const matches: fc.Arbitrary<Match> = fc.record({
  path: some(testOn(paths)),
  ignoresCase: fc.boolean(),
  method: some(testOn(fc.constantFrom('GET', 'POST'))),
  scheme: fc.constant(undefined),
  authority: some(testOn(fc.constantFrom('a.b', 'a.c'))),
  headers: named,
  withoutHeaders: named,
  claims: named,
  withoutClaims: named,
  query: named,
  callerLabels: fc.constantFrom({}, { app: 'web' }, { app: 'other' }),
  callerNamespace: fc.constantFrom(undefined, 'web', 'shop'),
  port: fc.constantFrom(undefined, 80, 8080),
  entrances: fc.constant([]),
})
const texts = fc.dictionary(fc.constantFrom('x', 'y'), words)
const requests: fc.Arbitrary<Request> = fc.record({
  caller: fc.record({
    kind: fc.constantFrom('workload' as const, 'gateway' as const),
    namespace: fc.constantFrom('web', 'shop'),
    labels: fc.constantFrom({}, { app: 'web' }, { app: 'other' }),
  }),
  host: fc.constantFrom('a.b', 'a.c'),
  port: fc.constantFrom(80, 8080),
  method: fc.constantFrom('GET', 'POST'),
  path: paths,
  query: texts.map(pairs =>
    Object.entries(pairs)
      .map(pair => pair.join('='))
      .join('&'),
  ),
  headers: texts,
  claims: fc.dictionary(fc.constantFrom('x', 'y'), fc.array(words, { maxLength: 2 })),
})
const conditions: fc.Arbitrary<readonly Condition[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({
      on: fc.constant('header' as const),
      name: fc.constantFrom('x', 'z'),
      match: words.map(text => ({ exact: text })),
    }),
    fc.record({
      on: fc.constant('query' as const),
      name: fc.constantFrom('x', 'z'),
      match: words.map(text => ({ prefix: text })),
    }),
    fc.record({
      on: fc.constant('claim' as const),
      name: fc.constantFrom('x', 'z'),
      match: words.map(text => ({ exact: text })),
    }),
    fc.record({
      on: fc.constant('source-label' as const),
      name: fc.constant('app'),
      value: fc.constantFrom('web', 'other'),
    }),
  ),
  { selector: ({ on, name }) => `${on} ${name}`, maxLength: 3 },
)

describe('two matches', () => {
  it('are said to exclude each other only where no request meets both', () => {
    fc.assert(
      fc.property(matches, matches, requests, (one, other, request) => {
        const both = [one, other].every(match => unmetBy(match, request, re2) === undefined)
        if (both) assert.ok(canBothHold(one, other) && canBothHold(other, one))
      }),
      { numRuns: 3000 },
    )
  })

  it('are known to exclude each other by what they plainly say', () => {
    const pairs: readonly (readonly [Partial<Match>, Partial<Match>])[] = [
      [{ path: exact('/a') }, { path: exact('/b') }],
      [{ path: exact('/a') }, { path: prefix('/b') }],
      [{ path: prefix('/a') }, { path: prefix('/b') }],
      [{ headers: [{ name: 'x', test: exact('1') }] }, { headers: [{ name: 'x', test: exact('2') }] }],
      [{ headers: [{ name: 'x', test: exact('1') }] }, { withoutHeaders: [{ name: 'x', test: present }] }],
      [{ callerLabels: { app: 'web' } }, { callerLabels: { app: 'other' } }],
      [{ port: 80 }, { port: 81 }],
      [{ entrances: ['mesh'] }, { entrances: ['shop/gw'] }],
    ]
    for (const [one, other] of pairs) assert.equal(canBothHold(asking(one), asking(other)), false)
  })
})

describe('a narrowed match', () => {
  it('takes what the match takes and the conditions ask for, where they do not clash', () => {
    fc.assert(
      fc.property(matches, conditions, requests, (match, added, request) => {
        if (clash(match, added) !== undefined) return
        const meetsAll = [match, narrow(anything, added)].every(
          one => unmetBy(one, request, re2) === undefined,
        )
        assert.equal(unmetBy(narrow(match, added), request, re2) === undefined, meetsAll)
      }),
      { numRuns: 3000 },
    )
  })
})
