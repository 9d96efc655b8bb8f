import { refOf } from '../../objects/kinds.ts'
import type { Ref } from '../../objects/kube-object.ts'
import type { ServiceRoute } from '../../objects/gateway-api.ts'
import type { ForeignRouting } from '../../routing/foreign.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { routesAtService, routesToBackend } from './resolve/indexes.ts'
import { backendOf, isService, parentOf } from './resolve/references.ts'
import { parentsOf, placedBackends } from './resolve/routes.ts'

/** `namespace/name` of the Services that a route sends requests to, or is attached to in the mesh. */
const servicesOf = (route: ServiceRoute): readonly string[] =>
  [
    ...placedBackends(route).map(({ value }) => backendOf(route, value)),
    ...parentsOf(route).map(parent => parentOf(route, parent)),
  ]
    .filter(isService)
    .map(({ namespace, name }) => `${namespace}/${name}`)

const routesOf = (view: ClusterView, { namespace, name, host }: RoutedService): readonly Ref[] => {
  if (host !== undefined) return []
  const key = `${namespace}/${name}`
  return [...new Set([...routesToBackend(view, key), ...routesAtService(view, key)])].map(refOf)
}

/** The HTTPRoutes and GRPCRoutes of the Gateway API. */
export const gatewayApi: ForeignRouting = {
  name: 'gateway-api',
  reads: ['HTTPRoute', 'GRPCRoute'],
  routes: routesOf,
  services: (view, namespace) =>
    [...new Set([...view.list('HTTPRoute'), ...view.list('GRPCRoute')].flatMap(servicesOf))]
      .map(key => {
        const [of = '', name = ''] = key.split('/')
        return { name, namespace: of, clusterDomain: view.mesh.clusterDomain }
      })
      .filter(service => namespace === '*' || service.namespace === namespace),
}
