import type { Provider } from '../../routing/provider.ts'
import { askedService } from '../../workloads/asked-service.ts'
import { namedBy } from '../../workloads/named-destination.ts'
import { abilities } from './abilities.ts'
import { requireAnswered } from './edit/answered.ts'
import { arrange, retire } from './edit/arrange.ts'
import { editService } from './edit/edit-service.ts'
import { editableRoutes } from './edit/scope.ts'
import { requireProvided, startService } from './edit/start-service.ts'
import { confirmationOf } from './read/confirmation.ts'
import { readService, versionOfDestination } from './read/reading.ts'
import { apisixReader } from './reader.ts'
import { gatewayNamed, gatewaysFor } from './route/entrances.ts'
import { route } from './route/route.ts'

/** The ApisixRoutes of the APISIX ingress controller, 1.x and 2.x. */
export const apisix: Provider = {
  ...apisixReader,
  can: abilities,
  editable: (reading, purpose) =>
    editableRoutes(readService(reading.view, reading.service, reading), purpose),
  edit: editService,
  requireProvided,
  start: startService,
  retire,
  arrange,
  requireAnswered,
  confirmationOf,
  route,
  gatewaysFor,
  gatewayNamed,
  meantBy: askedService,
  named: namedBy(readService, versionOfDestination),
  follows: () => 'unknown',
}
