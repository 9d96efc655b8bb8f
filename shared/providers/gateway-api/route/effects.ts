import type { RouteFilter, RouteRule } from '../../../objects/gateway-api.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import type {
  Decision,
  HeaderChanges,
  HeaderOperations,
  Redirect,
  Rewrite,
} from '../../../routing/request/decision.ts'
import type { TextTest } from '../../../routing/text-test.ts'

/** Fields of a filter, as they are written. */
type Fields = Readonly<Record<string, unknown>>

/** What is done to headers by the filters of a rule or of a backend. */
export function headersOf(filters: readonly RouteFilter[]): HeaderOperations | undefined {
  const named = (type: string) => filters.find(filter => filter.type === type)
  const request = changesOf(fieldsOf(named('RequestHeaderModifier')?.requestHeaderModifier))
  const response = changesOf(fieldsOf(named('ResponseHeaderModifier')?.responseHeaderModifier))
  const isEmpty = [request, response].every(
    ({ set, add, remove }) => Object.keys(set).length + Object.keys(add).length + remove.length === 0,
  )
  return isEmpty ? undefined : { request, response }
}

const changesOf = ({ set, add, remove }: Fields): HeaderChanges => ({
  set: pairsOf(set),
  add: pairsOf(add),
  remove: textsOf(remove),
})

/** Headers by their names: of several for one name, whatever its case, the first counts. */
function pairsOf(value: unknown): Readonly<Record<string, string>> {
  const found = new Map<string, readonly [name: string, value: string]>()
  for (const { name, value: text } of itemsOf(value).map(fieldsOf))
    if (typeof name === 'string' && typeof text === 'string' && !found.has(name.toLowerCase()))
      found.set(name.toLowerCase(), [name, text])
  return Object.fromEntries(found.values())
}

const knownFilters: ReadonlySet<unknown> = new Set([
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestMirror',
  'RequestRedirect',
  'URLRewrite',
  // These answer or refuse some requests themselves, and change no destination.
  'CORS',
  'ExternalAuth',
])

/**
 * Whether a filter is of a type that is not known, or an extension where the implementation has none: a proxy that
 * cannot carry it out must answer with an error (https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter).
 */
export const hasUnknownFilter = (filters: readonly RouteFilter[], mayExtend: boolean): boolean =>
  filters.some(({ type }) => !knownFilters.has(type) && !(mayExtend && type === 'ExtensionRef'))

/** What a path modifier does, once the path is known. */
export type PathChange = (path: string) => string | undefined

/**
 * The path that a modifier makes of another one; undefined where it changes nothing. A prefix is replaced by whole
 * elements, where a prefix was asked for (https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier).
 */
export function pathChangeOf(modifier: unknown, matched: TextTest | undefined): PathChange | undefined {
  if (!isFields(modifier)) return undefined
  const { type, replaceFullPath, replacePrefixMatch } = modifier
  if (type === 'ReplaceFullPath' && typeof replaceFullPath === 'string') return () => replaceFullPath || '/'
  if (type !== 'ReplacePrefixMatch' || typeof replacePrefixMatch !== 'string') return undefined
  const prefix = prefixIn(matched)
  if (prefix === undefined) return undefined
  const replacement = replacePrefixMatch.replace(/\/$/, '')
  return path => `${replacement}${path.slice(prefix.length)}` || '/'
}

/** The prefix that a match asks for, without a slash at its end; no test is that of every path. */
function prefixIn(matched: TextTest | undefined): string | undefined {
  if (matched === undefined) return ''
  return matched.is === 'path-prefix' ? matched.text.replace(/\/$/, '') : undefined
}

/** What a redirect says of its listener: the port, and whether it ends TLS. */
export interface RedirectingListener {
  readonly port: number
  readonly tls: boolean
}

/**
 * Where a redirect sends clients, except for the path. A port that the scheme implies is not said
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter).
 */
export function redirectOf(redirect: Fields, { port: listened, tls }: RedirectingListener): Redirect {
  const scheme = textOf(redirect['scheme'])
  const host = textOf(redirect['hostname'])
  const actual = scheme ?? (tls ? 'https' : 'http')
  const implied = actual === 'https' ? 443 : 80
  const port = numberOf(redirect['port']) ?? (scheme === undefined ? listened : implied)
  return {
    code: numberOf(redirect['statusCode']) ?? 302,
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { host }),
    ...(port !== implied && { port }),
  }
}

/** What a rewrite makes of the Host header. */
export function authorityOf(rewrite: Fields): Rewrite | undefined {
  const authority = textOf(rewrite['hostname'])
  return authority === undefined ? undefined : { authority }
}

/**
 * The times to wait and the retries of a rule. Without retries there is one request to a backend, so that the
 * shorter time counts.
 */
export function timesOf({ timeouts, retry }: RouteRule): Pick<Decision, 'timeout' | 'retries'> {
  const [whole, each] = [fieldsOf(timeouts)['request'], fieldsOf(timeouts)['backendRequest']].map(durationOf)
  if (!isFields(retry)) {
    const timeout = Math.min(whole ?? Infinity, each ?? Infinity)
    return timeout === Infinity ? {} : { timeout }
  }
  const codes = itemsOf(retry['codes']).filter(code => typeof code === 'number')
  return {
    ...(whole !== undefined && { timeout: whole }),
    retries: {
      attempts: numberOf(retry['attempts']) ?? 1,
      ...(each !== undefined && { perTryTimeout: each }),
      ...(codes.length > 0 && { on: codes.join(',') }),
    },
  }
}

/** Milliseconds; 0 is for no limit at all. */
function durationOf(value: unknown): number | undefined {
  const milliseconds = parseDuration(textOf(value) ?? '')
  return milliseconds !== undefined && milliseconds > 0 ? milliseconds : undefined
}
