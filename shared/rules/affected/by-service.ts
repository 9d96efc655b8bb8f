import type { EndpointSlice, Service } from '../../objects/core.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { routesToBackend as apisixRoutesTo } from '../../providers/apisix/resolve/indexes.ts'
import { routesAtService, routesToBackend } from '../../providers/gateway-api/resolve/indexes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { serviceOfSlice } from '../../workloads/workload-indexes.ts'

/** The routes with Services as backends that lead to one, given as `namespace/name`. */
export const routesToNamed = (view: ClusterView, service: string): readonly KubeObject[] => [
  ...routesToBackend(view, service),
  ...apisixRoutesTo(view, service),
]

const nameOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/** The routes that lead to a Service or are attached to it. */
export const routesOfService = (view: ClusterView, service: Service): readonly KubeObject[] => [
  ...routesToNamed(view, nameOf(service)),
  ...routesAtService(view, nameOf(service)),
]

/** The routes that lead to Services. */
export const routesTo = (view: ClusterView, services: readonly Service[]): readonly KubeObject[] =>
  services.flatMap(service => routesToNamed(view, nameOf(service)))

/** The routes that lead to the Services whose addresses are listed. */
export const routesBySlices = (view: ClusterView, slices: readonly EndpointSlice[]): readonly KubeObject[] =>
  slices.flatMap(slice => routesToNamed(view, `${namespaceOf(slice)}/${serviceOfSlice(slice)}`))
