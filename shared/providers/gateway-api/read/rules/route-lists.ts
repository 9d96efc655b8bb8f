import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { routeKinds } from '../../resolve/routes.ts'

/** All HTTPRoutes and GRPCRoutes but those being deleted, of one namespace or of all. */
export const allRoutes = (view: ClusterView, namespace?: string): readonly ServiceRoute[] =>
  routeKinds
    .flatMap(kind => view.list(kind, namespace))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
