import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { endOf, isOver, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import type { KeptRun, RunOf, RunStore } from '../../../shared/view/runs/run-store.ts'
import type { Session } from '../../session.ts'
import { noRunOf, whichRun } from '../run/which-run.ts'
import { endOfHeldRun } from './held-back.ts'
import { orderRollout } from './rollout-orders.ts'

/** A run as it is after an order, and whether the order changed it. */
interface Ordered {
  readonly run: KeptRun
  readonly record: RolloutRecord
  readonly isNew: boolean
}

/** The Service whose run is told something, and whether a person insists. */
interface OrderedService {
  readonly service?: string | undefined
  readonly force?: boolean | undefined
}

/** Holds a run where it is. */
export async function pauseRun(session: Session, { service, force }: OrderedService): Promise<void> {
  const runs = await runsOf(session)
  if (
    (await isWithoutRun(runs, session, service))
    && (await orderRollout(session, service, { order: 'pause', force }))
  )
    return
  const by = await runs.me()
  const { reason } = session.flags.writing
  const { record, isNew } = await order(
    session,
    { of: await whichRun(session, runs, service), typed: service },
    state =>
      state.paused === undefined
        ? {
            ...state,
            paused: {
              at: session.streams.now().toISOString(),
              ...(by !== undefined && { by }),
              ...(reason !== undefined && { reason }),
            },
          }
        : state,
  )
  const step = `step ${record.state.stage + 1} of ${record.plan.stages.length}`
  session.say(
    `${record.service}: the run of ${record.version} is paused at ${step}${isNew ? dryRunMark(session) : ' (unchanged)'}`,
  )
}

/** Lets a paused run go on; where it would end at once, it is refused, or ended if a person insists. */
export async function resumeRun(session: Session, { service, force }: OrderedService): Promise<void> {
  const runs = await runsOf(session)
  if (
    (await isWithoutRun(runs, session, service))
    && (await orderRollout(session, service, { order: 'resume', force }))
  )
    return
  const of = await whichRun(session, runs, service)
  const why = await endOfHeldRun(session, { runs, of, force: force === true })
  const ended = why && { status: 'stopped' as const, why, ended: session.streams.now().toISOString() }
  const { run, record, isNew } = await order(session, { of, typed: service }, ({ paused: _, ...state }) => ({
    ...state,
    ...ended,
  }))
  session.say(
    why === undefined
      ? `${record.service}: the run of ${record.version} continues${isNew ? dryRunMark(session) : ' (unchanged: it was not paused)'}`
      : `${record.service}: the run of ${record.version} is over, and the routes stay as they are${dryRunMark(session)}`,
  )
  if (run.holder === undefined && why === undefined)
    session.note(
      `no process is running it; to continue: kubectl canary run ${serviceWord(record.service)} -n ${record.namespace} --resume`,
    )
}

const dryRunMark = ({ flags: { dryRun } }: Session): string =>
  ({ none: '', client: ' (dry run)', server: ' (server dry run)' })[dryRun]

async function runsOf(session: Session): Promise<RunStore> {
  const { runs } = await session.store()
  if (runs === undefined) throw new CanaryError('failed', 'a run needs a cluster')
  return runs
}

/** Whether the Service that is named has no run that could be held or go on: its Deployment may have a rollout. */
async function isWithoutRun(runs: RunStore, session: Session, service: string | undefined): Promise<boolean> {
  if (service === undefined) return false
  const run = await runs.get(await whichRun(session, runs, service))
  return run === undefined || isOver(recordIn(run).state)
}

const attempts = 8

/** Changes the state of a run that is not over; again where its process wrote first. */
async function order(
  session: Session,
  { of, typed }: { readonly of: RunOf; readonly typed: string | undefined },
  change: (state: RolloutState) => RolloutState,
): Promise<Ordered> {
  const runs = await runsOf(session)
  const isDryRun = session.flags.dryRun !== 'none'
  for (let attempt = 1; ; attempt++) {
    const run = await runs.get(of)
    if (run === undefined) throw await noRunOf(session, of, typed)
    const record = recordIn(run)
    if (isOver(record.state))
      throw new CanaryError(
        'not-found',
        `the run of ${of.service} is over: ${record.version} ${endOf(record.state)}`,
        { hints: [`To begin another one: kubectl canary run ${routesOfRun(record, 'VERSION')}`] },
      )
    const state = change(record.state)
    if (JSON.stringify(state) === JSON.stringify(record.state)) return { run, record, isNew: false }
    if (isDryRun) return { run, record: { ...record, state }, isNew: true }
    try {
      const ordered = { ...record, state }
      const { holder, renewed } = run
      // Only the process that works on it gives signs of life.
      const written = await runs.replace(run, { text: formatRecord(ordered), holder, renewed })
      return { run: written, record: ordered, isNew: true }
    } catch (error) {
      if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
    }
  }
}
