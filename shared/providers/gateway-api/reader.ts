import { workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { serviceMeantBy } from './read/services/applications.ts'
import { recordedCohorts } from './read/canary-state.ts'
import { ownedObjects } from './read/owners.ts'
import { readForPort } from './read/service-reading.ts'
import { gatewaysIn, isRouted, routedServices, servicesIn } from './read/services/services.ts'

/** How the HTTPRoutes and GRPCRoutes of the Gateway API are read. */
export const gatewayApiReader: RoutingReader = {
  name: 'gateway-api',
  reads: [
    'HTTPRoute',
    'GRPCRoute',
    'Gateway.gateway.networking.k8s.io',
    'ReferenceGrant',
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
  cohorts: recordedCohorts,
  owned: ownedObjects,
}
