import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import type { RunOf, RunStore } from '../../../shared/view/runs/run-store.ts'
import type { ChangedRoutes } from '../../run/routes.ts'
import type { Session } from '../../session.ts'
import { providersOfRun } from '../chosen-providers.ts'

/** Which run is to continue, and whether a person insists. */
interface HeldRunOf {
  readonly runs: RunStore
  readonly of: RunOf
  readonly force: boolean
}

/**
 * Why a paused run ends where it continues, because its routes were changed: a sentence without a full stop, undefined where
 * it continues. Throws a CanaryError `refused` where nobody insists.
 */
export async function endOfHeldRun(
  session: Session,
  { runs, of, force }: HeldRunOf,
): Promise<string | undefined> {
  const run = await runs.get(of)
  const record = run && recordIn(run)
  if (record?.state.paused === undefined) return undefined
  const changed = await changedOf(session, record)
  if (changed === undefined || force) return changed?.why
  throw new CanaryError('refused', `the run of ${record.version} cannot continue: ${changed.why}`, {
    hints: waysOut(record, changed),
  })
}

/** Undefined also where the routes cannot be read: the process of the run looks at them itself. */
async function changedOf(session: Session, record: RolloutRecord): Promise<ChangedRoutes | undefined> {
  const { changedRoutes } = await import('../../run/routes.ts')
  const store = await session.store()
  try {
    return await changedRoutes({ store, providers: providersOfRun(session, record) }, record)
  } catch (error) {
    if (error instanceof CanaryError) return undefined
    throw error
  }
}

function waysOut(record: RolloutRecord, { revisions, own }: ChangedRoutes): readonly string[] {
  const { service, namespace } = record
  const word = serviceWord(service)
  const named = `${word} -n ${namespace}`
  const undo = `kubectl canary undo ${word}${revisions.length > 1 ? ` --to-revision ${own}` : ''} -n ${namespace}`
  return [
    revisions.length === 0
      ? 'To continue it, first edit the routes back to what the run has set.'
      : `To continue it, first take the change back: ${undo}`,
    `To end it and send everything back to stable: kubectl canary abort ${routesOfRun(record)}`,
    `To end it and keep the routes as they are: kubectl canary resume ${named} --force`,
  ]
}
