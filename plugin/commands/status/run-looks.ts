import type { ServiceStatus } from '../../print/services/service-status.ts'
import type { Look } from '../watch/look.ts'

/** Between two looks at a run in progress, in milliseconds: nothing tells of its checks and of the orders that it gets. */
const everyOfRuns = 5000

/** When to look again at services of which some have a run in progress. */
export const withinOfRuns = (statuses: readonly Pick<ServiceStatus, 'run'>[]): Pick<Look, 'within'> =>
  statuses.some(({ run }) => run !== undefined && run.ended === undefined) ? { within: everyOfRuns } : {}
