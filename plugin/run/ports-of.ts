import type { HookMoment } from '../../shared/rollout/rollout-plan.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import type { RolloutStatus } from '../../shared/rollout/rollout-state.ts'
import { podShareIn } from '../../shared/rollout/traffic-print.ts'
import type { RunKeeper } from './keeper.ts'
import { measureRun, type Instruments } from './measuring.ts'
import { gateBody, hookBody, isGood, postTo, shownUrl } from './post.ts'
import type { StageMeasured, RolloutPorts, RouteEdit } from './rollout-ports.ts'
import { editRoutes, frozen, readRoutes, type RunWorld } from './routes.ts'
import type { RolloutNews } from '../../shared/rollout/rollout-news.ts'

/** What a run on a cluster is made of. */
export interface LiveRun {
  readonly world: RunWorld
  readonly instruments: Instruments
  readonly keeper: RunKeeper
  readonly wait: (milliseconds: number) => Promise<void>
  readonly report: (news: RolloutNews, record: RolloutRecord) => void
  /** Whether the version is promoted; left out where nobody can be asked. */
  readonly ask?: ((record: RolloutRecord) => Promise<boolean>) | undefined
  /** Asks before each step forward, where a person wants that: why it must wait. */
  readonly confirmStep?: ((record: RolloutRecord) => Promise<string | undefined>) | undefined
  /** The words about news of a moment, for hooks. */
  readonly wordsOf: (moment: HookMoment, record: RolloutRecord) => string
}

/** The ports of a run on a cluster. */
export function portsOf(run: LiveRun): RolloutPorts {
  const { world, keeper, instruments } = run
  return {
    edit: async (record, step) => withPods(record, await editRoutes(world, record, step)),
    measure: record => measured(run, record),
    hold: record => holdOf(run, record),
    hook: async (record, moment) => {
      await Promise.all([announced(run, record, moment), callHooks(run, record, moment)])
    },
    save: state => keeper.save(state),
    look: () => keeper.look(),
    ...(run.ask !== undefined && { ask: run.ask }),
    now: instruments.now,
    wait: run.wait,
    report: run.report,
  }
}

async function measured({ world, instruments }: LiveRun, record: RolloutRecord): Promise<StageMeasured> {
  const routes = await readRoutes(world, record)
  if (routes.kind === 'changed') return routes
  return { kind: 'measured', results: await measureRun(instruments, routes.reading, record) }
}

/** What stands against the next step: a freeze first, for a gate may count how often it is asked. */
async function holdOf(
  { world, instruments: { signal, env }, confirmStep }: LiveRun,
  record: RolloutRecord,
): Promise<string | undefined> {
  const freeze = await frozen(world, record)
  if (freeze !== undefined) return freeze
  for (const gate of record.plan.gates) {
    const { ok, said } = await postTo({ url: gate, env }, gateBody(record), signal)
    if (!ok) return `the gate ${shownUrl(gate)} is closed: ${said}`
  }
  return confirmStep?.(record)
}

async function callHooks(run: LiveRun, record: RolloutRecord, moment: HookMoment): Promise<void> {
  const { signal, env, now } = run.instruments
  const message = run.wordsOf(moment, record)
  await Promise.all(
    record.plan.hooks
      .filter(({ on }) => on === undefined || on.includes(moment))
      .map(async hook => {
        const body = hookBody(hook, record, { moment, message, now: now() })
        const said = await postTo({ url: hook.url, env }, body, signal).catch((error: unknown) => ({
          ok: signal.aborted,
          said: error instanceof Error ? error.message : String(error),
        }))
        if (!said.ok)
          run.report({ kind: 'note', text: `the hook ${shownUrl(hook.url)} failed: ${said.said}` }, record)
      }),
  )
}

/** What a run has come to by itself at a moment, as the reason of an Event. */
const reasons: Readonly<Record<Exclude<HookMoment, 'end'>, string>> = {
  start: 'CanaryRunStarted',
  step: 'CanaryRunStep',
  promotion: 'CanaryRunPromoted',
  rollback: 'CanaryRunRolledBack',
}

/** What others made of a run: it is told at its end alone. */
const endings: Readonly<Partial<Record<RolloutStatus, string>>> = {
  promoted: reasons.promotion,
  aborted: 'CanaryRunAborted',
  stopped: 'CanaryRunStopped',
}

async function announced(
  { keeper, instruments: { now }, wordsOf }: LiveRun,
  record: RolloutRecord,
  moment: HookMoment,
): Promise<void> {
  const { status, why } = record.state
  // A run that promotes the version itself has no reason to give, and has told it already.
  const isTold = moment === 'end' && status === 'promoted' && why === undefined
  const reason = moment === 'end' ? endings[status] : reasons[moment]
  if (reason === undefined || isTold) return
  await keeper.announce({
    isGood: isGood(status),
    reason,
    message: `${wordsOf(moment, record)} (run ${record.id})`,
    at: now(),
  })
}

/** The edit with the share that the numbers of pods give the version, where these decide it. */
const withPods = ({ version }: RolloutRecord, edit: RouteEdit): RouteEdit =>
  edit.kind === 'done' && edit.print !== undefined
    ? { ...edit, byPods: podShareIn(edit.print, version) }
    : edit
