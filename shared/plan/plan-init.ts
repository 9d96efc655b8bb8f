import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { InitIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planInit(_view: ClusterView, _intent: InitIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
