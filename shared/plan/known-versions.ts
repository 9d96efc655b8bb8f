import { compareNaturally } from '../objects/text/natural-order.ts'
import { readers as allReaders } from '../providers/readers.ts'
import type { RoutingReader } from '../routing/provider.ts'
import { countedShares, type Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound, servicesIn } from './find/find-service.ts'
import type { Target } from './intent.ts'

/** A service with the versions that it has, and those of them that are stable: recorded, or alone with all requests. */
export interface KnownVersions {
  readonly service: string
  readonly versions: readonly string[]
  readonly stable: readonly string[]
}

/** The versions to which requests may be moved: those that are not stable; all where no other is there. */
export function canariesOf({ versions, stable }: KnownVersions): readonly string[] {
  const canaries = versions.filter(version => !stable.includes(version))
  return canaries.length > 0 ? canaries : versions
}

/** The version that takes all requests, where one does. */
function onlyTaker({ entryPoints }: Traffic): readonly string[] {
  const taking = new Set(
    entryPoints
      .flatMap(countedShares)
      .flatMap(shares => shares.filter(({ percent }) => percent > 0).map(({ version }) => version)),
  )
  return taking.size === 1 ? [...taking].filter(version => version !== undefined) : []
}

/**
 * The service that the target names, else every service of its namespace that has a version; throws a
 * CanaryError where the one that is named is not there.
 */
export function knownVersions(
  given: ClusterView,
  target: Target,
  providers: readonly RoutingReader[] = allReaders,
): readonly KnownVersions[] {
  const world = { view: inSession(given), providers }
  const found =
    target.service === undefined
      ? servicesIn(world, target.namespace)
      : [findService(world, target, { routed: false })]
  return found
    .map(one => {
      const { service, versions, canary, traffic } = readFound(world, one, target)
      const names = versions.map(({ name }) => name).toSorted(compareNaturally)
      const stable = canary.stable.length > 0 ? canary.stable : onlyTaker(traffic)
      return { service: service.name, versions: names, stable }
    })
    .filter(({ versions }) => versions.length > 0)
}
