import { isLabel } from '../../../objects/hosts.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import type { StringMatch } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import type { Fault, Re2Fault } from '../../schema/fault.ts'
import { byteLength, checkLabels, domainFault, faultAt, isSubnet, portFault } from '../names.ts'
import { isHeaderName } from './headers.ts'

type StringMatches = Readonly<Record<string, StringMatch>>

export interface HttpMatchSpec extends PeerMatch {
  readonly uri?: StringMatch
  readonly scheme?: StringMatch
  readonly method?: StringMatch
  readonly authority?: StringMatch
  readonly headers?: StringMatches
  readonly withoutHeaders?: StringMatches
  readonly queryParams?: StringMatches
  readonly sourceNamespace?: string
}

/** What http, tcp and tls matches have in common. */
export interface PeerMatch {
  readonly port?: number
  readonly sourceLabels?: Readonly<Record<string, string>>
  readonly gateways?: readonly string[]
  readonly destinationSubnets?: readonly string[]
}

const plainTests = ['uri', 'scheme', 'method', 'authority'] as const
const plainFields: ReadonlySet<string> = new Set([...plainTests, 'headers', 'name', 'ignoreUriCase'])

/**
 * Whether a block is one of the most common, with nothing wrong in it: it tests parts of the request line and headers by
 * texts. `checkHttpMatch` finds nothing in it, and takes many times as long.
 */
export function isMatchSound(match: HttpMatchSpec): boolean {
  for (const key in match) if (!plainFields.has(key)) return false
  for (const key of plainTests) if (!isTextTest(match[key])) return false
  const { headers } = match
  for (const name in headers)
    if (!isTextTest(headers[name]) || name.startsWith('@') || !isHeaderName(name)) return false
  return true
}

/** Whether nothing can be wrong with a test: no expression, and no prefix that is empty. */
const isTextTest = (test: StringMatch | undefined): boolean =>
  test?.regex === undefined && test?.prefix !== ''

/** What is wrong with one block of an http route's `match`. */
export function* checkHttpMatch(
  match: HttpMatchSpec,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  const { queryParams = {}, uri, sourceNamespace = '' } = match
  yield* checkHeaderMatches(match, re2Fault, path)
  for (const [name, value] of Object.entries(queryParams))
    yield* checkStringMatch(value, re2Fault, [...path, 'queryParams', name])
  for (const key of ['scheme', 'method', 'authority'] as const)
    yield* checkStringMatch(match[key] ?? {}, re2Fault, [...path, key])
  // An empty prefix takes every path.
  yield* checkRegex(uri?.regex, re2Fault, [...path, 'uri', 'regex'])
  if (sourceNamespace !== '' && !isLabel(sourceNamespace)) {
    yield {
      path: [...path, 'sourceNamespace'],
      message: `${quotedName(sourceNamespace)} is not the name of a namespace`,
    }
  }
  yield* checkPeerMatch(match, path)
}

function* checkHeaderMatches(
  { headers = {}, withoutHeaders = {} }: HttpMatchSpec,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  for (const [name, value] of Object.entries(headers)) {
    yield* checkHeaderName(name, [...path, 'headers', name])
    yield* checkStringMatch(value, re2Fault, [...path, 'headers', name])
  }
  for (const [name, value] of Object.entries(withoutHeaders)) {
    yield* checkHeaderName(name, [...path, 'withoutHeaders', name])
    // Here * means presence and is no regular expression.
    if (value.regex !== '*') yield* checkStringMatch(value, re2Fault, [...path, 'withoutHeaders', name])
  }
}

/** What is wrong with a match's port, source and gateways. */
export function* checkPeerMatch(
  { port = 0, sourceLabels, gateways = [], destinationSubnets = [] }: PeerMatch,
  path: Path,
): Iterable<Fault> {
  for (const [i, subnet] of destinationSubnets.entries()) {
    if (!isSubnet(subnet)) {
      yield {
        path: [...path, 'destinationSubnets', i],
        message: `${JSON.stringify(subnet)} is neither an address nor a block in CIDR notation`,
      }
    }
  }
  if (port !== 0) yield* faultAt([...path, 'port'], portFault(port))
  yield* checkLabels(sourceLabels, [...path, 'sourceLabels'])
  yield* checkGatewayNames(gateways, [...path, 'gateways'])
}

/**
 * Gateways are named `mesh`, `NAME` or `NAMESPACE/NAME`. What follows a name without a slash is not looked at
 * by Istio.
 */
export function* checkGatewayNames(gateways: readonly string[], path: Path): Iterable<Fault> {
  for (const [i, gateway] of gateways.entries()) {
    const [namespace = '', name] = gateway.split(/\/(.*)/s)
    if (name === undefined) {
      yield* faultAt([...path, i], domainFault(gateway))
      return
    }
    if (!isLabel(namespace))
      yield { path: [...path, i], message: `${JSON.stringify(namespace)} is not the name of a namespace` }
    else if (!isLabel(name))
      yield { path: [...path, i], message: `${JSON.stringify(name)} is not the name of a gateway` }
  }
}

/**
 * A header matcher that reads a JWT's claims: `@request.auth.claims.group` or `@request.auth.claims[group]`.
 */
export const isJwtClaim = (name: string): boolean =>
  name[0] === '@' && /^@request\.auth\.claims(?:\..|\[.+\]$)/is.test(name)

const pseudoHeaders: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path', ':status'])

function* checkHeaderName(name: string, path: Path): Iterable<Fault> {
  if (isJwtClaim(name) || pseudoHeaders.has(name) || isHeaderName(name)) return
  yield {
    path,
    message:
      name === ''
        ? 'the name of a header must not be empty'
        : `${JSON.stringify(name)} is not the name of a header`,
    about: '',
  }
}

/** What is wrong with a matcher; an exact match may be empty, a prefix may not. */
function* checkStringMatch(
  { prefix, regex }: StringMatch,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if (prefix === '')
    yield {
      path: [...path, 'prefix'],
      message: 'a prefix must not be empty; leave the matcher empty to match any value',
    }
  yield* checkRegex(regex, re2Fault, [...path, 'regex'])
}

/** What is wrong with a regular expression: Envoy takes RE2, of at most 1024 bytes. */
export function* checkRegex(
  regex: string | undefined,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if (regex === undefined) return
  if (regex === '') return yield { path, message: 'a regular expression must not be empty' }
  if (byteLength(regex) > 1024)
    return yield { path, message: 'a regular expression can have at most 1024 bytes', about: 'long' }
  const message = re2Fault?.(regex)
  if (message !== undefined)
    yield { path, message: `not a regular expression that Envoy accepts (RE2 syntax): ${message}` }
}
