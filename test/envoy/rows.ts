/** How Envoy 1.40 reads requests, with the settings that Istio gives it: one match block, one request, and whether the one takes the other. */
import type { HttpMatch } from '../../shared/objects/virtual-service.ts'

/** A GET of `a.example.com` unless it says otherwise. */
export interface Row {
  readonly match: HttpMatch
  readonly target: string
  readonly method?: string
  readonly host?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly taken: boolean
  /** The one proxy that it holds for; both when left out. */
  readonly of?: 'gateway' | 'sidecar'
}

type Pair = readonly [pattern: string, target: string]

const takes = (exact: string, target: string): Row => ({ match: { uri: { exact } }, target, taken: true })
const leaves = (exact: string, target: string): Row => ({ ...takes(exact, target), taken: false })

// The path is normalized before it is compared: dots are followed, letters that need no encoding are decoded, a backslash is a slash.
const normalized: readonly Pair[] = [
  ['/a/b', '/a/./b'],
  ['/b', '/a/../b'],
  ['/', '/..'],
  ['/a', '/../a'],
  ['/', '/.'],
  ['/a/', '/a/.'],
  ['/', '/a/..'],
  ['/a/b', '/a//../b'],
  ['/a', '/%2e%2e/a'],
  ['/b', '/a/%2E%2E/b'],
  ['/a', '/%61'],
  ['/A', '/%41'],
  ['/a5', '/a%35'],
  ['/a.b', '/a%2Eb'],
  ['/a-b', '/a%2Db'],
  ['/a_b', '/a%5Fb'],
  ['/~a', '/%7Ea'],
  ['/a/b', '/a\\b'],
  ['/b', '/a\\..\\b'],
  ['/a%22b', '/a"b'],
  ['/a%7Cb', '/a|b'],
  ['/a%7Bb%7D', '/a{b}'],
  ['/a%3Cb%3E', '/a<b>'],
  ['/a%5Eb', '/a^b'],
  ['/a%60b', '/a`b'],
  ['/a', '/a#q'],
  ['/a', '/a#?q=1'],
  ['/a', '/a?x=1'],
  ['/a', '/a?'],
  // Since CVE-2026-73551 (1.36.10, 1.37.6, 1.38.4, 1.39.1) dots are dots with parameters, too.
  ['/', '/a/..;x'],
  ['/b', '/a/..;x=1/b'],
  ['/a/b', '/a/.;x/b'],
  ['/c', '/a/..;x\\b/c'],
  ['/a/..;x/b', '/a/%2e%2e;x/b'],
  ['/a/...;x/b', '/a/...;x/b'],
  // What decoding would make a new escape is none.
  ['/%254a', '/%4%61'],
  ['/%2541', '/%%34%31'],
]
// What stays: double slashes, encoded slashes and their case, all other encoded characters, parameters of a segment.
const kept: readonly string[] = [
  '/a//b //a /a%2Fb /a%2fb /a%5Cb /a%5cb /a%2F..%2Fb /a%20b /a%21b /a%3Ab /%C3%A9 /%c3%a9',
  "/a;x /a% /a%zz /a%252F /a+b /a[b] /a'b /a/... /.a /a:b",
].flatMap(line => line.split(' '))
const different: readonly Pair[] = [
  ['/a/b', '/a//b'],
  ['/a/b', '/a%2Fb'],
  ['/a%2Fb', '/a%2fb'],
  ['/a b', '/a%20b'],
  ['/a!b', '/a%21b'],
  ['/a:b', '/a%3Ab'],
  ['/%C3%A9', '/%c3%a9'],
  ['/a', '/a;x'],
  ['/a', '/a/..'],
  ['/a', '/a/'],
  ['/A', '/a'],
  ['/a\\b', '/a\\b'],
]

