import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import type { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { formatMoment, promoteCommand } from '../../print/run/run-lines.ts'
import { carryOut } from '../../run/carry-out.ts'
import { RunKeeper, RunTaken } from '../../run/keeper.ts'
import { portsOf } from '../../run/ports-of.ts'
import type { RunWorld } from '../../run/routes.ts'
import type { Session } from '../../session.ts'
import { providersOfRun } from '../chosen-providers.ts'
import { outputOf } from '../output.ts'
import { questionsOf } from './ask.ts'
import type { RunTarget } from './checked-run.ts'
import { exitCodeOf } from './exit-code.ts'
import { heldRun, requireNoPlan } from './held-run.ts'
import { finderOf } from './metric-sources.ts'
import { forPeople, jsonLines } from './display/displays.ts'
import type { RunDisplay } from './display/run-display.ts'
import { scrapeIntervalOf, type RunFlags } from './run-flags.ts'
import { worldOf } from './run-world.ts'
import { writeReport } from './write-report.ts'

/** Begins a run, or continues with one, and carries it out to its end. */
export async function startRun(session: Session, target: RunTarget, flags: RunFlags): Promise<void> {
  const format = outputOf(session.flags.output, ['json'])
  requireNoPlan(session, { target, flags })
  const store = await session.store()
  const { runs } = store
  if (runs === undefined) throw new CanaryError('failed', 'a run needs a cluster')
  session.endsItself = true
  const world = worldOf(session, store)
  const finder = finderOf(session, store, flags)
  const scrapeInterval = scrapeIntervalOf(flags)
  const { open, ...questions } = questionsOf(session, flags.confirm === true)
  const found = await heldRun(session, { world, runs, finder }, { target, flags })
  const { plan, ...begun } = 'over' in found ? found.over : found.held.record
  const ofRun = { ...world, providers: providersOfRun(session, begun) }
  const asks = flags.confirm === true || plan.promote === 'confirm'
  const display = format === 'json' ? jsonLines(session) : await forPeople(session, { asks, open })
  const record =
    'over' in found
      ? endedBefore(display, found.over)
      : await carried(session, {
          world: ofRun,
          finder,
          scrapeInterval,
          keeper: new RunKeeper(runs, found.held),
          display,
          questions,
          isContinued: found.isContinued,
        })
  session.exitCode = exitCodeOf(record.state.status)
  if (record.state.status === 'confirming')
    session.note(`waiting for a person (exit code 4); to promote it: ${promoteCommand(record)}`)
  if (flags.report !== undefined) await writeReportOf(session, flags.report, record)
}

/** Writes the report. If that fails, the exit code stays that of the run, unless the run succeeded. */
async function writeReportOf(session: Session, file: string, record: RolloutRecord): Promise<void> {
  try {
    await writeReport(file, record)
  } catch (error) {
    if (!(error instanceof CanaryError) || session.exitCode === 0) throw error
    session.note(`error: ${error.message}`)
  }
}

/** A run that ended before this process was started: its end is told again. */
function endedBefore(display: RunDisplay, record: RolloutRecord): RolloutRecord {
  display.show({ kind: 'ended' }, record)
  display.close()
  return record
}

interface Carrying {
  /** Whether another process began it. */
  readonly isContinued: boolean
  readonly world: RunWorld
  readonly finder: PrometheusFinder
  readonly scrapeInterval: number | undefined
  readonly keeper: RunKeeper
  readonly display: RunDisplay
  readonly questions: Omit<ReturnType<typeof questionsOf>, 'open'>
}

async function carried(
  session: Session,
  { world, finder, scrapeInterval, keeper, display, questions, isContinued }: Carrying,
): Promise<RolloutRecord> {
  const { streams } = session
  display.show({ kind: isContinued ? 'resumed' : 'started' }, keeper.record)
  keeper.beat()
  try {
    const ports = portsOf({
      world,
      keeper,
      instruments: {
        finder,
        scrapeInterval,
        ask: world.store.request === undefined ? undefined : asked => world.store.request!(asked),
        bench: world.store.jobs && {
          jobs: world.store.jobs,
          now: () => streams.now(),
          wait: milliseconds => streams.wait(milliseconds),
          look: () => keeper.look(),
        },
        env: streams.env,
        signal: streams.interrupt,
        now: () => streams.now(),
      },
      wait: milliseconds => streams.wait(milliseconds),
      report: (news, record) => display.show(news, record),
      ...questions,
      wordsOf: formatMoment,
    })
    return await carryOut(keeper.record, ports)
  } catch (error) {
    if (error instanceof RunTaken) throw takenFrom(keeper.record, error)
    if (!streams.interrupt.aborted) throw error
    session.note(whereItStands(keeper.record))
    throw streams.interrupt.reason
  } finally {
    display.close()
    await keeper.release().catch(() => undefined)
  }
}

/** The error of a process that has lost its run. */
function takenFrom(record: RolloutRecord, { gone }: RunTaken): CanaryError {
  const { service, version, state, plan } = record
  if (gone === undefined)
    return new CanaryError('conflict', `another process continues the run of ${service}`)
  const step = `step ${state.stage + 1} of ${plan.stages.length}`
  return new CanaryError(
    'conflict',
    `the run of ${version} is over at ${step}: ${gone}, which records it, was deleted`,
    {
      hints: [
        'The routes stay as they are. The Lease is deleted with its Service, too.',
        `To send everything back to stable: kubectl canary abort ${routesOfRun(record)}`,
      ],
    },
  )
}

/** For a person who stops the process: where the run is, and how to continue or abort it. */
function whereItStands(record: RolloutRecord): string {
  const { service, namespace, version, state, plan } = record
  const named = `${serviceWord(service)} -n ${namespace}`
  return [
    `the run is at step ${state.stage + 1} of ${plan.stages.length}, and ${version} keeps its share`,
    `  To continue: kubectl canary run ${named} --resume`,
    `  To send everything back to stable: kubectl canary abort ${routesOfRun(record)}`,
  ].join('\n')
}
