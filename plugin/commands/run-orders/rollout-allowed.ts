import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { FrozenError, formatFreeze } from '../../../shared/plan/freeze/refuse-frozen.ts'
import { freezeOf } from '../../../shared/plan/freeze/freeze.ts'
import { refuseManaged } from '../../../shared/plan/managers/managers.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { Session } from '../../session.ts'
import { readOwners } from '../../read/read-owners.ts'
import type { PlainService } from '../../read/plain/plain-service.ts'

/** A change of the rollout of a Deployment, and what was typed for it. */
export interface RolloutChange {
  readonly change: Change
  readonly plain: PlainService
  readonly force: boolean
  /** It goes forward: what holds a rollout, or takes it back, is always allowed. */
  readonly isForward: boolean
  /** What the change is in the files of whoever applies the Deployment. */
  readonly inFiles: string
}

/**
 * Throws a CanaryError `refused` where a freeze holds the Service now, or where Argo CD or Flux would set the change back, unless
 * the person insists.
 */
export async function requireRolloutAllowed(
  session: Session,
  { change, plain: { view, service }, force, isForward, inFiles }: RolloutChange,
): Promise<void> {
  const store = await session.store()
  const { command } = session.typed
  const owners = await readOwners(store, [change])
  try {
    refuseManaged([change], { force, command, owners })
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    // A file has no rollout that could be held: its first hint is the same command on files.
    throw new CanaryError(error.code, error.message, {
      hints: [inFiles, ...error.hints.slice(1)],
      cause: error,
    })
  }
  if (force || !isForward) return
  const { name, namespace } = service
  const freeze = freezeOf(view, { service: name, namespace }, session.streams.now())
  if (freeze !== undefined)
    throw new FrozenError(name, formatFreeze(freeze), [
      'pause, abort and undo still work.',
      `To let it continue now: kubectl canary ${command} --force`,
    ])
}
