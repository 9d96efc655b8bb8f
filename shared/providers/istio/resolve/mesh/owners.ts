import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { coveringHosts, virtualServicesByHost, virtualServicesByWildcard } from '../indexes/routing.ts'
import { textOf } from '../../../../objects/unchecked.ts'
import { once } from '../../../../view/session.ts'
import { delegatedRoutes } from '../delegates.ts'
import { hostsOf, httpRoutes, reachOfRouting, type Listener } from '../mesh.ts'
import { byAge } from '../visibility.ts'
import { loads, type Within } from './scope.ts'

/** VirtualServices that a listener has loaded, those that win first. */
export function ordered(
  view: ClusterView,
  within: Within,
  objects: readonly VirtualService[],
): readonly VirtualService[] {
  return inPrecedence(
    view,
    objects.filter(object => loads(view, within, object)),
    within.scope.namespace,
  )
}

/**
 * The VirtualServices among these that the proxies of a namespace see, in the order in which Istio reads them
 * (initVirtualServices).
 */
export function inPrecedence(
  view: ClusterView,
  objects: readonly VirtualService[],
  namespace: string,
): readonly VirtualService[] {
  const seen = objects.flatMap(object => {
    const reach = reachOfRouting(view, object, namespace)
    return reach === undefined ? [] : [{ object, reach }]
  })
  return seen.length < 2
    ? seen.map(({ object }) => object)
    : seen
        .toSorted((one, other) => one.reach - other.reach || byAge(agedOf(one.object), agedOf(other.object)))
        .map(({ object }) => object)
}

const agedOf = (object: VirtualService) => ({
  created: textOf(object.metadata.creationTimestamp),
  name: object.metadata.name,
  namespace: namespaceOf(object),
})

/** Whether only their ages say which of two VirtualServices the proxies of a namespace follow, and nobody knows these. */
export const areAgesUnknown = (
  view: ClusterView,
  [one, other]: readonly [VirtualService, VirtualService],
  namespace: string,
): boolean =>
  reachOfRouting(view, one, namespace) === reachOfRouting(view, other, namespace)
  && agedOf(one).created === undefined
  && agedOf(other).created === undefined

/** The VirtualServices for exactly this host, in any case, those that win first. */
export const contenders = (view: ClusterView, within: Within, host: string): readonly VirtualService[] =>
  ordered(view, within, view.find(virtualServicesByHost, host))

/** The VirtualServices for wildcards over a host, the longest wildcard first. */
export function wildcardsOver(view: ClusterView, within: Within, host: string): readonly VirtualService[] {
  const byHost = once(
    view,
    [wildcardsOver, within.listener],
    () => new Map<string, readonly VirtualService[]>(),
  )
  const known = byHost.get(host)
  if (known !== undefined) return known
  const said = coveringHosts(host)
    .filter(key => key.startsWith('*'))
    .flatMap(key => view.find(virtualServicesByWildcard, key))
    .flatMap(object =>
      hostsOf(view, object)
        .filter(wildcard => wildcard.startsWith('*') && host.endsWith(wildcard.slice(1)))
        .map(wildcard => ({ wildcard, object })),
    )
  const groups = [...Map.groupBy(said, ({ wildcard }) => wildcard)].toSorted(
    ([one], [other]) => other.length - one.length,
  )
  const found = groups.flatMap(([, objects]) =>
    ordered(
      view,
      within,
      objects.map(({ object }) => object),
    ),
  )
  byHost.set(host, found)
  return found
}

/** The one VirtualService whose http routes a Service's host takes, where it is a wildcard's. */
export const ownerByWildcard = (
  view: ClusterView,
  within: Within,
  host: string,
): VirtualService | undefined => contenders(view, within, host)[0] ?? wildcardsOver(view, within, host)[0]

/** The one VirtualService for exactly this host whose routes apply on a port. */
export const ownerOf = (
  view: ClusterView,
  within: Within,
  { host, listener }: { readonly host: string; readonly listener: Listener },
): VirtualService | undefined =>
  contenders(view, within, host).find(
    object => httpRoutes(delegatedRoutes(view, object).routes, listener).length > 0,
  )
