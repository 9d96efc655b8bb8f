import { namespaceOf } from '../objects/kube-object.ts'
import { readers as allReaders } from '../providers/readers.ts'
import type { RoutingReader, ServiceReading } from '../routing/provider.ts'
import type { RoutedService } from '../routing/service.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { completenessOf, findServices, readFound, servicesIn, type World } from './find/find-service.ts'
import { withForeignRoutes } from './find/foreign-routes.ts'
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
    return findServices(world, target).map(found =>
      withForeignRoutes(readFound(world, found, target), found.provider),
    )
  const completeness = completenessOf(target)
  return providers.flatMap(provider =>
    provider
      .routedServices(world.view, target.namespace, completeness)
      .filter(service => provider.isLast !== true || !isRoutedBefore(world, service))
      .map(service => withForeignRoutes(provider.read(world.view, service, completeness), provider)),
  )
}

/** Whether a routing API that has routes routes it. */
const isRoutedBefore = ({ view, providers }: World<RoutingReader>, service: RoutedService): boolean =>
  providers.some(provider => provider.isLast !== true && provider.isRouted(view, service))

/**
 * Every service of a namespace, or with `*` of all, whether something routes it or not; the one that the target
 * names where it names one. The API server's own is left out.
 */
export function readEveryService(
  given: ClusterView,
  target: Looked,
  providers: readonly RoutingReader[] = allReaders,
): readonly ServiceReading[] {
  if (target.service !== undefined) return readServices(given, target, providers)
  const world = { view: inSession(given), providers }
  const namespaces = target.namespace === '*' ? namespacesIn(world.view) : [target.namespace]
  return namespaces
    .flatMap(namespace => servicesIn(world, namespace))
    .map(found => withForeignRoutes(readFound(world, found, target), found.provider))
}

const namespacesIn = (view: ClusterView): readonly string[] =>
  [
    ...new Set(
      (['Service', 'ServiceEntry', 'VirtualService', 'DestinationRule'] as const).flatMap(kind =>
        view.list(kind).map(namespaceOf),
      ),
    ),
  ].toSorted()

/** Who gets what of these services. */
export const readTraffic = (
  view: ClusterView,
  target: Looked,
  providers?: readonly RoutingReader[],
): readonly Traffic[] => readServices(view, target, providers).map(({ traffic }) => traffic)
