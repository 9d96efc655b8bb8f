import { workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { classesIn, isRouted, routedServices, serviceMeantBy, servicesIn } from './read/applications.ts'
import { recordedCohorts } from './read/canary-state.ts'
import { ownedObjects } from './read/owners.ts'
import { readForPort } from './read/service-reading.ts'
import { streamsTo } from './read/streams.ts'

/** How the ApisixRoutes of the APISIX ingress controller are read. */
export const apisixReader: RoutingReader = {
  name: 'apisix',
  reads: [
    'ApisixRoute',
    'ApisixPluginConfig',
    'ApisixUpstream',
    'Service',
    'Namespace',
    'EndpointSlice',
    'Pod',
    ...workloadKinds,
  ],
  routes: ['ApisixRoute'],
  names: ['ApisixRoute', 'Service', ...workloadKinds, 'Pod'],
  gateways: classesIn,
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