const paths: readonly Row[] = [
  ...normalized.map(([exact, target]) => takes(exact, target)),
  ...kept.map(target => takes(target, target)),
  ...different.map(([exact, target]) => leaves(exact, target)),
  { match: { uri: { prefix: '/a' } }, target: '/ab', taken: true },
  { match: { uri: { prefix: '/a/' } }, target: '/a', taken: false },
  { match: { uri: { prefix: '/a?x' } }, target: '/a?x=1', taken: false },
  { match: { uri: { regex: '/a' } }, target: '/a?x=1', taken: true },
  { match: { uri: { regex: '/a\\?x=1' } }, target: '/a?x=1', taken: false },
  { match: { uri: { regex: '/a' } }, target: '/ab', taken: false },
  { match: { uri: { regex: 'a' } }, target: '/a', taken: false },
  { match: { uri: { regex: '/a|/b' } }, target: '/ab', taken: false },
  { match: { uri: { exact: '/A' }, ignoreUriCase: true }, target: '/a', taken: true },
  { match: { uri: { prefix: '/A/b' }, ignoreUriCase: true }, target: '/a/Bc', taken: true },
  { match: { uri: { prefix: '/a%2f' }, ignoreUriCase: true }, target: '/a%2Fb', taken: true },
  { match: { uri: { regex: '/A' }, ignoreUriCase: true }, target: '/a', taken: false },
]

const header = (test: object, ...values: readonly string[]): Omit<Row, 'taken'> => ({
  match: { headers: { 'x-a': test } },
  target: '/',
  headers: values.map(value => ['x-a', value]),
})
const without = (test: object, ...values: readonly string[]): Omit<Row, 'taken'> => ({
  ...header(test, ...values),
  match: { withoutHeaders: { 'x-a': test } },
})

const headers: readonly Row[] = [
  { ...header({}), taken: false },
  { ...header({}, ''), taken: true },
  { ...header({ regex: '*' }), taken: false },
  { ...header({ regex: '*' }, ''), taken: true },
  { ...header({ regex: '.*' }), taken: false },
  { ...header({ exact: '' }), taken: false },
  { ...header({ exact: '' }, ''), taken: true },
  { ...header({ exact: '1' }, '  1\t '), taken: true },
  { ...header({ exact: 'A' }, 'a'), taken: false },
  { ...header({ exact: '1' }, '1,2'), taken: false },
  { ...header({ regex: '1' }, '12'), taken: false },
  { match: { headers: { 'X-A': { exact: '1' } } }, target: '/', headers: [['x-a', '1']], taken: true },
  { match: { headers: { 'x-a': { exact: '1' } } }, target: '/', headers: [['X-A', '1']], taken: true },
  { match: { headers: { host: { exact: 'a.example.com' } } }, target: '/', taken: true },
  { match: { headers: { ':authority': { exact: 'a.example.com' } } }, target: '/', taken: true },
  { match: { headers: { ':method': { exact: 'GET' } } }, target: '/', taken: true },
  { match: { headers: { ':path': { exact: '/b?q=1' } } }, target: '/a/../b?q=1', taken: true },
  { match: { withoutHeaders: { ':method': { exact: 'GET' } } }, target: '/', taken: false },
  { match: { headers: { 'x-forwarded-proto': { exact: 'http' } } }, target: '/', taken: true },
  // A header that is not there is compared as an empty one, unless only its presence is asked for.
  { ...without({}), taken: true },
  { ...without({}, ''), taken: false },
  { ...without({ regex: '*' }), taken: true },
  { ...without({ exact: '' }), taken: false },
  { ...without({ exact: '' }, '1'), taken: true },
  { ...without({ regex: '.*' }), taken: false },
  { ...without({ regex: '.+' }), taken: true },
  { ...without({ prefix: '1' }), taken: true },
  { ...without({ exact: '1' }, '1'), taken: false },
  { ...without({ exact: '1' }, '2'), taken: true },
]

const line: readonly Row[] = [
  { match: { method: { exact: 'get' } }, target: '/', taken: false },
  { match: { method: { prefix: 'P' } }, target: '/', method: 'PUT', taken: true },
  { match: { method: { regex: 'P' } }, target: '/', method: 'PUT', taken: false },
  { match: { method: {} }, target: '/', taken: true },
  { match: { scheme: { exact: 'http' } }, target: '/', taken: true },
  { match: { scheme: { exact: 'HTTP' } }, target: '/', taken: false },
  { match: { authority: { exact: 'a.example.com' } }, target: '/', host: 'a.example.com:80', taken: false },
  { match: { authority: { exact: 'a.example.com:80' } }, target: '/', host: 'a.example.com:80', taken: true },
  { match: { authority: { exact: 'a.example.com' } }, target: '/', host: 'A.example.com', taken: false },
  { match: { authority: { exact: 'A.example.com' } }, target: '/', host: 'A.example.com', taken: true },
]

