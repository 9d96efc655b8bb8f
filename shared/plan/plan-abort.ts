import { CanaryError } from '../objects/canary-error.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { AbortIntent } from './intent.ts'
import type { Plan } from './plan.ts'

export function planAbort(_view: ClusterView, _intent: AbortIntent): Plan {
  throw new CanaryError('failed', 'being written')
}
