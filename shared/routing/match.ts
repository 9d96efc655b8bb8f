import type { Labels } from '../objects/kube-object.ts'
import type { Request } from './request/request.ts'
import { formatTest, passes, type Regex, type TextTest } from './text-test.ts'

/** What a text under a name must be: a header, in lower case, or a query parameter. */
export interface NamedTest {
  readonly name: string
  readonly test: TextTest
}

/** What a route requires of a request and of its caller; all of it must be met. */
export interface Match {
  readonly path: TextTest | undefined
  /** Whether the path's case does not matter; a regex keeps it. */
  readonly ignoresCase: boolean
  readonly method: TextTest | undefined
  readonly scheme: TextTest | undefined
  /** The Host header, with its port. */
  readonly authority: TextTest | undefined
  readonly headers: readonly NamedTest[]
  readonly withoutHeaders: readonly NamedTest[]
  /** Of the caller's verified token (JWT), by the path of the claim; only gateways read one. */
  readonly claims: readonly NamedTest[]
  readonly withoutClaims: readonly NamedTest[]
  readonly query: readonly NamedTest[]
  readonly callerLabels: Labels
  readonly callerNamespace: string | undefined
  readonly port: number | undefined
  /**
   * The entrances that it is for (the mesh, gateways), by their names in the routing API; none is all. Which
   * one a request takes is not the request's to say.
   */
  readonly entrances: readonly string[]
}

/** The match that every request meets. */
export const anything: Match = {
  path: undefined,
  ignoresCase: false,
  method: undefined,
  scheme: undefined,
  authority: undefined,
  headers: [],
  withoutHeaders: [],
  claims: [],
  withoutClaims: [],
  query: [],
  callerLabels: {},
  callerNamespace: undefined,
  port: undefined,
  entrances: [],
}

/** A condition that a request does not meet. */
export interface Unmet {
  readonly on:
    | 'caller-label'
    | 'caller-namespace'
    | 'entrance'
    | 'port'
    | 'path'
    | 'method'
    | 'scheme'
    | 'authority'
    | 'header'
    | 'claim'
    | 'query'
  /** Of the header, claim, parameter or label. */
  readonly name?: string
  /** As people read it: `gold`, `go*`, `~ go.*`, `present`; `not gold` and `absent` for what must not be. */
  readonly expected: string
  /** Undefined for what is not there. */
  readonly actual: string | undefined
}

/** The first condition that a request does not meet; undefined if it meets all. Entrances are not asked. */
export const unmetBy = (match: Match, request: Request, regex: Regex): Unmet | undefined =>
  unmetCaller(match, request)
  ?? unmetLine(match, request, regex)
  ?? unmetHeaders(match, request, regex)
  ?? unmetClaims(match, request, regex)
  ?? unmetQuery(match, request, regex)

function unmetCaller(match: Match, { caller, port }: Request): Unmet | undefined {
  for (const [name, expected] of Object.entries(match.callerLabels))
    if (caller.labels[name] !== expected)
      return { on: 'caller-label', name, expected, actual: caller.labels[name] }
  if (match.callerNamespace !== undefined && match.callerNamespace !== caller.namespace)
    return { on: 'caller-namespace', expected: match.callerNamespace, actual: caller.namespace }
  return match.port !== undefined && match.port !== port
    ? { on: 'port', expected: String(match.port), actual: String(port) }
    : undefined
}

function unmetLine(match: Match, request: Request, regex: Regex): Unmet | undefined {
  const { path, method, scheme, authority } = match
  if (path !== undefined && !passesPath(match, request.path, regex))
    return { on: 'path', expected: formatTest(path), actual: request.path }
  if (method !== undefined && !passes(method, request.method, regex))
    return { on: 'method', expected: formatTest(method), actual: request.method }
  if (scheme !== undefined && !passes(scheme, schemeOf(request), regex))
    return { on: 'scheme', expected: formatTest(scheme), actual: schemeOf(request) }
  return authority !== undefined && !passes(authority, request.host, regex)
    ? { on: 'authority', expected: formatTest(authority), actual: request.host }
    : undefined
}

function passesPath({ path, ignoresCase }: Match, actual: string, regex: Regex): boolean {
  if (path === undefined || path.is === 'present') return true
  if (!ignoresCase || path.is === 'regex') return passes(path, actual, regex)
  return passes({ ...path, text: path.text.toLowerCase() }, actual.toLowerCase(), regex)
}

function schemeOf(request: Request): string {
  const said = forwardedSchemeOf(request).toLowerCase()
  return said === 'http' || said === 'https' ? said : ownSchemeOf(request)
}

