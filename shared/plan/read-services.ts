import { readers as allReaders } from '../providers/readers.ts'
import type { RoutingReader, ServiceReading } from '../routing/provider.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { completenessOf, findService, readFound } from './find/find-service.ts'
import type { Target } from './intent.ts'

/** The services of one namespace, or with `*` of all. */
export type Looked =
  Target | { readonly service?: undefined; readonly namespace: '*'; readonly live?: boolean }

/**
 * The services that a status or a list of cohorts is about, each as its routing API reads it: the one that the
 * target names, else every routed service of the namespace.
 */
export function readServices(
  given: ClusterView,
  target: Looked,
  providers: readonly RoutingReader[] = allReaders,
): readonly ServiceReading[] {
  const world = { view: inSession(given), providers }
  if (target.service !== undefined)
    return [readFound(world, findService(world, target, { routed: false }), target)]
  const completeness = completenessOf(target)
  return providers.flatMap(provider =>
    provider
      .routedServices(world.view, target.namespace, completeness)
      .map(service => provider.read(world.view, service, completeness)),
  )
}

/** Who gets what of these services. */
export const readTraffic = (
  view: ClusterView,
  target: Looked,
  providers?: readonly RoutingReader[],
): readonly Traffic[] => readServices(view, target, providers).map(({ traffic }) => traffic)
