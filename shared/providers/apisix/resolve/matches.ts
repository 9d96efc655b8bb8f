import type { ApisixExpr, ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { derivedOnce, fieldsOf, itemsOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import { describe } from '../../../routing/describe-match.ts'
import { anything, type Match, type NamedTest } from '../../../routing/match.ts'
import type { TextTest } from '../../../routing/text-test.ts'
import { conditionTestOf, escapeRegex } from '../../../routing/condition.ts'
import { rulesOf } from './rules.ts'

/** A path of a rule with one of its methods, and all else that it asks. */
export interface PathMatch {
  /** The index of its rule. */
  readonly rule: number
  /** As it is written: `/items*`. */
  readonly path: string
  readonly match: Match
  /** What of the rule nobody can tell from a request: `filter_func`; empty where all is read. */
  readonly unsure: readonly string[]
}

/**
 * What a rule requires of requests, for each of its paths and methods. A path with a `*` at its end is a prefix of the text,
 * one without is exact, and one with a `*` inside a regular expression (https://apisix.apache.org/docs/apisix/router-radixtree/).
 */
export const matchesOf: (route: ApisixRoute) => readonly PathMatch[] = derivedOnce(route =>
  rulesOf(route).flatMap((rule, index) => matchesOfRule(rule).map(each => ({ ...each, rule: index }))),
)

function matchesOfRule(rule: ApisixRule): readonly Omit<PathMatch, 'rule'>[] {
  const { paths, methods, exprs, filter_func: filter, remoteAddrs } = fieldsOf(rule.match)
  const read = itemsOf(exprs).map(expr => readExpr(fieldsOf(expr) as ApisixExpr))
  const unsure = [
    ...(textOf(filter) === undefined ? [] : ['filter_func']),
    ...(itemsOf(remoteAddrs).length > 0 ? ['remoteAddrs'] : []),
    ...read.flatMap(each => ('unsure' in each ? [each.unsure] : [])),
  ]
  const tests = read.flatMap(each => ('unsure' in each ? [] : [each]))
  const named = (place: ExprTest['in']): readonly NamedTest[] =>
    tests.filter(each => each.in === place).map(({ name, test }) => ({ name, test }))
  const asked = { headers: named('headers'), withoutHeaders: named('withoutHeaders'), query: named('query') }
  const called = textsOf(methods)
  return textsOf(paths).flatMap(path =>
    (called.length === 0 ? [undefined] : called).map(method => ({
      path,
      match: {
        ...anything,
        ...asked,
        path: pathTest(path),
        method: method === undefined ? undefined : ({ is: 'exact', text: method } as const),
      },
      unsure: hasParameter(path) ? [...unsure, 'the router radixtree_uri_with_parameter'] : unsure,
    })),
  )
}

/** Whether a path has an element such as `:id`, which one kind of router takes for any text, and the others as it is. */
const hasParameter = (path: string): boolean => path.includes('/:') && !path.includes('*')

/** Where what stands for any text begins in a path; -1 in one that is exact. */
export const wildAt = (path: string): number =>
  hasParameter(path) ? path.indexOf('/:') + 1 : path.indexOf('*')

/**
 * What is before the first `*`, as a prefix; without one the whole path. With more after it, elements that begin with `*`
 * or `:` stand for any text, all other text after the first `*` is a pattern of PCRE, and without such an element only the
 * prefix counts (lua-resty-radixtree, common_route_data, fetch_pat and compare_param).
 */
function pathTest(path: string): TextTest {
  const wild = wildAt(path)
  if (wild < 0) return { is: 'exact', text: path }
  const elements = path.split('/')
  const isName = (element: string): boolean => element.startsWith('*') || element.startsWith(':')
  const isPrefix = wild === path.length - 1 || !elements.some(isName)
  if (isPrefix) return { is: 'prefix', text: path.slice(0, wild) }
  const before = path.slice(0, wild).split('/').length - 1
  const patterns = elements.map((element, i) => {
    if (!isName(element)) return i < before ? escapeRegex(element) : element
    return element.startsWith('*') ? '[\\s\\S]*' : '[^/]+'
  })
  return { is: 'regex', pattern: patterns.join('/') }
}

/** The requests of a rule in few words: its paths as they are written, and what a request does not tell. */
export function describeTaken({ path, match, unsure }: PathMatch): string {
  const written = match.path?.is === 'regex' ? { is: 'exact' as const, text: path } : match.path
  const further = unsure.length === 0 ? '' : `with ${unsure.join(' and ')}`
  return [describe([{ ...match, path: written }]), further].filter(text => text !== '').join(' ')
}

interface ExprTest {
  readonly in: 'headers' | 'withoutHeaders' | 'query'
  readonly name: string
  readonly test: TextTest
}

/** An expression as a test; or what it is, where a request as we know it does not tell. */
function readExpr(expr: ApisixExpr): ExprTest | { readonly unsure: string } {
  const { scope, name } = fieldsOf(expr.subject)
  const found = testOfExpr(...subjectOf(textOf(scope) ?? '', textOf(name) ?? ''), expr)
  const words = [scope, name].filter(Boolean).join(' ')
  return found ?? { unsure: `the expression on ${words} (${expr.op})` }
}

/** What a variable of nginx holds by its name, as the controller writes the other subjects (api/v2/apisixroute_types.go, ToVars). */
function subjectOf(scope: string, name: string): readonly [scope: string, name: string] {
  const [, holder = '', of = ''] = (scope === 'Variable' && /^(http|arg|cookie)_(.+)$/.exec(name)) || []
  const held = variables[holder]
  return held === undefined ? [scope, name] : [held, of]
}

const variables: Readonly<Record<string, string>> = { http: 'Header', arg: 'Query', cookie: 'Cookie' }

function testOfExpr(scope: string, name: string, { op = '', value, set }: ApisixExpr): ExprTest | undefined {
  const found = testOfOp(op, { value: textOf(value) ?? '', set: textsOf(set) })
  if (found === undefined) return undefined
  const { test, isNot } = found
  if (scope === 'Header') return { in: isNot ? 'withoutHeaders' : 'headers', name: headerIn(name), test }
  if (isNot) return undefined
  if (scope === 'Query') return { in: 'query', name, test }
  return scope === 'Cookie' && test.is === 'exact' ? cookieTest(name, test.text) : undefined
}

/** A header has one name with dashes and with underscores: in nginx it is a variable with underscores. */
const headerIn = (name: string): string => name.toLowerCase().replaceAll('_', '-')

/** A cookie as other routing APIs ask for it: by the header that carries it. */
function cookieTest(cookie: string, value: string): ExprTest {
  const { name, test } = conditionTestOf({ on: 'cookie', name: cookie, value })
  return { in: 'headers', name, test }
}

interface OpTest {
  readonly test: TextTest
  /** What must not be. */
  readonly isNot: boolean
}

/**
 * What an operator requires of a text, as lua-resty-expr evaluates it: what is not there meets no operator but those that
 * say not, and a regular expression looks for a part of the text. Numbers are not compared.
 */
function testOfOp(
  op: string,
  { value, set }: { readonly value: string; readonly set: readonly string[] },
): OpTest | undefined {
  switch (op) {
    case 'Equal':
      return { test: { is: 'exact', text: value }, isNot: false }
    case 'In':
      return { test: oneOf(set), isNot: false }
    // An absent header is compared as an empty one, which these would distinguish.
    case 'NotEqual':
      return value === '' ? undefined : { test: { is: 'exact', text: value }, isNot: true }
    case 'NotIn':
      return set.includes('') ? undefined : { test: oneOf(set), isNot: true }
    case 'RegexMatch':
      return isKnownRegex(value) ? { test: regexTest(value), isNot: false } : undefined
    case 'RegexMatchCaseInsensitive':
      return isKnownRegex(value)
        ? { test: { is: 'regex', pattern: somewhere(`(?i:${value})`) }, isNot: false }
        : undefined
    default:
      return undefined
  }
}

const oneOf = (texts: readonly string[]): TextTest =>
  texts.length === 1
    ? { is: 'exact', text: texts[0]! }
    : { is: 'regex', pattern: `(?:${texts.map(escapeRegex).join('|')})` }

/** Whether a pattern of PCRE says the same to RE2: no look around, no reference to a group. */
const isKnownRegex = (pattern: string): boolean => !/\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+/.test(pattern)

const somewhere = (pattern: string): string => `[\\s\\S]*?(?:${pattern})[\\s\\S]*`

/** A pattern that is looked for; one that is anchored at both ends is about the whole text, and one of ours about its start. */
function regexTest(pattern: string): TextTest {
  if (pattern === presentPattern) return { is: 'present' }
  const whole = /^\^\(\?:([\s\S]*)\)\$$/.exec(pattern)?.[1]
  if (whole !== undefined && isBalanced(whole)) return { is: 'regex', pattern: whole }
  const prefix = /^\^((?:[^\\^$.*+?()[\]{}|]|\\[\\^$.*+?()[\]{}|])+)$/.exec(pattern)?.[1]
  return prefix === undefined
    ? { is: 'regex', pattern: somewhere(pattern) }
    : { is: 'prefix', text: prefix.replaceAll(/\\(.)/g, '$1') }
}

/** Whether no bracket of a pattern closes one that was opened before it. */
function isBalanced(pattern: string): boolean {
  let depth = 0
  for (const char of pattern.replaceAll(/\\[\s\S]/g, '')) {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0
    if (depth < 0) return false
  }
  return depth === 0
}

/** What every text has that is there. */
export const presentPattern = '^'

/** A test as an expression asks it: the operator, and its value. */
export function exprOfTest(test: TextTest): Pick<ApisixExpr, 'op' | 'value'> {
  switch (test.is) {
    case 'exact':
      return { op: 'Equal', value: test.text }
    case 'prefix':
    case 'path-prefix':
      return { op: 'RegexMatch', value: `^${escapeRegex(test.text)}` }
    case 'regex':
      return { op: 'RegexMatch', value: `^(?:${test.pattern})$` }
    case 'present':
      return { op: 'RegexMatch', value: presentPattern }
  }
}
