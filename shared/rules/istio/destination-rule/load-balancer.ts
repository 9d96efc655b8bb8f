import type { Path } from '../../rule.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { durationFault } from '../duration.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'
import { checkLocality, checkZoneAware, type LocalitySetting, type ZoneAwareSetting } from './locality.ts'

export interface LoadBalancer {
  readonly consistentHash?: {
    readonly httpCookie?: HttpCookie
    readonly minimumRingSize?: number
    readonly ringHash?: object
    readonly maglev?: { readonly tableSize?: number }
  }
  readonly localityLbSetting?: LocalitySetting
  readonly zoneAwareLbSetting?: ZoneAwareSetting
  readonly warmup?: {
    readonly duration?: string
    readonly minimumPercent?: number | null
    readonly aggression?: number | null
  }
}
interface HttpCookie {
  readonly name?: string
  readonly ttl?: string
  readonly attributes?: readonly { readonly name?: string }[]
}

/** What is wrong with a load balancer. */
export function* checkLoadBalancer(balancer: LoadBalancer, path: Path): Iterable<Fault> {
  const { consistentHash, localityLbSetting, zoneAwareLbSetting, warmup } = balancer
  if (consistentHash !== undefined) yield* checkHash(consistentHash, [...path, 'consistentHash'])
  if (localityLbSetting !== undefined && zoneAwareLbSetting !== undefined) {
    yield { path, message: 'localityLbSetting cannot be used with zoneAwareLbSetting', about: 'locality' }
  }
  if (localityLbSetting !== undefined) yield* checkLocality(localityLbSetting, [...path, 'localityLbSetting'])
  if (zoneAwareLbSetting !== undefined)
    yield* checkZoneAware(zoneAwareLbSetting, [...path, 'zoneAwareLbSetting'])
  if (warmup !== undefined) yield* checkWarmup(warmup, [...path, 'warmup'])
}

function* checkHash(
  { httpCookie, minimumRingSize = 0, ringHash, maglev }: NonNullable<LoadBalancer['consistentHash']>,
  path: Path,
): Iterable<Fault> {
  if (httpCookie !== undefined) yield* checkCookie(httpCookie, [...path, 'httpCookie'])
  if (minimumRingSize !== 0 && (ringHash !== undefined || maglev !== undefined)) {
    yield {
      path: [...path, 'minimumRingSize'],
      message: 'cannot be used with ringHash or maglev; use ringHash.minimumRingSize',
    }
  }
  if (maglev === undefined) return
  const { tableSize = 0 } = maglev
  if (tableSize >= 5_000_011 || !isPrime(tableSize)) {
    yield {
      path: [...path, 'maglev', 'tableSize'],
      message: `must be a prime number below 5000011, not ${tableSize}`,
    }
  }
}

function* checkCookie({ name = '', ttl = '0s', attributes = [] }: HttpCookie, path: Path): Iterable<Fault> {
  if (name === '') yield { path: [...path, 'name'], message: 'the name of a cookie must not be empty' }
  // 0s, and even less, makes a cookie of the session.
  if (parseDuration(ttl) === undefined)
    yield { path: [...path, 'ttl'], message: `must be a duration such as 30s, not ${JSON.stringify(ttl)}` }
  const names = attributes.map(attribute => attribute.name ?? '')
  for (const [i, attribute] of names.entries()) {
    const at = [...path, 'attributes', i, 'name']
    if (attribute === '') yield { path: at, message: 'the name of an attribute must not be empty' }
    else if (names.indexOf(attribute) < i)
      yield { path: at, message: `the attribute ${attribute} is listed twice` }
  }
}

function* checkWarmup(
  { duration, minimumPercent, aggression }: NonNullable<LoadBalancer['warmup']>,
  path: Path,
): Iterable<Fault> {
  yield* duration === undefined
    ? [{ path, message: 'must have duration', about: 'duration' }]
    : faultAt([...path, 'duration'], durationFault(duration))
  if ((minimumPercent ?? 0) > 100)
    yield {
      path: [...path, 'minimumPercent'],
      message: `a percentage must be at most 100, not ${minimumPercent}`,
    }
  if ((aggression ?? 1) <= 0)
    yield { path: [...path, 'aggression'], message: `must be greater than 0, not ${aggression}` }
}

/** As Envoy has it, so that 1 counts as prime. */
function isPrime(size: number): boolean {
  if (size > 0 && size < 4) return true
  if (size % 2 === 0) return false
  for (let factor = 3; factor * factor <= size; factor += 2) if (size % factor === 0) return false
  return true
}
