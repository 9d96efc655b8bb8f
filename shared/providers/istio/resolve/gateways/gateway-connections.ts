import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { delegatedRoutes } from '../delegates.ts'
import { hostsFor } from '../gateways.ts'
import { virtualServicesByGateway } from '../indexes/routing.ts'
import { hostsOf, meetsL4, type Block } from '../mesh.ts'
import { inPrecedence } from '../mesh/owners.ts'
import { isWithin } from '../mesh/sidecars.ts'
import type { Route } from '../objects/routes.ts'
import { commonHosts, connectionServer, type Entrance } from './gateway-host.ts'

/** What takes the connections of a server that reads no requests. */
export interface GatewayConnections {
  readonly section: 'tcp' | 'tls'
  readonly gateway: string
  /** The route and whose it is; undefined where there is none. */
  readonly first: (Block & { readonly object: VirtualService }) | undefined
}

/** A route that is taken by connections, and does not look into them. */
export const wholly = (
  object: VirtualService,
  route: Route,
): Block & { readonly object: VirtualService } => ({
  object,
  route,
  condition: undefined,
  unmet: undefined,
})

/**
 * The first tcp or tls route of a gateway's server on one port that takes a connection (buildGatewayNetworkFiltersFromTCPRoutes,
 * …FromTLSRoutes). A tcp route does not look at a host: the hosts of its VirtualService only have to meet the server's.
 * Undefined where a server reads requests there.
 */
export function gatewayConnectionsOf(
  view: ClusterView,
  entrance: Entrance,
  host: string,
): GatewayConnections | undefined {
  const found = connectionServer(view, entrance, host)
  if (found === undefined) return undefined
  const { gateway, server, section } = found
  const { client, port } = entrance
  const taking = inPrecedence(view, view.find(virtualServicesByGateway, gateway), client.namespace)
    .filter(object => commonHosts(hostsFor(server, namespaceOf(object)), hostsOf(view, object)).length > 0)
    .flatMap(object =>
      delegatedRoutes(view, object)
        .routes.filter(route => route.section === section)
        .map(route => ({ object, route })),
    )
  const listener = { client, gateway, port }
  // At a gateway Istio does not ask who calls.
  const met = ({ conditions }: Route): Route['conditions'] =>
    conditions.filter(condition =>
      meetsL4({ ...condition, sourceLabels: {}, sourceNamespace: undefined }, listener),
    )
  const first = taking.find(({ route }) =>
    section === 'tcp'
      ? route.conditions.length === 0 || met(route).length > 0
      : met(route).some(({ sniHosts }) => sniHosts.some(said => isWithin(host, said.toLowerCase()))),
  )
  return { section, gateway, first: first && wholly(first.object, first.route) }
}
