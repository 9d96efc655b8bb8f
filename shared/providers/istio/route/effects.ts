import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import type {
  Decision,
  InjectedFault,
  HeaderChanges,
  HeaderOperations,
  Redirect,
  Retries,
  Rewrite,
} from '../../../routing/request/decision.ts'

/** Fields of a route, as they are written. */
type Fields = Readonly<Record<string, unknown>>

/** What a route does to a forwarded request besides choosing its destination. */
export function forwardOf(fields: Fields): Pick<Decision, 'rewrite' | 'timeout' | 'retries'> {
  const rewrite = rewriteOf(fields)
  const timeout = durationOf(fields['timeout']) ?? 0
  const retries = isFields(fields['retries']) ? retriesOf(fields['retries']) : undefined
  return {
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(timeout > 0 ? { timeout } : {}),
    ...(retries === undefined ? {} : { retries }),
  }
}

function rewriteOf(fields: Fields): Rewrite | undefined {
  const { uri, authority, uriRegexRewrite } = fieldsOf(fields['rewrite'])
  const prefix = textOf(uri)
  const host = textOf(authority) ?? authorityIn(fields['headers']) ?? loneAuthority(fields['route'])
  const regex = isFields(uriRegexRewrite)
    ? {
        match: textOf(uriRegexRewrite['match']) ?? '',
        substitution: textOf(uriRegexRewrite['rewrite']) ?? '',
      }
    : undefined
  const rewrite = {
    ...(regex === undefined ? (prefix === undefined ? {} : { prefix }) : { regex }),
    ...(host === undefined ? {} : { authority: host }),
  }
  return Object.keys(rewrite).length === 0 ? undefined : rewrite
}

/**
 * The Host header that header operations set, which proxies take for a rewrite of the authority; `set` goes
 * before `add`.
 */
function authorityIn(headers: unknown): string | undefined {
  const { set, add } = fieldsOf(fieldsOf(headers)['request'])
  const found = [add, set].flatMap(operation =>
    Object.entries(fieldsOf(operation)).flatMap(([name, value]) =>
      isAuthority(name) && typeof value === 'string' && value !== '' ? [value] : [],
    ),
  )
  return found.at(-1)
}

/** A lone destination's operations are the route's. */
function loneAuthority(destinations: unknown): string | undefined {
  const [one, ...others] = itemsOf(destinations)
  return others.length > 0 ? undefined : authorityIn(fieldsOf(one)['headers'])
}

const isAuthority = (name: string): boolean => /^(:authority|host)$/i.test(name)

/** Header operations; those on the request line are no such (isInternalHeader). */
export function headersOf(value: unknown): HeaderOperations | undefined {
  const { request, response } = fieldsOf(value)
  const operations = { request: changesOf(fieldsOf(request)), response: changesOf(fieldsOf(response)) }
  const isEmpty = [operations.request, operations.response].every(
    ({ set, add, remove }) => Object.keys(set).length + Object.keys(add).length + remove.length === 0,
  )
  return isEmpty ? undefined : operations
}

function changesOf({ set, add, remove }: Fields): HeaderChanges {
  const isInternal = (name: string): boolean => name.startsWith(':') || name.toLowerCase() === 'host'
  const pairs = (value: unknown): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(fieldsOf(value)).flatMap(([name, text]) =>
        isInternal(name) || typeof text !== 'string' ? [] : [[name, text] as const],
      ),
    )
  return { set: pairs(set), add: pairs(add), remove: textsOf(remove).filter(name => !isInternal(name)) }
}

/** What a redirect says of its listener: the port, and whether it ends TLS. */
export interface RedirectFrom {
  readonly port: number | undefined
  readonly tls: boolean
}

/** Where a route sends its clients (ApplyRedirect). */
export function redirectOf(redirect: Fields, from: RedirectFrom): Redirect {
  const scheme = textOf(redirect['scheme'])
  const host = textOf(redirect['authority'])
  const path = textOf(redirect['uri'])
  const prefixRewrite = textOf(redirect['prefixRewrite'])
  const port = redirectPort(redirect, from)
  return {
    code: numberOf(redirect['redirectCode']) || 301,
    ...(scheme === undefined ? {} : { scheme }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(prefixRewrite === undefined ? (path === undefined ? {} : { path }) : { prefixRewrite }),
  }
}

/** The port that a redirect says, unless its scheme says it. */
function redirectPort(redirect: Fields, { port, tls }: RedirectFrom): number | undefined {
  const said = redirect['derivePort'] === 'FROM_REQUEST_PORT' ? port : numberOf(redirect['port'])
  const scheme = textOf(redirect['scheme']) ?? (tls ? 'https' : 'http')
  return (said === 80 && scheme === 'http') || (said === 443 && scheme === 'https') ? undefined : said
}

/** What a route makes go wrong on purpose (TranslateFault). */
export function faultOf({ delay, abort }: Fields): InjectedFault | undefined {
  const milliseconds = durationOf(fieldsOf(delay)['fixedDelay'])
  const aborted = fieldsOf(abort)
  const httpStatus = numberOf(aborted['httpStatus'])
  const grpcStatus = textOf(aborted['grpcStatus'])
  const fault = {
    ...(milliseconds === undefined ? {} : { delay: { milliseconds, percent: percentOf(fieldsOf(delay)) } }),
    ...(httpStatus === undefined && grpcStatus === undefined
      ? {}
      : {
          abort: {
            ...(httpStatus === undefined ? {} : { httpStatus }),
            ...(grpcStatus === undefined ? {} : { grpcStatus }),
            percent: percentOf(aborted),
          },
        }),
  }
  return Object.keys(fault).length === 0 ? undefined : fault
}

/** A share in percent; none is said for nobody. */
const percentOf = ({ percentage, percent }: Fields): number =>
  (isFields(percentage) ? numberOf(percentage['value']) : numberOf(percent)) ?? 0

function retriesOf(retries: Fields): Retries {
  const perTryTimeout = durationOf(retries['perTryTimeout'])
  const on = textOf(retries['retryOn'])
  return {
    attempts: numberOf(retries['attempts']) ?? 0,
    ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
    ...(on === undefined ? {} : { on }),
  }
}

/** Milliseconds; what Envoy would not take for a time to wait is as good as not written. */
function durationOf(value: unknown): number | undefined {
  const milliseconds = parseDuration(textOf(value) ?? '')
  return milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined
}
