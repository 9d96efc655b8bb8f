import type { ReferenceGrant, RouteGateway, ServiceRoute } from '../../objects/gateway-api.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { routesAtGateway, routesAtService, routesInto } from '../../providers/gateway-api/resolve/indexes.ts'
import { isService, parentOf } from '../../providers/gateway-api/resolve/references.ts'
import { parentsOf, routeKinds } from '../../providers/gateway-api/resolve/routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

const nameOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/** The routes that share a Service of the mesh with one: what one does not take, another may. */
const routesBeside = (view: ClusterView, route: ServiceRoute): readonly ServiceRoute[] =>
  parentsOf(route)
    .map(reference => parentOf(route, reference))
    .filter(isService)
    .flatMap(({ namespace, name }) => routesAtService(view, `${namespace}/${name}`))

/** The routes that name a Gateway. */
const routesOfGateway = (view: ClusterView, gateway: RouteGateway): readonly ServiceRoute[] =>
  routesAtGateway(view, nameOf(gateway))

/** The routes that a grant may be for. */
const routesByGrant = (view: ClusterView, grant: ReferenceGrant): readonly ServiceRoute[] =>
  routesInto(view, namespaceOf(grant))

interface TouchedRoutes {
  readonly others: () => readonly ServiceRoute[]
}

/** What a change of each kind of the API touches. */
export const gatewayApiTouches = {
  HTTPRoute: (view: ClusterView, route: ServiceRoute): TouchedRoutes => ({
    others: () => routesBeside(view, route),
  }),
  GRPCRoute: (view: ClusterView, route: ServiceRoute): TouchedRoutes => ({
    others: () => routesBeside(view, route),
  }),
  'Gateway.gateway.networking.k8s.io': (view: ClusterView, gateway: RouteGateway): TouchedRoutes => ({
    others: () => routesOfGateway(view, gateway),
  }),
  ReferenceGrant: (view: ClusterView, grant: ReferenceGrant): TouchedRoutes => ({
    others: () => routesByGrant(view, grant),
  }),
}

/** The routes of a namespace, of which the labels decide where its routes may attach. */
export const routesOfNamespace = (view: ClusterView, namespace: string): readonly ServiceRoute[] =>
  routeKinds.flatMap(kind => view.list(kind, namespace))
