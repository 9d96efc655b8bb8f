import { workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { isRouted, routedServices, serviceMeantBy, servicesIn } from './read/applications.ts'
import { ownedObjects, readForPort } from './read/service-reading.ts'

/** How the annotations of API7 Cloud's controller on Services are read. */
export const api7Reader: RoutingReader = {
  name: 'api7',
  reads: ['Service', 'Namespace', 'EndpointSlice', 'Pod', ...workloadKinds],
  routes: [],
  names: ['Service', ...workloadKinds, 'Pod'],
  gateways: () => [],
  services: servicesIn,
  routedServices,
  serviceMeantBy,
  isRouted,
  external: () => undefined,
  externalHosts: () => [],
  read: readForPort,
  cohorts: () => [],
  owned: ownedObjects,
}
