import type { Path } from '../../rule.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { durationFault } from '../duration.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'

export interface ConnectionPool {
  readonly http?: {
    readonly http1MaxPendingRequests?: number
    readonly http2MaxRequests?: number
    readonly maxRequestsPerConnection?: number
    readonly maxRetries?: number
    readonly maxConcurrentStreams?: number
    readonly idleTimeout?: string
    readonly h2UpgradePolicy?: string
    readonly useClientProtocol?: boolean
    readonly http2KeepAlive?: { readonly interval?: string; readonly timeout?: string }
  }
  readonly tcp?: {
    readonly maxConnections?: number
    readonly connectTimeout?: string
    readonly maxConnectionDuration?: string
    readonly idleTimeout?: string
    readonly tcpKeepalive?: { readonly time?: string; readonly interval?: string }
  }
}

/** What is wrong with a connection pool. */
export function* checkConnectionPool({ http, tcp }: ConnectionPool, path: Path): Iterable<Fault> {
  if (http === undefined && tcp === undefined)
    yield { path, message: 'a connection pool needs http or tcp settings', about: '' }
  if (http !== undefined) yield* checkHttp(http, [...path, 'http'])
  if (tcp !== undefined) yield* checkTcp(tcp, [...path, 'tcp'])
}

function* checkHttp(http: NonNullable<ConnectionPool['http']>, path: Path): Iterable<Fault> {
  for (const key of [
    'http1MaxPendingRequests',
    'http2MaxRequests',
    'maxRequestsPerConnection',
    'maxRetries',
    'maxConcurrentStreams',
  ] as const) {
    yield* checkCount(http[key], [...path, key])
  }
  yield* checkDurations({ idleTimeout: http.idleTimeout }, path)
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true) {
    yield {
      path: [...path, 'useClientProtocol'],
      message: 'must not be true if h2UpgradePolicy is UPGRADE',
    }
  }
  const { http2KeepAlive: alive } = http
  if (alive === undefined) return
  for (const key of ['interval', 'timeout'] as const) {
    if (alive[key] === undefined)
      yield { path: [...path, 'http2KeepAlive'], message: `must have ${key}`, about: key }
  }
  yield* checkDurations({ interval: alive.interval, timeout: alive.timeout }, [...path, 'http2KeepAlive'])
}

function* checkTcp(tcp: NonNullable<ConnectionPool['tcp']>, path: Path): Iterable<Fault> {
  const { maxConnections, connectTimeout, maxConnectionDuration, idleTimeout, tcpKeepalive = {} } = tcp
  yield* checkCount(maxConnections, [...path, 'maxConnections'])
  yield* checkDurations({ connectTimeout, maxConnectionDuration }, path)
  // 0s turns the timeout off, and what is less than a millisecond counts as 0.
  const off = idleTimeout !== undefined && Math.trunc(parseDuration(idleTimeout) ?? 1) === 0
  if (!off) yield* checkDurations({ idleTimeout }, path)
  yield* checkDurations({ time: tcpKeepalive.time, interval: tcpKeepalive.interval }, [
    ...path,
    'tcpKeepalive',
  ])
}

function* checkCount(count: number | undefined, path: Path): Iterable<Fault> {
  if (count !== undefined && count < 0) yield { path, message: `must not be negative, but is ${count}` }
}

function* checkDurations(
  durations: Readonly<Record<string, string | undefined>>,
  path: Path,
): Iterable<Fault> {
  for (const [key, duration] of Object.entries(durations)) {
    if (duration !== undefined) yield* faultAt([...path, key], durationFault(duration))
  }
}
