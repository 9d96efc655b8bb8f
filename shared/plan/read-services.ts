import { namespaceOf } from '../objects/kube-object.ts'
import { readers as allReaders } from '../providers/readers.ts'
import type { RoutingReader, ServiceReading } from '../routing/provider.ts'
import { idOf, type RoutedService } from '../routing/service.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { controlledIn, everyControlled, serviceOf } from './controllers/controlled.ts'
import { controlledWithVersions } from './controllers/controlled-versions.ts'
import { withOwnedNotes } from './controllers/owned-notes.ts'
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
      readWithOthers(readFound(world, found, target), found.provider),
    )
  const completeness = completenessOf(target)
  const routed = providers.flatMap(provider =>
    provider
      .routedServices(world.view, target.namespace, completeness)
      .filter(service => provider.isLast !== true || !isRoutedBefore(world, service))
      .map(service => readWithOthers(provider.read(world.view, service, completeness), provider)),
  )
  // Who chose a routing API means its routes.
  return providers.length === 1 ? routed : [...routed, ...controlledBeside(world, target, routed)]
}

/** With what other routing APIs and controllers have to do with the service. */
const readWithOthers = (reading: ServiceReading, provider: RoutingReader): ServiceReading =>
  withOwnedNotes(withForeignRoutes(reading, provider))

/** The services of rollouts that controllers own and no route shows, as blue-green ones, by the Service that people ask for. */
function controlledBeside(
  world: World<RoutingReader>,
  { namespace, live }: Looked,
  routed: readonly ServiceReading[],
): readonly ServiceReading[] {
  const rollouts = namespace === '*' ? everyControlled(world.view) : controlledIn(world.view, namespace)
  if (rollouts.length === 0) return []
  const shown = new Set(routed.flatMap(({ service }) => ownersOf(world.view, service)))
  // A route may lead to the Service of a rollout without being named in the rollout.
  const known = new Set(routed.map(({ service }) => idOf(service)))
  return rollouts
    .filter(({ owner }) => !shown.has(owner))
    .map(rollout => serviceOf(world.view, rollout))
    .flatMap(service => {
      const target = { service: idOf({ ...service, clusterDomain: '' }), namespace: service.namespace }
      const asked = { ...target, command: '', ...(live !== undefined && { live }) }
      return readServices(world.view, asked, world.providers).filter(
        reading => !known.has(idOf(reading.service)),
      )
    })
}

/** The rollouts that own a service, or one that is a version of it. */
const ownersOf = (view: ClusterView, service: RoutedService): readonly string[] =>
  controlledWithVersions(view, service).map(({ owner }) => owner)

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
  const there = namespaces
    .flatMap(namespace => servicesIn(world, namespace))
    .map(found => readWithOthers(readFound(world, found, target), found.provider))
  return [...there, ...controlledBeside(world, target, there)]
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