// Of the scheme a sidecar believes what its client says, a gateway does not.
const forwarded = (match: HttpMatch, said: string): Pick<Row, 'match' | 'target' | 'headers'> => ({
  match,
  target: '/',
  headers: [['x-forwarded-proto', said]],
})
const scheme: readonly Row[] = [
  { ...forwarded({ scheme: { exact: 'https' } }, 'https'), taken: true, of: 'sidecar' },
  { ...forwarded({ scheme: { exact: 'https' } }, 'HTTPS'), taken: true, of: 'sidecar' },
  { ...forwarded({ scheme: { exact: 'http' } }, 'https'), taken: false, of: 'sidecar' },
  { ...forwarded({ scheme: { exact: 'http' } }, 'ftp'), taken: true },
  { ...forwarded({ scheme: { exact: 'http' } }, 'https'), taken: true, of: 'gateway' },
  { ...forwarded({ headers: { ':scheme': { exact: 'https' } } }, 'https'), taken: true, of: 'sidecar' },
  { ...forwarded({ headers: { 'x-forwarded-proto': { exact: 'ftp' } } }, 'ftp'), taken: true, of: 'sidecar' },
  {
    ...forwarded({ headers: { 'x-forwarded-proto': { exact: 'https' } } }, 'https'),
    taken: false,
    of: 'gateway',
  },
]

// By query: whether `q` is there, is empty, is 1. Nothing is decoded, and the first of several counts.
const readings: readonly (readonly [query: string, ...taken: readonly [boolean, boolean, boolean]])[] = [
  ['', false, false, false],
  ['?', false, false, false],
  ['?q', true, true, false],
  ['?q=', true, true, false],
  ['?q=1', true, false, true],
  ['?q=1&q=2', true, false, true],
  ['?q=2&q=1', true, false, false],
  ['?q=%31', true, false, false],
  ['?%71=1', false, false, false],
  ['?Q=1', false, false, false],
  ['?q=1=2', true, false, false],
  ['?&q=1', true, false, true],
  ['?r&q=1', true, false, true],
  ['?q=1&', true, false, true],
  ['?x=1?q=1', false, false, false],
  ['??q=1', false, false, false],
  ['?q=1;r=1', true, false, false],
  ['?q=1#r', true, false, true],
  ['#?q=1', false, false, false],
]
const query: readonly Row[] = [
  ...readings.flatMap(([text, ...taken]) =>
    [{}, { exact: '' }, { exact: '1' }].map((test, index) => ({
      match: { queryParams: { q: test } },
      target: `/${text}`,
      taken: taken[index]!,
    })),
  ),
  { match: { queryParams: { q: { exact: 'a b' } } }, target: '/?q=a+b', taken: false },
  { match: { queryParams: { q: { exact: 'a%20b' } } }, target: '/?q=a%20b', taken: true },
  { match: { queryParams: { q: { exact: '1=2' } } }, target: '/?q=1=2', taken: true },
  { match: { queryParams: { q: { exact: 'a/../b' } } }, target: '/?q=a/../b', taken: true },
  { match: { queryParams: { q: { regex: '*' } } }, target: '/?q', taken: true },
  { match: { queryParams: { q: { regex: '.*' } } }, target: '/', taken: false },
  { match: { queryParams: { q: { regex: '1' } } }, target: '/?q=12', taken: false },
  { match: { queryParams: { q: { prefix: '1' } } }, target: '/?q=12', taken: true },
  { match: { queryParams: { 'q%20': { exact: '1' } } }, target: '/?q%20=1', taken: true },
]

/** The rows for one kind of proxy. */
export const rowsOf = (proxy: 'gateway' | 'sidecar'): readonly Row[] =>
  [...paths, ...headers, ...line, ...scheme, ...query].filter(row => (row.of ?? proxy) === proxy)
