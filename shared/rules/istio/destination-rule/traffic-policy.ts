import type { Path } from '../../rule.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { durationFault } from '../duration.ts'
import type { Fault } from '../../schema/fault.ts'
import { domainFault, faultAt, isAddress, portFault } from '../names.ts'
import { checkConnectionPool, type ConnectionPool } from './connection-pool.ts'
import { checkLoadBalancer, type LoadBalancer } from './load-balancer.ts'
import { checkClientTls, type ClientTls } from './client-tls.ts'

interface Policy {
  readonly connectionPool?: ConnectionPool
  readonly loadBalancer?: LoadBalancer
  readonly outlierDetection?: OutlierDetection
  readonly tls?: ClientTls
}
export interface TrafficPolicy extends Policy {
  readonly portLevelSettings?: readonly (Policy & { readonly port?: object })[]
  readonly tunnel?: { readonly protocol?: string; readonly targetHost: string; readonly targetPort: number }
  readonly proxyProtocol?: object
  readonly retryBudget?: { readonly budgetInterval?: string }
}
export interface OutlierDetection {
  readonly baseEjectionTime?: string
  readonly interval?: string
  readonly splitExternalLocalOriginErrors?: boolean
  readonly consecutiveLocalOriginFailures?: number | null
  readonly maxEjectionPercent?: number
  readonly minHealthPercent?: number
}

const policyFields = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'] as const
const allFields = [...policyFields, 'portLevelSettings', 'tunnel', 'proxyProtocol', 'retryBudget'] as const

/** What is wrong with a traffic policy of a host or a subset; tunnels go with no proxy protocol. */
export function* checkTrafficPolicy(policy: TrafficPolicy, namespace: string, path: Path): Iterable<Fault> {
  const { portLevelSettings = [], tunnel, proxyProtocol, retryBudget: { budgetInterval = '0' } = {} } = policy
  if (isEmpty(policy, allFields))
    return yield { path, message: 'a traffic policy must not be empty', about: '' }
  if (tunnel !== undefined && proxyProtocol !== undefined)
    return yield { path, message: 'tunnel cannot be used with proxyProtocol', about: 'tunnel' }
  yield* checkPolicy(policy, namespace, path)
  for (const [i, settings] of portLevelSettings.entries()) {
    const at = [...path, 'portLevelSettings', i]
    if (settings.port === undefined)
      yield { path: at, message: 'the settings of a port must name the port', about: 'port' }
    if (isEmpty(settings, policyFields))
      yield { path: at, message: 'the settings of a port must not be empty', about: '' }
    yield* checkPolicy(settings, namespace, at)
  }
  if (tunnel !== undefined) yield* checkTunnel(tunnel, [...path, 'tunnel'])
  if (parseDuration(budgetInterval) === undefined)
    yield { path: [...path, 'retryBudget', 'budgetInterval'], message: 'must be a duration such as 10s' }
}

/** Whether none of the fields says anything: an empty list says nothing, an empty map does. */
const isEmpty = (policy: TrafficPolicy, fields: readonly (keyof TrafficPolicy)[]): boolean =>
  fields.every(
    field => policy[field] === undefined || (Array.isArray(policy[field]) && policy[field].length === 0),
  )

function* checkPolicy(
  { outlierDetection, connectionPool, loadBalancer, tls }: Policy,
  namespace: string,
  path: Path,
): Iterable<Fault> {
  if (outlierDetection !== undefined)
    yield* checkOutlierDetection(outlierDetection, [...path, 'outlierDetection'])
  if (connectionPool !== undefined) yield* checkConnectionPool(connectionPool, [...path, 'connectionPool'])
  if (loadBalancer !== undefined) yield* checkLoadBalancer(loadBalancer, [...path, 'loadBalancer'])
  if (tls !== undefined) yield* checkClientTls(tls, namespace, [...path, 'tls'])
}

function* checkOutlierDetection(detection: OutlierDetection, path: Path): Iterable<Fault> {
  const { splitExternalLocalOriginErrors = false, consecutiveLocalOriginFailures } = detection
  for (const key of ['baseEjectionTime', 'interval'] as const) {
    const duration = detection[key]
    if (duration !== undefined) yield* faultAt([...path, key], durationFault(duration))
  }
  if (!splitExternalLocalOriginErrors && (consecutiveLocalOriginFailures ?? 0) > 0) {
    yield {
      path: [...path, 'consecutiveLocalOriginFailures'],
      message: 'needs splitExternalLocalOriginErrors: true',
    }
  }
  for (const key of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = detection[key] ?? 0
    if (percent < 0 || percent > 100)
      yield { path: [...path, key], message: `a percentage must be from 0 to 100, not ${percent}` }
  }
}

function* checkTunnel(
  { protocol = '', targetHost, targetPort }: NonNullable<TrafficPolicy['tunnel']>,
  path: Path,
): Iterable<Fault> {
  if (!['', 'CONNECT', 'POST'].includes(protocol))
    yield { path: [...path, 'protocol'], message: `the protocol must be CONNECT or POST, not ${protocol}` }
  if (!isAddress(targetHost)) yield* faultAt([...path, 'targetHost'], domainFault(targetHost))
  yield* faultAt([...path, 'targetPort'], portFault(targetPort))
}
