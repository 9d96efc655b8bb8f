import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { protocolOf } from '../../../workloads/mesh/port-protocol.ts'
import { routesAtGateway, routesAtService } from './indexes.ts'
import type { RegexPlace } from './precedence.ts'
import { isGateway, isService, parentOf, type ReferencedParent } from './references.ts'
import { parentsOf } from './routes.ts'
import { serviceNamed, type ServiceName } from './services.ts'

/**
 * The name of the controller of a Gateway, as it says it in the status of routes (`istio.io/gateway-controller`);
 * undefined where none has said anything, as in files.
 */
export const controllerAt = (view: ClusterView, gateway: RouteGateway): string | undefined =>
  once(view, [controllerAt, gateway], () => {
    const name = { namespace: namespaceOf(gateway), name: gateway.metadata.name }
    return controllerIn(routesAtGateway(view, keyOfName(name)), { ...name, isOfKind: isGateway })
  })

/** The same of the mesh, for the routes that are attached to a Service. */
export const meshControllerAt = (view: ClusterView, service: ServiceName): string | undefined =>
  controllerIn(routesAtService(view, keyOfName(service)), { ...service, isOfKind: isService })

const keyOfName = ({ namespace, name }: ServiceName): string => `${namespace}/${name}`

interface AskedParent extends ServiceName {
  readonly isOfKind: (parent: ReferencedParent) => boolean
}

function controllerIn(
  routes: readonly ServiceRoute[],
  { namespace, name, isOfKind }: AskedParent,
): string | undefined {
  for (const route of routes)
    for (const status of itemsOf(fieldsOf(route.status)['parents']).map(fieldsOf)) {
      const parent = parentOf(route, fieldsOf(status['parentRef']))
      const controller = textOf(status['controllerName'])
      const isIts = isOfKind(parent) && parent.namespace === namespace && parent.name === name
      if (isIts && controller !== undefined) return controller
    }
  return undefined
}

/** Whether a controller is Istio's; an unknown one is treated as Istio's. */
const isIstio = (said = 'istio'): boolean => said.includes('istio')

/** Whether the implementation of a Gateway is Istio's, by what its controller or its class is called. */
const isIstioAt = (view: ClusterView, gateway: RouteGateway): boolean =>
  isIstio(controllerAt(view, gateway) ?? textOf(fieldsOf(gateway.spec)['gatewayClassName']))

/** Where the implementation of a Gateway tries regexes on paths; an unknown one is treated as Istio. */
export const regexPlaceAt = (view: ClusterView, gateway: RouteGateway): RegexPlace =>
  isIstioAt(view, gateway) ? 'after-prefixes' : 'before-prefixes'

/**
 * Whether the implementation of a Gateway may have filters of its own (`ExtensionRef`): Istio has none and refuses the
 * rule (`convertHTTPRoute` in pilot/pkg/config/kube/gateway/conversion.go). Envoy Gateway, Traefik, NGINX and others do.
 */
export const mayExtendAt = (view: ClusterView, gateway: RouteGateway): boolean => !isIstioAt(view, gateway)

/** The same of the mesh, for the routes that are attached to a Service. */
export const mayExtendInMesh = (view: ClusterView, service: ServiceName): boolean =>
  !isIstio(meshControllerAt(view, service))

/** Whether all implementations that take a route are Istio, as far as is known. */
export const isIstioFor = (view: ClusterView, route: ServiceRoute): boolean =>
  parentsOf(route)
    .map(reference => parentOf(route, reference))
    .every(parent => {
      if (isService(parent)) return isIstio(meshControllerAt(view, parent))
      const { namespace, name } = parent
      const gateway = view.get({ kind: 'Gateway.gateway.networking.k8s.io', namespace, name })
      return gateway === undefined || isIstioAt(view, gateway)
    })

/**
 * Whether the mesh reads the requests on a port of a Service. Istio takes the protocol from the port's name and
 * appProtocol, and carries connections where that is not HTTP; other meshes look at what arrives.
 */
export function readsRequestsAt(view: ClusterView, service: ServiceName, port: number): boolean {
  const ports = itemsOf(fieldsOf(serviceNamed(view, service)?.spec)['ports'])
    .map(fieldsOf)
    .filter(each => each['port'] === port && each['protocol'] !== 'UDP')
  if (ports.length === 0 || !isIstio(meshControllerAt(view, service))) return true
  return ports.some(each => {
    const [name, appProtocol] = [textOf(each['name']), textOf(each['appProtocol'])]
    return protocolOf({ name, appProtocol, port }).httpRoutesApply
  })
}
