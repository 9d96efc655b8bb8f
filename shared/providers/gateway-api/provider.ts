import type { Provider } from '../../routing/provider.ts'
import { abilities } from './abilities.ts'
import { requireAnswered } from './edit/answered.ts'
import { arrange } from './edit/arrange.ts'
import { editService } from './edit/edit-service.ts'
import { retire } from './edit/retire.ts'
import { editableRoutes } from './edit/scope.ts'
import { requireProvided, startService } from './edit/start-service.ts'
import { confirmationOf } from './read/confirmation.ts'
import { readService } from './read/reading.ts'
import { settingsOf } from './read/settings.ts'
import { gatewayApiReader } from './reader.ts'
import type { HasEndpoints } from './route/backends.ts'
import { routeRequests } from './route/route.ts'
import { namedBy } from '../../workloads/named-destination.ts'
import { workloadsOfService } from '../../workloads/service-workloads.ts'

/** Whether a Service has pods that are ready; undefined where EndpointSlices have to tell, as of files. */
const hasEndpoints: HasEndpoints = (view, service) => {
  const workloads = workloadsOfService(view, service)
  if (workloads.some(({ ready }) => ready > 0)) return true
  return workloads.length > 0 && workloads.every(({ wanted }) => wanted === 0) ? false : undefined
}

/** The HTTPRoutes and GRPCRoutes of the Gateway API, at gateways and in the mesh. */
export const gatewayApi: Provider = {
  ...gatewayApiReader,
  can: abilities,
  editable: (reading, purpose) =>
    editableRoutes(readService(reading.view, reading.service, reading), purpose),
  edit: editService,
  requireProvided,
  start: startService,
  retire,
  arrange,
  requireAnswered,
  settingsOf,
  confirmationOf,
  ...routeRequests({ named: namedBy(readService), follows: () => 'unknown', hasEndpoints }),
}
