import { kinds, workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { serviceMeantBy } from './read/applications/service-meant-by.ts'
import { recordedCohorts } from './read/canary-state.ts'
import { ownedObjects } from './read/owners.ts'
import { routesFor, routesTo } from './read/routes/carriers.ts'
import { readForPort } from './read/service-reading.ts'
import { externalHosts, externalService, routedServices, servicesIn } from './read/services.ts'

/** How Istio's VirtualServices and DestinationRules are read. */
export const istioReader: RoutingReader = {
  name: 'istio',
  reads: kinds,
  routes: ['ServiceEntry', 'VirtualService', 'DestinationRule'],
  names: [
    'VirtualService',
    'DestinationRule',
    'Service',
    'Gateway',
    ...workloadKinds,
    'Pod',
    'ServiceEntry',
    'WorkloadEntry',
  ],
  gateways: (view, namespace) => [
    ...view
      .list('Gateway')
      .map(({ metadata: { name, namespace: of } }) => (of === namespace ? name : `${of}/${name}`)),
    'mesh',
  ],
  services: servicesIn,
  routedServices,
  serviceMeantBy,
  isRouted: (view, said) => {
    const service = serviceMeantBy(view, said)
    return routesTo(view, service).length > 0 || routesFor(view, service).length > 0
  },
  external: externalService,
  externalHosts,
  read: readForPort,
  cohorts: recordedCohorts,
  owned: ownedObjects,
}
