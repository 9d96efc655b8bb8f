import type { Provider } from '../../routing/provider.ts'
import { editableRoutes } from './edit/service/editable.ts'
import { requireAnswered } from './edit/service/answered.ts'
import { editService } from './edit/service/edit-service.ts'
import { requireProvided, startService } from './edit/service/start-service.ts'
import { recordedCohorts } from './read/canary-state.ts'
import { ownedObjects } from './read/owners.ts'
import { readService } from './read/reading.ts'
import { routesFor, routesTo } from './read/routes/carriers.ts'
import { readForPort } from './read/service-reading.ts'
import { externalHosts, externalService, routedServices, servicesIn } from './read/services.ts'

/** Istio's VirtualServices and DestinationRules. */
export const istio: Provider = {
  name: 'istio',
  can: { cohorts: true, weights: true, mirrors: true, init: true },
  services: servicesIn,
  routedServices,
  isRouted: (view, service) => routesTo(view, service).length > 0 || routesFor(view, service).length > 0,
  external: externalService,
  externalHosts,
  read: readForPort,
  cohorts: recordedCohorts,
  owned: ownedObjects,
  editable: (reading, purpose) =>
    editableRoutes(readService(reading.view, reading.service, reading), purpose),
  edit: editService,
  requireProvided,
  start: startService,
  requireAnswered,
}
