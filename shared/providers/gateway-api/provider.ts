import type { Provider } from '../../routing/provider.ts'
import { requireAnswered } from './edit/answered.ts'
import { arrange } from './edit/arrange.ts'
import { editService } from './edit/edit-service.ts'
import { retire } from './edit/retire.ts'
import { editableRoutes } from './edit/scope.ts'
import { requireProvided, startService } from './edit/start-service.ts'
import { readService } from './read/reading.ts'
import { gatewayApiReader } from './reader.ts'

/** The HTTPRoutes and GRPCRoutes of the Gateway API, at gateways and in the mesh. */
export const gatewayApi: Provider = {
  ...gatewayApiReader,
  can: { cohorts: true, weights: true, mirrors: true, init: true },
  editable: (reading, purpose) =>
    editableRoutes(readService(reading.view, reading.service, reading), purpose),
  edit: editService,
  requireProvided,
  start: startService,
  retire,
  arrange,
  requireAnswered,
  // REQUEST ROUTING
  route: () => {
    throw new TypeError('not yet')
  },
  gatewaysFor: () => [],
  gatewayNamed: () => undefined,
  meantBy: () => undefined,
  named: (_, { host }) => ({ service: host, namespace: '', version: undefined }),
  follows: () => 'unknown',
}
