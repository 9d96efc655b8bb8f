import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { applicationAt, applicationMeantBy, type Grouping } from '../../../../workloads/applications.ts'
import { groupsIn } from './groups.ts'
import { backendsOf, rulesOf } from '../../resolve/routes.ts'
import { allRoutes } from '../rules/route-lists.ts'
import { hostOfBackend, keyOfHost, routesAbout } from './service-hosts.ts'

/** Which Services are versions of one service by the routes that lead to them. */
const byRoutes: Grouping = {
  groupsAt: (view, host) =>
    routesAbout(view, host).flatMap(object => groupsIn(view, object).map(group => ({ ...group, object }))),
  hostsIn: (view, namespace) =>
    allRoutes(view).flatMap(route =>
      rulesOf(route).flatMap(rule =>
        backendsOf(rule).flatMap(backend => {
          const host = hostOfBackend(view, route, backend)
          return host !== undefined && keyOfHost(view, host)?.namespace === namespace ? [host] : []
        }),
      ),
    ),
  hostsNamed: (view, { namespace, name }) =>
    (['HTTPRoute', 'GRPCRoute'] as const)
      .flatMap((kind): readonly ServiceRoute[] => {
        const route = view.get({ kind, namespace, name })
        return route === undefined ? [] : [route]
      })
      .flatMap(route => groupsIn(view, route).flatMap(({ hosts }) => hosts)),
}

/** The service that a person means by a name: see {@link applicationMeantBy}. */
export const serviceMeantBy = (view: ClusterView, said: RoutedService): RoutedService =>
  applicationMeantBy(view, said, byRoutes)

/** The service of which the Service of a host is a version, or the umbrella; undefined where it is of none. */
export const serviceAt = (view: ClusterView, host: string): RoutedService | undefined =>
  applicationAt(view, host, byRoutes)

/** `namespace/name`. */
export const nameOf = (route: ServiceRoute): string => `${namespaceOf(route)}/${route.metadata.name}`
