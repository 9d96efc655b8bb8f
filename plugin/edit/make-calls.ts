import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import type { ControllerCall } from '../../shared/routing/controller.ts'
import type { Store } from '../../shared/view/store.ts'

/**
 * Calls what carries an order to a controller out, through the API server. Throws a CanaryError where it does not
 * answer with 2xx, with the command that does the same.
 */
export async function makeCalls(store: Store, { order }: Pick<Plan, 'order'>): Promise<void> {
  for (const call of order?.calls ?? []) {
    const answer = await store.request?.({ method: 'POST', path: call.path, body: call.body })
    const status = answer?.status ?? 0
    if (status < 200 || status >= 300) throw unanswered(call, status)
  }
}

const unanswered = ({ path, command }: ControllerCall, status: number): CanaryError =>
  new CanaryError(status === 403 ? 'forbidden' : 'failed', `${path} answers ${status}`, {
    hints: [
      ...(status === 403 ? ['It needs the right to create services/proxy there.'] : []),
      `To do it once it answers: ${command}`,
    ],
  })
