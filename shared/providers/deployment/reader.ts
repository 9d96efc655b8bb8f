import { workloadKinds } from '../../objects/kinds.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import { ownedObjects } from './read/owners.ts'
import { readForPort } from './read/service-reading.ts'
import { hasVersions, isPlain, servicesIn, type IsPlain } from './read/services.ts'

const routedWhere = (isTaken: IsPlain): Pick<RoutingReader, 'isRouted' | 'routedServices'> => {
  const isRouted: IsPlain = (view, service) => hasVersions(view, service) && isTaken(view, service)
  return {
    isRouted,
    routedServices: (view, namespace) =>
      servicesIn(view, namespace).filter(service => isRouted(view, service)),
  }
}

/** How Deployments behind one Service are read, where nothing else routes it. */
export const deploymentReader: RoutingReader = {
  name: 'deployment',
  isLast: true,
  reads: ['Service', 'Namespace', 'Pod', ...workloadKinds],
  routes: [],
  names: ['Service', ...workloadKinds, 'Pod'],
  gateways: () => [],
  services: servicesIn,
  ...routedWhere(isPlain),
  whenChosen: routedWhere(() => true),
  serviceMeantBy: (_view, said) => said,
  external: () => undefined,
  externalHosts: () => [],
  read: readForPort,
  cohorts: () => [],
  owned: ownedObjects,
}
