import type { Provider } from '../../routing/provider.ts'
import { askedService } from '../../workloads/asked-service.ts'
import { namedBy } from '../../workloads/named-destination.ts'
import { abilities } from './abilities.ts'
import { editableRoutes, editService } from './edit/edit-service.ts'
import { requireProvided, startService } from './edit/start-service.ts'
import { requireFollowed } from './edit/turns.ts'
import { api7Reader } from './reader.ts'
import { readService } from './read/reading.ts'
import { gatewayNamed, gatewaysFor, route } from './route/route.ts'

/** The annotations on Services by which the controller of API7 Cloud makes canary releases. */
export const api7: Provider = {
  ...api7Reader,
  can: abilities,
  editable: editableRoutes,
  edit: editService,
  requireProvided,
  start: startService,
  // The Services of versions are people's own.
  retire: () => ({ changes: [], named: [] }),
  arrange: changes => changes.map(change => ({ change })),
  requireAnswered: requireFollowed,
  route,
  gatewaysFor,
  gatewayNamed,
  meantBy: askedService,
  named: namedBy(readService),
  follows: () => 'unknown',
}
