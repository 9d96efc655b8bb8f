import type { ServiceVersion } from '../../routing/service.ts'
import { readyOf } from '../../routing/service.ts'

/** What is known of the versions when requests reached no pod. */
export interface UnreachedScope {
  /** How many reached none. */
  readonly unreached: number
  /** How many reached pods of each. */
  readonly version: number
  readonly stable: number
  /** The part of the requests that is routed to the version, in percent; left out where nobody knows. */
  readonly share: number | undefined
  readonly pods: {
    readonly version: ServiceVersion | undefined
    readonly stable: ServiceVersion | undefined
  }
}

/**
 * How many of the requests that reached no pod (503 UH, NC) were meant for the version. Metrics do not say: it is told by
 * which version has no ready pod, else by which one lacks the requests that its share gives it. Where neither tells, both
 * have their part of them, so that neither looks worse than the other.
 */
export function meantForVersion(scope: UnreachedScope): number {
  const { unreached, version, share } = scope
  if (unreached === 0) return 0
  const missing = withoutPods(scope) ?? lacking(scope)
  if (missing !== undefined) return missing === 'version' ? unreached : 0
  const reached = version + scope.stable
  const part = share === undefined ? (reached === 0 ? 1 : version / reached) : share / 100
  return Math.round(unreached * part)
}

type Side = 'version' | 'stable'

function withoutPods({ pods }: UnreachedScope): Side | undefined {
  const [version, stable] = [pods.version, pods.stable].map(one => (one === undefined ? 0 : readyOf(one)))
  if (version === 0 && stable! > 0) return 'version'
  return stable === 0 && version! > 0 ? 'stable' : undefined
}

/** The side that lacks requests, where that is clear: by two standard deviations of what chance sends to a version. */
function lacking({ unreached, version, stable, share }: UnreachedScope): Side | undefined {
  if (share === undefined) return undefined
  if (share >= 100) return 'version'
  const total = version + stable + unreached
  const part = share / 100
  const expected = part * total
  const spread = 2 * Math.sqrt(total * part * (1 - part))
  const isVersion = Math.abs(version + unreached - expected)
  const isStable = Math.abs(version - expected)
  if (isVersion + spread < isStable) return 'version'
  return isStable + spread < isVersion ? 'stable' : undefined
}
