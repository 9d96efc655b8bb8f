import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ClusterView, Index } from '../../../view/cluster-view.ts'
import { backendOf, isGateway, isService, parentOf, type Referenced } from './references.ts'
import { parentsOf, placedBackends, type RouteKind } from './routes.ts'

const keyOfReferenced = ({ namespace, name }: Referenced): string => `${namespace}/${name}`

const byBackend = <K extends RouteKind | StreamKind>(kind: K): Index<K> => ({
  kind,
  keysOf: route => [
    ...new Set(
      placedBackends(route)
        .map(({ value }) => backendOf(route, value))
        .filter(isService)
        .map(keyOfReferenced),
    ),
  ],
})

const byParent = <K extends RouteKind>(kind: K, isParent: (parent: Referenced) => boolean): Index<K> => ({
  kind,
  keysOf: route => [
    ...new Set(
      parentsOf(route)
        .map(parent => parentOf(route, parent))
        .filter(isParent)
        .map(keyOfReferenced),
    ),
  ],
})

/** Those that send requests out of their own namespace, by the namespaces of their backends. */
const byGrantor = <K extends RouteKind>(kind: K): Index<K> => ({
  kind,
  keysOf: route => [
    ...new Set(
      placedBackends(route)
        .map(({ value }) => backendOf(route, value).namespace)
        .filter(namespace => namespace !== namespaceOf(route)),
    ),
  ],
})

const byKind = {
  backend: { HTTPRoute: byBackend('HTTPRoute'), GRPCRoute: byBackend('GRPCRoute') },
  parent: { HTTPRoute: byParent('HTTPRoute', isService), GRPCRoute: byParent('GRPCRoute', isService) },
  gateway: { HTTPRoute: byParent('HTTPRoute', isGateway), GRPCRoute: byParent('GRPCRoute', isGateway) },
  grantor: { HTTPRoute: byGrantor('HTTPRoute'), GRPCRoute: byGrantor('GRPCRoute') },
}

/** Every index of routes, for a view that is to keep them from the start. */
export const routeIndexes: readonly Index[] = Object.values(byKind).flatMap(indexes =>
  Object.values<Index>(indexes),
)

/** The kinds of routes that send connections to Services. */
type StreamKind = 'TLSRoute' | 'TCPRoute'

const streamIndexes = [byBackend('TLSRoute'), byBackend('TCPRoute')] as const

/** The routes that send connections to a Service, `namespace/name`; those being deleted left out. */
export const streamRoutesTo = (view: ClusterView, service: string): readonly ServiceRoute[] =>
  streamIndexes
    .flatMap(index => view.find<StreamKind>(index, service))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)

const found = (
  view: ClusterView,
  indexes: { readonly [K in RouteKind]: Index<K> },
  key: string,
): readonly ServiceRoute[] => [...view.find(indexes.HTTPRoute, key), ...view.find(indexes.GRPCRoute, key)]

/** The routes that send requests, or copies of them, to a Service: `namespace/name`. */
export const routesToBackend = (view: ClusterView, service: string): readonly ServiceRoute[] =>
  found(view, byKind.backend, service)

/** The routes that are attached to a Service in the mesh: `namespace/name`. */
export const routesAtService = (view: ClusterView, service: string): readonly ServiceRoute[] =>
  found(view, byKind.parent, service)

/** The routes that name a Gateway as their parent: `namespace/name`. */
export const routesAtGateway = (view: ClusterView, gateway: string): readonly ServiceRoute[] =>
  found(view, byKind.gateway, gateway)

/** The routes of other namespaces that send requests, or copies of them, to Services of a namespace. */
export const routesInto = (view: ClusterView, namespace: string): readonly ServiceRoute[] =>
  found(view, byKind.grantor, namespace)
