import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { PromoteIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planPromote(_view: ClusterView, _intent: PromoteIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
