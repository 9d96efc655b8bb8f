import type { Provider } from '../../routing/provider.ts'
import { abilities } from './abilities.ts'
import { arrange } from './edit/arrange.ts'
import { editService } from './edit/edit-service.ts'
import { editable } from './edit/editable.ts'
import { settled } from './edit/settled.ts'
import { requireProvided, startService } from './edit/start.ts'
import { readService } from './read/reading.ts'
import { deploymentReader } from './reader.ts'
import { routeRequests } from './route/route.ts'

/** Plain Kubernetes: the pods behind a Service, as many of each version as their Deployments have, or as it selects. */
export const deployment: Provider = {
  ...deploymentReader,
  can: abilities,
  byPods: ({ view, service, complete }) =>
    readService(view, service, { complete }).switchKey === undefined ? 'scaled' : 'selected',
  keepsByAddress: true,
  previewsAlone: true,
  editReads: ['HorizontalPodAutoscaler', 'PodDisruptionBudget'],
  settled,
  editable,
  edit: editService,
  requireProvided,
  start: startService,
  // No object but the Deployments defines a version: cleanup takes these.
  retire: () => ({ changes: [], named: [] }),
  arrange,
  requireAnswered: () => undefined,
  ...routeRequests,
}
