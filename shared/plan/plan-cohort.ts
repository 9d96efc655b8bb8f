import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { CohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planCohort(_view: ClusterView, _intent: CohortIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
