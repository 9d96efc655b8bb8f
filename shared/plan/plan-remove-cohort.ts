import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { RemoveCohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planRemoveCohort(_view: ClusterView, _intent: RemoveCohortIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
