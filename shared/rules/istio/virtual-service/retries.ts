import type { Path } from '../../rule.ts'
import { durationFault } from '../duration.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'

export interface RetriesSpec {
  readonly attempts?: number
  readonly perTryTimeout?: string
  readonly backoff?: string
  readonly retryOn?: string
  readonly retryRemoteLocalities?: boolean | null
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

/** The HTTP status codes that have a name, from the first to the last of each run (IANA). */
const namedStatusCodes: readonly (readonly [number, number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
]

function isStatusCode(text: string): boolean {
  const code = /^\+?\d{1,9}$/.test(text) ? Number(text) : 0
  return namedStatusCodes.some(([first, last]) => code >= first && code <= last)
}

/** What is wrong with retries. */
export function* checkRetries(retries: RetriesSpec, path: Path): Iterable<Fault> {
  const { attempts = 0, perTryTimeout, backoff, retryOn = '' } = retries
  if (attempts < 0)
    yield { path: [...path, 'attempts'], message: `attempts must not be negative, but is ${attempts}` }
  if (attempts === 0 && hasOtherSettings(retries)) {
    yield {
      path,
      message: 'attempts is 0, which disables retries, but other retry settings are set',
      about: '',
    }
  }
  if (perTryTimeout !== undefined) yield* faultAt([...path, 'perTryTimeout'], durationFault(perTryTimeout))
  if (backoff !== undefined) yield* faultAt([...path, 'backoff'], durationFault(backoff))
  if (retryOn !== '') yield* checkRetryOn(retryOn, [...path, 'retryOn'])
}

const hasOtherSettings = ({ perTryTimeout, retryOn = '', retryRemoteLocalities }: RetriesSpec): boolean =>
  perTryTimeout !== undefined
  || retryOn !== ''
  || (retryRemoteLocalities !== undefined && retryRemoteLocalities !== null)

function* checkRetryOn(retryOn: string, path: Path): Iterable<Fault> {
  for (const policy of retryOn.split(',')) {
    if (!retryPolicies.has(policy) && !isStatusCode(policy)) {
      yield {
        path,
        message: `${JSON.stringify(policy)} is not a condition to retry on`,
        about: policy,
      }
    }
  }
}