const ownSchemeOf = ({ scheme, tls }: Request): string => scheme ?? (tls === true ? 'https' : 'http')

/**
 * What the request says of the scheme that it came by: a workload's proxy believes its client, a gateway's
 * does not (`use_remote_address` of Envoy).
 */
const forwardedSchemeOf = (request: Request): string =>
  (request.caller.kind === 'workload' ? headersOf(request).get(forwardedScheme) : undefined)
  ?? ownSchemeOf(request)

const forwardedScheme = 'x-forwarded-proto'

function unmetHeaders(match: Match, request: Request, regex: Regex): Unmet | undefined {
  for (const { name, test } of match.headers) {
    const actual = headerOf(request, name)
    if (!passes(test, actual, regex)) return { on: 'header', name, expected: formatTest(test), actual }
  }
  for (const { name, test } of match.withoutHeaders) {
    const actual = headerOf(request, name)
    // A header that is not there is compared as an empty one.
    if (test.is === 'present' ? actual !== undefined : passes(test, actual ?? '', regex))
      return { on: 'header', name, expected: formatUnexpected(test), actual }
  }
  return undefined
}

/** A claim may have several values, of which one is enough. Workloads' proxies read no tokens on the way out. */
function unmetClaims(match: Match, { caller, claims = {} }: Request, regex: Regex): Unmet | undefined {
  const valuesOf = (name: string): readonly string[] =>
    caller.kind === 'gateway' ? (claims[name] ?? []) : []
  const meets = ({ name, test }: NamedTest): boolean =>
    valuesOf(name).some(value => passes(test, value, regex))
  const lacking = match.claims.find(test => !meets(test))
  const unwanted = lacking === undefined ? match.withoutClaims.find(meets) : undefined
  const unmet = lacking ?? unwanted
  if (unmet === undefined) return undefined
  const actual = valuesOf(unmet.name)
  return {
    on: 'claim',
    name: unmet.name,
    expected: lacking === undefined ? formatUnexpected(unmet.test) : formatTest(unmet.test),
    actual: actual.length === 0 ? undefined : actual.join(', '),
  }
}

function unmetQuery(match: Match, request: Request, regex: Regex): Unmet | undefined {
  for (const { name, test } of match.query) {
    const actual = (request.parameters ?? parametersOf(request)).get(name)
    if (!passes(test, actual, regex)) return { on: 'query', name, expected: formatTest(test), actual }
  }
  return undefined
}

const headersOf = derivedOnce(
  ({ headers }: Request) =>
    new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
)

/** A header by its name in lower case. The parts of the request line are headers to a proxy, too. */
function headerOf(request: Request, name: string): string | undefined {
  switch (name) {
    case 'host':
    case ':authority':
      return request.host
    case ':method':
      return request.method
    case ':scheme':
      return schemeOf(request)
    case forwardedScheme:
      return forwardedSchemeOf(request)
    case ':path':
      return request.query === undefined ? request.path : `${request.path}?${request.query}`
    default:
      return headersOf(request).get(name)
  }
}

/** Query parameters as they are written, without decoding; of several of one name the first counts. */
const parametersOf = derivedOnce(({ query }: Request): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  for (const pair of (query ?? '').split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? '' : pair.slice(equals + 1))
  }
  return parameters
})

function derivedOnce<R>(derive: (request: Request) => R): (request: Request) => R {
  const known = new WeakMap<Request, { readonly value: R }>()
  return request => {
    const found = known.get(request)
    if (found !== undefined) return found.value
    const value = derive(request)
    known.set(request, { value })
    return value
  }
}

/**
 * Whether it asks nothing of the request itself: no request of a caller that meets the rest reaches the next
 * route (IsCatchAllRoute of Istio).
 */
export const isCatchAll = ({
  path,
  method,
  scheme,
  authority,
  headers,
  withoutHeaders,
  claims,
  withoutClaims,
  query,
}: Match): boolean =>
  takesEveryPath(path)
  && method === undefined
  && scheme === undefined
  && authority === undefined
  && headers.length === 0
  && withoutHeaders.length === 0
  && claims.length === 0
  && withoutClaims.length === 0
  && query.length === 0

const takesEveryPath = (path: TextTest | undefined): boolean =>
  path === undefined
  || path.is === 'present'
  || ((path.is === 'prefix' || path.is === 'path-prefix') && path.text === '/')
  || (path.is === 'regex' && path.pattern === '.*')

const formatUnexpected = (test: TextTest): string =>
  test.is === 'present' ? 'absent' : `not ${formatTest(test)}`
