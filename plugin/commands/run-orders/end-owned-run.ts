import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { formatRecord, recordIn } from '../../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import type { RunUnderController } from '../../edit/controllers/run-under-controller.ts'
import { formatObjects } from '../../print/objects.ts'
import type { Session } from '../../session.ts'

/** How the end of a run is printed. */
interface EndStyle {
  readonly isDryRun: boolean
  readonly format: Parameters<typeof formatObjects>[1] | undefined
}

/** Its process writes now and then, too. */
const attempts = 8

/** Ends the record of a run whose routes a controller has taken over; neither these nor the controller are touched. */
export async function endOwnedRun(
  session: Session,
  { run: of, owner, aborted }: RunUnderController,
  { isDryRun, format }: EndStyle,
): Promise<void> {
  const { version } = recordIn(of)
  if (!isDryRun) await end(session, of, `${owner} owns the routes`)
  const mark = isDryRun ? ' (dry run)' : ''
  const text = `${of.service}: the run of ${version} is over, and the routes stay as they are, because ${owner} owns them${mark}`
  if (format === undefined) session.say(text)
  else {
    session.note(text)
    if (format !== 'name') session.say(await formatObjects([], format))
  }
  if (aborted !== undefined)
    session.note(`To abort the rollout of ${owner}, too: kubectl canary abort ${aborted}`)
}

async function end(session: Session, of: RunUnderController['run'], because: string): Promise<void> {
  const { runs } = await session.store()
  const by = await runs!.me()
  const now = session.streams.now().toISOString()
  for (let attempt = 1; ; attempt++) {
    const run = await runs!.get(of)
    const record = run && recordIn(run)
    if (run === undefined || record === undefined || isOver(record.state)) return
    const why = `${by ?? 'somebody'} ended it: ${because}`
    const state: RolloutState = { ...record.state, status: 'stopped', why, ended: now }
    try {
      await runs!.replace(run, { text: formatRecord({ ...record, state }) })
      return
    } catch (error) {
      if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
    }
  }
}
