import type { Path } from '../../rule.ts'
import { durationFault } from '../duration.ts'
import type { Fault, Re2Fault } from '../fault.ts'
import { byteLength, faultAt, portFault } from '../names.ts'
import { statusFault } from './faults.ts'
import { checkRegex, type StringMatch } from './match.ts'

export interface Redirect {
  readonly uri?: string
  readonly prefixRewrite?: string
  readonly authority?: string
  readonly port?: number
  readonly derivePort?: string
  readonly scheme?: string
  readonly redirectCode?: number
}
export interface DirectResponse {
  readonly status: number
  readonly body?: { readonly string?: string; readonly bytes?: string }
}
export interface Rewrite {
  readonly uri?: string
  readonly authority?: string
  readonly uriRegexRewrite?: { readonly match?: string; readonly rewrite?: string }
}
export interface Retries {
  readonly attempts?: number
  readonly perTryTimeout?: string
  readonly backoff?: string
  readonly retryOn?: string
  readonly retryRemoteLocalities?: boolean | null
}

/** What is wrong with a redirect; Istio names the first fault only. */
export function* checkRedirect(
  redirect: Redirect,
  matches: readonly { readonly uri?: StringMatch }[],
  path: Path,
): Iterable<Fault> {
  const {
    uri = '',
    prefixRewrite = '',
    authority = '',
    port,
    derivePort,
    scheme = '',
    redirectCode = 0,
  } = redirect
  if (uri !== '' && prefixRewrite !== '')
    yield { path, message: 'a redirect has uri or prefixRewrite, not both', about: '' }
  if (
    prefixRewrite !== ''
    && matches.some(match => match.uri !== undefined && match.uri.prefix === undefined)
  ) {
    yield { path: [...path, 'prefixRewrite'], message: 'prefixRewrite needs matches on a uri prefix' }
  }
  if (
    `${uri}${prefixRewrite}${authority}${scheme}` === ''
    && port === undefined
    && derivePort === undefined
  ) {
    yield { path, message: 'a redirect changes the uri, authority, scheme or port', about: '' }
  }
  if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399)) {
    yield { path: [...path, 'redirectCode'], message: `${redirectCode} is not a redirect: 300 to 399` }
  }
  if (!['', 'http', 'https'].includes(scheme))
    yield { path: [...path, 'scheme'], message: `the scheme is http or https, not ${scheme}` }
  if (port !== undefined && port > 0) yield* faultAt([...path, 'port'], portFault(port))
}

/** What is wrong with a fixed response: its status, and a body of more than a megabyte. */
export function* checkDirectResponse(
  { status, body: { string = '', bytes = '' } = {} }: DirectResponse,
  path: Path,
): Iterable<Fault> {
  yield* faultAt([...path, 'status'], statusFault(status))
  const size = Math.max(byteLength(string), (bytes.replace(/=+$/, '').length * 3) / 4)
  if (size > 1024 * 1024)
    yield { path: [...path, 'body'], message: 'a direct response must be less than 1 MB', about: '' }
}

/** What is wrong with a rewrite. */
export function* checkRewrite(
  { uri = '', authority = '', uriRegexRewrite }: Rewrite,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if (uri !== '' && uriRegexRewrite !== undefined)
    yield { path, message: 'a rewrite has uri or uriRegexRewrite, not both', about: 'both' }
  if (uri === '' && authority === '' && uriRegexRewrite === undefined)
    yield { path, message: 'a rewrite changes the uri or the authority', about: '' }
  if (uriRegexRewrite === undefined) return
  const { match = '', rewrite = '' } = uriRegexRewrite
  if (match === '' || rewrite === '')
    yield {
      path: [...path, 'uriRegexRewrite'],
      message: 'uriRegexRewrite has both match and rewrite',
      about: '',
    }
  else yield* checkRegex(match, re2Fault, [...path, 'uriRegexRewrite', 'match'])
}

/** What Envoy takes in `retry_on`, for HTTP and gRPC, besides status codes. */
const retryPolicies: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
])

/** The HTTP status codes that have a name (IANA). */
const isStatusCode = (text: string): boolean => {
  const code = /^\+?\d{1,9}$/.test(text) ? Number(text) : 0
  return (
    (code >= 100 && code <= 103)
    || (code >= 200 && code <= 208)
    || code === 226
    || (code >= 300 && code <= 308 && code !== 306)
    || (code >= 400 && code <= 431 && ![419, 420, 427, 430].includes(code))
    || code === 451
    || (code >= 500 && code <= 511 && code !== 509)
  )
}

/** What is wrong with retries. */
export function* checkRetries(retries: Retries, path: Path): Iterable<Fault> {
  const { attempts = 0, perTryTimeout, backoff, retryOn = '', retryRemoteLocalities } = retries
  if (attempts < 0)
    yield { path: [...path, 'attempts'], message: `attempts may not be negative, but is ${attempts}` }
  if (
    attempts === 0
    && (perTryTimeout !== undefined || retryOn !== '' || (retryRemoteLocalities ?? undefined) !== undefined)
  ) {
    yield {
      path,
      message: 'attempts is 0, which turns retries off, but other settings of retries stand beside it',
      about: '',
    }
  }
  if (perTryTimeout !== undefined) yield* faultAt([...path, 'perTryTimeout'], durationFault(perTryTimeout))
  if (backoff !== undefined) yield* faultAt([...path, 'backoff'], durationFault(backoff))
  for (const policy of retryOn === '' ? [] : retryOn.split(',')) {
    if (!retryPolicies.has(policy) && !isStatusCode(policy)) {
      yield {
        path: [...path, 'retryOn'],
        message: `${JSON.stringify(policy)} is not a condition to retry on`,
        about: policy,
      }
    }
  }
}
