import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { GatewayEntrance, MeantHost, UnseenGateway } from '../../../routing/request/request-routing.ts'
import type { RequestCaller } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { portsOf } from '../resolve/backends.ts'
import { hostWithoutPort, specificity } from '../resolve/hostnames.ts'
import { isEncrypted, listenersOf, readsRequests } from '../resolve/listeners.ts'
import { isGateway, isUnknownKind, parentOf } from '../resolve/references.ts'
import { hostnamesOf, parentsOf, routeKinds, usesDefaultGateways } from '../resolve/routes.ts'
import { hostOf, namedService, serviceNamed } from '../resolve/services.ts'
import { gatewayTable } from '../resolve/table.ts'

const gatewayKind = 'Gateway.gateway.networking.k8s.io'

/** The label that the proxies of a Gateway have (GEP-1762). */
export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name'

/** The Gateway whose proxy asks. */
export const gatewayOf = (
  view: ClusterView,
  { namespace, labels }: RequestCaller,
): RouteGateway | undefined =>
  view.get({ kind: gatewayKind, namespace, name: labels[gatewayNameLabel] ?? '' })

/** A Gateway in view, `NAMESPACE/NAME`, with its proxy and the ports on which requests are read. */
export function gatewayNamed(view: ClusterView, name: string): GatewayEntrance | undefined {
  const slash = name.indexOf('/')
  const gateway = view.get({
    kind: gatewayKind,
    namespace: name.slice(0, slash),
    name: name.slice(slash + 1),
  })
  return gateway === undefined ? undefined : entranceOf(gateway)
}

function entranceOf(gateway: RouteGateway): GatewayEntrance {
  const [namespace, { name }] = [namespaceOf(gateway), gateway.metadata]
  const ports = listenersOf(gateway)
    .filter(readsRequests)
    .flatMap(listener =>
      listener.port === undefined ? [] : [{ number: listener.port, tls: isEncrypted(listener) }],
    )
  return {
    name: `${namespace}/${name}`,
    proxies: [{ kind: 'gateway', namespace, labels: { [gatewayNameLabel]: name } }],
    ports: [...new Map(ports.map(port => [`${port.number} ${port.tls}`, port])).values()],
  }
}

/** The Gateways one of whose listeners has routes for a host. */
export function gatewaysFor(view: ClusterView, host: string): readonly GatewayEntrance[] {
  const asked = hostWithoutPort(host)
  return view
    .list(gatewayKind)
    .filter(gateway =>
      entranceOf(gateway).ports.some(
        ({ number, tls }) =>
          gatewayTable(view, { gateway, port: number, tls, complete: true }, asked).kind === 'routes',
      ),
    )
    .map(entranceOf)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/**
 * The routes for a host at Gateways that are not in view, at those that a controller has by default, or at kinds that are
 * not read (ListenerSet); one without hostnames may have every host there.
 */
export function unseenGateways(view: ClusterView, host: string): readonly UnseenGateway[] {
  const asked = hostWithoutPort(host)
  return routeKinds
    .flatMap((kind): readonly ServiceRoute[] => view.list(kind))
    .filter(route => {
      const hostnames = hostnamesOf(route)
      return hostnames.length === 0 || hostnames.some(said => specificity(said, asked) > 0)
    })
    .flatMap((route): readonly UnseenGateway[] => [
      ...(usesDefaultGateways(route) ? [{ route: refOf(route), gateway: 'default', kind: 'Gateways' }] : []),
      ...parentsOf(route)
        .map(parent => parentOf(route, parent))
        .filter(parent =>
          isGateway(parent)
            ? view.get({ ...parent, kind: gatewayKind }) === undefined
            : isUnknownKind(parent),
        )
        .map(parent => ({
          route: refOf(route),
          gateway: `${parent.namespace}/${parent.name}`,
          ...(!isGateway(parent) && { kind: parent.kind }),
        })),
    ])
}

/** The Service in view that callers of a namespace mean by a host. */
export function meantBy(view: ClusterView, host: string, namespace: string): MeantHost | undefined {
  const name = namedService(view, hostWithoutPort(host), namespace)
  const service = name === undefined ? undefined : serviceNamed(view, name)
  return service === undefined ? undefined : { host: hostOf(view, name!), ports: portsOf(service) }
}
