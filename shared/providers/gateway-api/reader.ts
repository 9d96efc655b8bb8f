import { workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { serviceMeantBy } from './read/services/applications.ts'
import { recordedCohorts } from './read/canary-state.ts'
import { ownedObjects } from './read/owners.ts'
import { readForPort } from './read/service-reading.ts'
import { streamsTo } from './read/streams.ts'
import { gatewaysIn, isRouted, routedServices, servicesIn } from './read/services/services.ts'

/** How the HTTPRoutes and GRPCRoutes of the Gateway API are read. */
export const gatewayApiReader: RoutingReader = {
  name: 'gateway-api',
  reads: [
    'HTTPRoute',
    'GRPCRoute',
    'Gateway.gateway.networking.k8s.io',
    'ReferenceGrant',
    'TLSRoute',
    'TCPRoute',
    'Service',
    'Namespace',
    'EndpointSlice',
    'Pod',
    ...workloadKinds,
  ],
  routes: ['HTTPRoute', 'GRPCRoute'],
  names: ['HTTPRoute', 'GRPCRoute', 'Service', 'Gateway.gateway.networking.k8s.io', ...workloadKinds, 'Pod'],
  gateways: gatewaysIn,
  services: servicesIn,
  routedServices,
  serviceMeantBy,
  isRouted,
  external: () => undefined,
  externalHosts: () => [],
  read: readForPort,
  streams: streamsTo,
  cohorts: recordedCohorts,
  owned: ownedObjects,
}
