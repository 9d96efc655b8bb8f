import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Plan, PlannedOrder } from '../../../shared/plan/plan.ts'
import { wordsFor } from '../../../shared/plan/controllers/controlled.ts'

/**
 * A check of each plan of a command, for its `check`. After a conflict the rollout of a controller may be elsewhere: its
 * next step is then another one than the person saw, or the version that is promoted. Throws a CanaryError `failed`
 * where an order is planned for another place than it was first.
 */
export function asShownFirst(command: string): (planned: { readonly plan: Pick<Plan, 'order'> }) => void {
  let first: PlannedOrder | undefined
  return ({ plan: { order } }) => {
    first ??= order
    // Where there is nothing to do any more, nothing is written.
    if (order?.at === undefined || first?.at === order.at) return
    throw new CanaryError(
      'failed',
      `${order.owner} advanced meanwhile, and nothing was written: it was ${first?.at ?? 'elsewhere'}, and is ${order.at}`,
      {
        hints: [
          `How far it is now: kubectl canary status ${wordsFor({ namespace: order.namespace, name: order.service })}`,
          `If that is what you mean: kubectl canary ${command}`,
        ],
      },
    )
  }
}
