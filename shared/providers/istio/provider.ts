import type { Provider } from '../../routing/provider.ts'
import { arrange } from './edit/arrange.ts'
import { requireAnswered } from './edit/service/answered.ts'
import { editService } from './edit/service/edit-service.ts'
import { editableRoutes } from './edit/service/editable-routes.ts'
import { retire } from './edit/service/retire.ts'
import { requireProvided, startService } from './edit/service/start-service.ts'
import { readService } from './read/reading.ts'
import { settingsOf } from './read/routes/settings.ts'
import { istioReader } from './reader.ts'
import { follows, gatewayNamed, gatewaysFor, named, meantBy, unseenGateways } from './route/entrances.ts'
import { route } from './route/route.ts'

/** Istio's VirtualServices and DestinationRules. */
export const istio: Provider = {
  ...istioReader,
  can: { cohorts: true, weights: true, mirrors: true, init: true, sticky: true, previews: true },
  // Envoy's parseQueryString
  takesQueryAsWritten: true,
  editable: (reading, purpose) =>
    editableRoutes(readService(reading.view, reading.service, reading), purpose),
  edit: editService,
  requireProvided,
  start: startService,
  retire,
  arrange,
  requireAnswered,
  settingsOf,
  route,
  gatewaysFor,
  unseenGateways,
  gatewayNamed,
  meantBy,
  named,
  follows,
}
