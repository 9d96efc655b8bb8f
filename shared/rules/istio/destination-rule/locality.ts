import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'

interface Failover {
  readonly from?: string
  readonly to?: string
}
export interface ZoneAwareSetting {
  readonly failover?: readonly Failover[]
  readonly failoverPriority?: readonly string[]
}
export interface LocalitySetting extends ZoneAwareSetting {
  readonly distribute?: readonly { readonly from?: string; readonly to?: Readonly<Record<string, number>> }[]
}

const topologyLabels: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
])
/** `topology.kubernetes.io/region=value` is a label with its value and none of the three. */
const isTopology = (priority: string): boolean => topologyLabels.has(priority)

/** What is wrong with load balancing by locality. */
export function* checkLocality(
  { distribute = [], failover = [], failoverPriority = [] }: LocalitySetting,
  path: Path,
): Iterable<Fault> {
  if (distribute.length > 0 && failover.length > 0)
    return yield { path, message: 'distribute cannot be used with failover', about: 'both' }
  if (failover.length > 0 && failoverPriority.some(isTopology)) {
    return yield {
      path: [...path, 'failoverPriority'],
      message: 'a topology label cannot be used with failover',
      about: 'topology',
    }
  }
  for (const [i, { to = {} }] of distribute.entries()) {
    const total = Object.values(to).reduce((sum, weight) => sum + weight, 0)
    const wrong = Object.entries(to).find(([, weight]) => weight < 1 || weight > 100)
    const at = [...path, 'distribute', i, 'to']
    if (wrong !== undefined)
      return yield {
        path: [...at, wrong[0]],
        message: `the weight of a locality must be from 1 to 100, not ${wrong[1]}`,
      }
    if (total !== 100)
      return yield {
        path: at,
        message: `the weights of localities must add up to 100, not ${total}`,
        about: String(total),
      }
    yield* checkOverlap(Object.keys(to), at)
  }
  yield* checkOverlap(
    distribute.map(({ from = '' }) => from),
    [...path, 'distribute'],
  )
  yield* checkFailover(failover, [...path, 'failover'])
}

/** What is wrong with zone-aware load balancing, where region and zone are handled already. */
export function* checkZoneAware(
  { failover = [], failoverPriority = [] }: ZoneAwareSetting,
  path: Path,
): Iterable<Fault> {
  for (const [i, priority] of failoverPriority.entries()) {
    if (isTopology(priority))
      yield {
        path: [...path, 'failoverPriority', i],
        message: `${priority} is already handled by Istio and cannot be used here`,
      }
  }
  yield* checkFailover(failover, [...path, 'failover'])
}

function* checkFailover(failover: readonly Failover[], path: Path): Iterable<Fault> {
  for (const [i, { from = '', to = '' }] of failover.entries()) {
    if (from === to)
      yield { path: [...path, i], message: 'failover must name two different regions', about: from }
    if (/[/*]/.test(from + to))
      yield {
        path: [...path, i],
        message: 'failover takes regions only, without zones or *',
        about: `${from} ${to}`,
      }
  }
}

/**
 * Localities are REGION, REGION/ZONE or REGION/ZONE/SUBZONE, the last part may be `*`; one that is listed
 * covers those within it, which may not follow.
 */
function* checkOverlap(localities: readonly string[], path: Path): Iterable<Fault> {
  const seen: string[][] = []
  for (const locality of localities) {
    const parts = splitAtMost(locality)
    const stars = locality.split('*').length - 1
    const covered = seen.some(other => other[0] === '*' || isCovered(parts, other))
    const message =
      stars > 1 || (stars === 1 && !locality.endsWith('*'))
        ? `${locality} can have only one *, at the end`
        : covered
          ? `${locality} overlaps with one before it`
          : parts.includes('')
            ? `${locality} has an empty part`
            : undefined
    if (message !== undefined) return yield { path, message, about: locality }
    seen.push(parts)
  }
}

/**
 * What comes later is refused where the earlier one covers it, or is a part of it and the later one names no
 * more than that.
 */
const isCovered = (parts: readonly string[], other: readonly string[]): boolean => {
  const depth = Math.min(parts.length, other.length)
  return parts
    .slice(0, depth)
    .every((part, i) => part === other[i] || (other[i] === '*' && i > 0 && i === other.length - 1))
}

/** At most three parts; further slashes stay in the last. */
function splitAtMost(locality: string): string[] {
  const [region = '', zone, ...rest] = locality.split('/')
  return [region, ...(zone === undefined ? [] : [zone]), ...(rest.length === 0 ? [] : [rest.join('/')])]
}
