import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { WeightIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planWeight(_view: ClusterView, _intent: WeightIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
