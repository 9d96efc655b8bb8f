import type { RuleMatch, ServiceRoute } from '../../../objects/gateway-api.ts'
import { derivedOnce, fieldsOf, isFields, itemsOf, textOf } from '../../../objects/unchecked.ts'
import { escapeRegex } from '../../../routing/condition.ts'
import { anything, type Match, type NamedTest } from '../../../routing/match.ts'
import type { TextTest } from '../../../routing/text-test.ts'
import { rulesOf } from './routes.ts'

/** What decides which of several matches goes first, except for the age of their routes. */
export interface MatchRank {
  /** Of an HTTPRoute; the matches of a GRPCRoute go by their sizes alone. */
  readonly path: 'exact' | 'prefix' | 'regex'
  /**
   * Compared one after the other, the larger goes first. Of an HTTPRoute: the characters of the path, whether a
   * method is asked for, the headers, the query parameters. Of a GRPCRoute: the characters of the service, those
   * of the method, the headers.
   */
  readonly sizes: readonly number[]
}

/** One match of a rule. */
export interface ReadMatch {
  readonly rule: number
  /** Its place in the rule's `matches`; undefined for that of a rule without any, which takes everything. */
  readonly index: number | undefined
  /** Undefined where it has a value that no version of the API knows: it takes nothing. */
  readonly match: Match | undefined
  readonly rank: MatchRank
}

/** The matches of all rules of a route in their order. A rule without any has one that takes everything. */
export const matchesOf: (route: ServiceRoute) => readonly ReadMatch[] = derivedOnce(route => {
  const read = route.kind === 'GRPCRoute' ? readGrpc : readHttp
  return rulesOf(route).flatMap(({ matches }, rule): readonly ReadMatch[] => {
    const written = itemsOf(matches).map(match => fieldsOf(match) as RuleMatch)
    return written.length === 0
      ? [{ rule, index: undefined, ...read({}) }]
      : written.map((match, index) => ({ rule, index, ...read(match) }))
  })
})

type Read = Pick<ReadMatch, 'match' | 'rank'>

/** A test that cannot be read. */
const unreadable = 'unreadable'
type Readable<T> = T | typeof unreadable

function readHttp({ path, method, headers, queryParams }: RuleMatch): Read {
  const tests = {
    path: pathTestOf(path),
    method: methodTestOf(method),
    headers: namedTestsOf(headers, name => name.toLowerCase()),
    query: namedTestsOf(queryParams, name => name),
  }
  const { value = '/' } = fieldsOf(path)
  const kind = tests.path !== unreadable && tests.path !== undefined ? tests.path.is : 'prefix'
  const length =
    tests.path === undefined || tests.path === unreadable ? 1 : lengthOf(tests.path, String(value))
  return {
    match: matchOf(tests),
    rank: {
      path: kind === 'exact' || kind === 'regex' ? kind : 'prefix',
      sizes: [length, method === undefined ? 0 : 1, countOf(tests.headers), countOf(tests.query)],
    },
  }
}

/** A slash at the end of a prefix is ignored, so that it is none of its characters. */
const lengthOf = (test: TextTest, written: string): number =>
  test.is === 'path-prefix' ? test.text.length : written.length

function readGrpc({ method, headers }: RuleMatch): Read {
  const call = fieldsOf(method)
  const tests = {
    path: callTestOf(method),
    headers: namedTestsOf(headers, name => name.toLowerCase()),
  }
  return {
    match: matchOf({ ...tests, method: undefined, query: [] }),
    rank: {
      path: 'prefix',
      sizes: [sizeOf(call['service']), sizeOf(call['method']), countOf(tests.headers)],
    },
  }
}

const sizeOf = (value: unknown): number => textOf(value)?.length ?? 0

const countOf = (tests: Readable<readonly NamedTest[]>): number => (tests === unreadable ? 0 : tests.length)

interface ReadTests {
  readonly path: Readable<TextTest | undefined>
  readonly method: Readable<TextTest | undefined>
  readonly headers: Readable<readonly NamedTest[]>
  readonly query: Readable<readonly NamedTest[]>
}

function matchOf({ path, method, headers, query }: ReadTests): Match | undefined {
  return path === unreadable || method === unreadable || headers === unreadable || query === unreadable
    ? undefined
    : { ...anything, path, method, headers, query }
}

/** The test of a path; undefined for the prefix `/`, which every path has. */
function pathTestOf(path: unknown): Readable<TextTest | undefined> {
  const { type = 'PathPrefix', value = '/' } = fieldsOf(path)
  if (typeof value !== 'string' || (path !== undefined && !isFields(path))) return unreadable
  switch (type) {
    case 'Exact':
      return { is: 'exact', text: value }
    case 'PathPrefix': {
      const text = value.length > 1 ? value.replace(/\/$/, '') : value
      return text === '/' ? undefined : { is: 'path-prefix', text }
    }
    case 'RegularExpression':
      return { is: 'regex', pattern: value }
    default:
      return unreadable
  }
}

function methodTestOf(method: unknown): Readable<TextTest | undefined> {
  if (method === undefined) return undefined
  return typeof method === 'string' ? { is: 'exact', text: method } : unreadable
}

/** Tests of headers or query parameters: of several for one name only the first counts. */
function namedTestsOf(tests: unknown, keyOf: (name: string) => string): Readable<readonly NamedTest[]> {
  const found = new Map<string, TextTest>()
  for (const item of itemsOf(tests).map(fieldsOf)) {
    const { type = 'Exact', name, value } = item
    if (typeof name !== 'string' || typeof value !== 'string') return unreadable
    const test = valueTestOf(type, value)
    if (test === unreadable) return unreadable
    const key = keyOf(name)
    if (!found.has(key)) found.set(key, test)
  }
  return [...found].map(([name, test]) => ({ name, test }))
}

function valueTestOf(type: unknown, value: string): Readable<TextTest> {
  if (type === 'Exact') return { is: 'exact', text: value }
  return type === 'RegularExpression' ? { is: 'regex', pattern: value } : unreadable
}

/** The path of a gRPC call is `/SERVICE/METHOD`; undefined for every call. */
function callTestOf(method: unknown): Readable<TextTest | undefined> {
  if (method === undefined) return undefined
  if (!isFields(method)) return unreadable
  const { type = 'Exact' } = method
  const [service, called] = [textOf(method['service']), textOf(method['method'])]
  if (type === 'RegularExpression') return { is: 'regex', pattern: `/${groupOf(service)}/${groupOf(called)}` }
  if (type !== 'Exact') return unreadable
  if (service !== undefined)
    return called === undefined
      ? { is: 'prefix', text: `/${service}/` }
      : { is: 'exact', text: `/${service}/${called}` }
  return called === undefined ? undefined : { is: 'regex', pattern: `/[^/]+/${escapeRegex(called)}` }
}

const groupOf = (pattern: string | undefined): string => (pattern === undefined ? '[^/]+' : `(?:${pattern})`)
