import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceOf, wordsFor } from '../../../shared/plan/controllers/controlled.ts'
import type { ControlledRollout, ControllerOrder } from '../../../shared/routing/controller.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { Store } from '../../../shared/view/store.ts'
import type { CommandReading } from '../../read/read-for-command.ts'
import type { Intent } from '../intent.ts'
import { refuseUnderRun } from './run-under-controller.ts'

/** What is wanted of a rollout of a controller. */
export interface OrderedRollout {
  readonly intent: Intent
  readonly rollout: ControlledRollout
}

/**
 * Throws a CanaryError for a promotion of a version that the controller does not roll out, and `RunUnderController` for
 * an abort of a Service that has a run of ours in progress.
 */
export async function requireTaken(
  store: Store,
  reading: CommandReading,
  { intent, rollout }: OrderedRollout,
): Promise<void> {
  if (intent.kind === 'promote') requireCanary(reading, rollout, intent.version)
  if (intent.kind !== 'abort') return
  await refuseUnderRun(store, reading, { rollout, canAbort: isTaken(reading.view, rollout, 'abort') })
}

/** `promote VERSION` sends everything to the version that a controller rolls out; it can promote no other. */
function requireCanary({ view, target }: CommandReading, rollout: ControlledRollout, version: string): void {
  const { controller, object, owner } = rollout
  const { canary, stable } = controller.versionsOf(view, object)
  if (canary.includes(version)) return
  const named = wordsFor(serviceOf(view, rollout))
  const where = target.live === true ? '' : ' on the cluster'
  const offer = (order: ControllerOrder, what: string, words: string): readonly string[] =>
    isTaken(view, rollout, order) ? [`${what}${where}: kubectl canary ${words}`] : []
  if (stable.includes(version))
    throw new CanaryError('refused', `${owner}: ${version} is its stable version`, {
      owner,
      hints: offer('abort', 'To send everything back to it', `abort ${named}`),
    })
  throw new CanaryError('not-found', `${owner} has no version ${version}`, {
    hints: [
      `The version that it rolls out is called ${canary.join(' or ')}.`,
      ...offer('full', 'To send everything to it', `promote ${named} --full`),
      ...offer('step', 'To go to its next step', `promote ${named} --step`),
    ],
  })
}

/** Whether a controller would carry an order out now. */
function isTaken(
  view: ClusterView,
  { controller, object }: ControlledRollout,
  order: ControllerOrder,
): boolean {
  try {
    controller.drive(view, object, { order, parts: [], named: '' })
    return true
  } catch (error) {
    if (error instanceof CanaryError) return false
    throw error
  }
}
