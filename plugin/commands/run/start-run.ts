import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import type { ServiceIdentity } from '../../../shared/view/history.ts'
import type { RunStore } from '../../../shared/view/run-store.ts'
import type { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { refusal } from '../../print/findings.ts'
import { formatNotes } from '../../print/notes.ts'
import { promoteCommand } from '../../print/run/run-lines.ts'
import { createRun, foreseen, recordOf, takeOver, type Delivery } from '../../run/begin.ts'
import { carryOut } from '../../run/carry-out.ts'
import { RunKeeper, RunTaken, type Held } from '../../run/keeper.ts'
import { portsOf } from '../../run/ports-of.ts'
import { readService, type RunWorld } from '../../run/routes.ts'
import type { Session } from '../../session.ts'
import { outputOf } from '../output.ts'
import { lacking } from '../lacking.ts'
import { questionsOf } from './ask.ts'
import { exitCodeOf } from './exit-code.ts'
import { finderOf, requireSources } from './metric-sources.ts'
import { forPeople, jsonLines } from './displays.ts'
import type { RunDisplay } from './run-display.ts'
import { planOf, scrapeIntervalOf, type RunFlags } from './run-flags.ts'
import { worldOf } from './run-world.ts'
import { whichRun } from './which-run.ts'
import { writeReport } from './write-report.ts'

/** What was named before the flags. */
export interface RunTarget {
  readonly service?: string
  readonly version: string | undefined
}

/** Begins a run, or goes on with one, and carries it out to its end. */
export async function startRun(session: Session, target: RunTarget, flags: RunFlags): Promise<void> {
  const format = outputOf(session.flags.output, ['json'])
  const store = await session.store()
  const { runs } = store
  if (runs === undefined) throw new CanaryError('failed', 'a run needs a cluster')
  session.endsItself = true
  const world = worldOf(session, store)
  const finder = finderOf(session, store, flags)
  const questions = questionsOf(session, flags.confirm === true)
  const held =
    flags.resume === true
      ? await resumed(session, runs, { ...target, flags })
      : await begun(session, { world, runs, finder }, await deliveryOf(session, target, flags))
  const keeper = new RunKeeper(runs, held)
  const asks = flags.confirm === true || held.record.plan.promote === 'confirm'
  const display = format === 'json' ? jsonLines(session) : await forPeople(session, asks)
  display.show({ kind: flags.resume === true ? 'resumed' : 'started' }, held.record)
  const record = await carried(session, { world, finder, keeper, display, questions }, flags)
  session.exitCode = exitCodeOf(record.state.status)
  if (record.state.status === 'confirming')
    session.note(`waiting for a person (exit code 4); to promote it: ${promoteCommand(record)}`)
  if (flags.report !== undefined) await reported(session, flags.report, record)
}

/** The code of the run counts more than that of its report. */
async function reported(session: Session, file: string, record: RolloutRecord): Promise<void> {
  try {
    await writeReport(file, record)
  } catch (error) {
    if (!(error instanceof CanaryError) || session.exitCode === 0) throw error
    session.note(`error: ${error.message}`)
  }
}

async function deliveryOf(
  session: Session,
  { service, version }: RunTarget,
  flags: RunFlags,
): Promise<Delivery> {
  if (version === undefined)
    throw await lacking(session, {
      message: 'no version is given',
      service,
      words: (name, one) => ['run', name, one],
      example: ['catalog', 'v2'],
    })
  const { namespace, writing } = session.flags
  return {
    service,
    namespace,
    version,
    stable: flags.stable,
    plan: await planOf(flags),
    command: `kubectl canary ${session.typed.command}`,
    serviceAt: session.typed.serviceAt,
    reason: writing.reason,
    force: flags.force === true,
  }
}

interface Beginning {
  readonly world: RunWorld
  readonly runs: RunStore
  readonly finder: PrometheusFinder
}

/** Checks all that can be checked before anything is written, and writes the run. */
async function begun(
  session: Session,
  { world, runs, finder }: Beginning,
  delivery: Delivery,
): Promise<Held> {
  const first = await foreseen(world, delivery)
  if (first.refused.length > 0) throw refusal(first.refused, { offersForce: false })
  session.noteOnce(formatNotes(first.plan.notes, ''))
  const record = await recordOf(world, delivery, first.plan.traffic!)
  await requireSources(world, finder, record)
  return createRun(runs, record, await identityOf(world, record))
}

async function identityOf(world: RunWorld, record: RolloutRecord): Promise<ServiceIdentity | undefined> {
  const { service, namespace } = record
  const { view } = await readService(world, record)
  const uid = view.get({ kind: 'Service', namespace, name: service })?.metadata.uid
  return uid === undefined ? undefined : { name: service, uid }
}

async function resumed(
  session: Session,
  runs: RunStore,
  { flags, ...target }: RunTarget & { readonly flags: RunFlags },
): Promise<Held> {
  requireNoPlan(target, flags)
  const of = await whichRun(session, runs, target.service)
  return takeOver(runs, of, {
    onWait: holder => session.note(`looking whether the process of the run still works on it (${holder})`),
    wait: milliseconds => session.streams.wait(milliseconds),
  })
}

/** What a run may be told when it goes on; everything else is kept with it. */
const ofThisProcess = [
  'resume',
  'report',
  'confirm',
  'service',
  'scrapeInterval',
  'prometheus',
  'prometheusTokenFile',
  'prometheusBasicAuthFile',
  'prometheusCertificateAuthority',
  'prometheusInsecureSkipTlsVerify',
]

function requireNoPlan({ version }: Pick<RunTarget, 'version'>, flags: RunFlags): void {
  const typed = Object.keys(flags).find(key => !ofThisProcess.includes(key))
  if (typed === undefined && version === undefined) return
  const what =
    typed === undefined
      ? `the version ${version}`
      : `--${typed.replaceAll(/[A-Z]/g, found => `-${found.toLowerCase()}`)}`
  throw new CanaryError('usage', `${what} cannot be used with --resume`, {
    hints: ['The plan is kept with the run. To change it, abort the run and begin another one.'],
  })
}

interface Carrying {
  readonly world: RunWorld
  readonly finder: PrometheusFinder
  readonly keeper: RunKeeper
  readonly display: RunDisplay
  readonly questions: ReturnType<typeof questionsOf>
}

async function carried(
  session: Session,
  { world, finder, keeper, display, questions }: Carrying,
  flags: RunFlags,
): Promise<RolloutRecord> {
  const { streams } = session
  keeper.beat()
  try {
    const ports = portsOf({
      world,
      keeper,
      instruments: {
        finder,
        scrapeInterval: scrapeIntervalOf(flags),
        ask: world.store.request === undefined ? undefined : asked => world.store.request!(asked),
        signal: streams.interrupt,
        now: () => streams.now(),
      },
      wait: milliseconds => streams.wait(milliseconds),
      report: (news, record) => display.show(news, record),
      ...questions,
      wordsOf: (moment, record) => `${moment}: ${record.version} of ${record.service}`,
    })
    return await carryOut(keeper.record, ports)
  } catch (error) {
    if (error instanceof RunTaken)
      throw new CanaryError('conflict', `another process goes on with the run of ${keeper.record.service}`)
    if (!streams.interrupt.aborted) throw error
    session.note(whereItStands(keeper.record))
    throw streams.interrupt.reason
  } finally {
    display.close()
    await keeper.release().catch(() => undefined)
  }
}

/** What a person has to know who stops the process. */
function whereItStands({ service, namespace, version, state, plan }: RolloutRecord): string {
  const named = `${serviceWord(service)} -n ${namespace}`
  return [
    `the run stands at step ${state.stage + 1} of ${plan.stages.length}, and ${version} keeps its share`,
    `  To go on: kubectl canary run ${named} --resume`,
    `  To send everything back to stable: kubectl canary abort ${named}`,
  ].join('\n')
}
