import { findService, readFound } from '../../shared/plan/find/find-service.ts'
import { RoutedElsewhere } from '../../shared/plan/find/foreign-routes.ts'
import { freezeOf } from '../../shared/plan/freeze/freeze.ts'
import { formatFreeze, FrozenError } from '../../shared/plan/freeze/refuse-frozen.ts'
import { readers } from '../../shared/providers/readers.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { wordsOf } from '../../shared/rollout/run-words.ts'
import { changedOfRun } from '../../shared/rollout/held-routes.ts'
import { changedBetween, trafficPrint } from '../../shared/rollout/traffic-print.ts'
import type { Provider, ServiceReading } from '../../shared/routing/provider.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import type { ChangeSummary } from '../../shared/view/history.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import { applyEdit, type ApplyOptions, type EditProgress } from '../edit/apply-edit.ts'
import type { Intent } from '../edit/intent.ts'
import { notAccepted } from '../edit/confirm.ts'
import { meetUnfinished } from '../edit/unfinished.ts'
import { meetingOf } from '../edit/write-plan.ts'
import { readForCommand } from '../read/read-for-command.ts'
import { intentsOf } from './intents.ts'
import type { Interference, RouteEdit, RouteStep } from './rollout-ports.ts'
import { isRefusedEdit, refusedEdit } from './steps/refused-edit.ts'

/** What edits and looks of a run need. */
export interface RunWorld {
  readonly store: Store
  readonly providers?: readonly Provider[] | undefined
  /** How edits are written; the words of their records come from the run. */
  readonly writing: Omit<ApplyOptions, 'words' | 'now' | 'report' | 'check'> & {
    readonly historyLimit: number
  }
  readonly now: () => Date
  readonly report: (progress: EditProgress, record: RolloutRecord) => void
}

/** The routes are not as the run left them. */
class Changed extends Error {
  readonly print: string
  constructor(print: string) {
    super('the routes were changed')
    this.print = print
  }
}

/** Brings the routes to a step of a run, unless somebody else changed them since the run did. */
export async function editRoutes(
  world: RunWorld,
  record: RolloutRecord,
  step: RouteStep,
): Promise<RouteEdit> {
  let { print } = record.state
  let why: string | undefined
  for (const intent of intentsOf(record, step)) {
    const edit = await untilSettled(world, record, () => editOnce(world, record, { intent, step, print }))
    if (edit.kind !== 'done' && edit.kind !== 'not-accepted') return edit
    // The last word counts: what was refused of one edit may be in order after the next one.
    why = edit.kind === 'not-accepted' ? edit.why : undefined
    print = edit.print
  }
  return why === undefined ? { kind: 'done', print } : { kind: 'not-accepted', print, why }
}

interface OneEdit {
  readonly intent: Intent
  readonly step: RouteStep
  /** The routes as the run left them. */
  readonly print: string | undefined
}

async function editOnce(
  world: RunWorld,
  record: RolloutRecord,
  { intent, step, print }: OneEdit,
): Promise<RouteEdit> {
  const { historyLimit, ...writing } = world.writing
  try {
    const applied = await applyEdit(
      world.store,
      { intent, namespace: record.namespace, command: wordsOf(record) },
      {
        ...writing,
        isRun: true,
        providers: world.providers,
        now: world.now(),
        words: { command: record.command, reason: reasonOf(record, step), limit: historyLimit },
        report: progress => world.report(progress, record),
        check: ({ plan }) => requireUnchanged(plan, print),
      },
    )
    const [first] = applied.refused
    if (first !== undefined) return { kind: 'refused', why: first.message }
    const written = applied.plan.traffic && trafficPrint(applied.plan.traffic.after)
    const why = notAccepted(applied.unconfirmed ?? [])
    return why === undefined
      ? { kind: 'done', print: written }
      : { kind: 'not-accepted', print: written, why }
  } catch (error) {
    if (error instanceof FrozenError) return { kind: 'held', why: error.freeze }
    if (isRefusedEdit(error)) return refusedEdit(error)
    throw error
  }
}

/** The routes are as the run left them, or as they are to be: a run may have been killed just after its edit. */
function requireUnchanged({ traffic }: Plan, print: string | undefined): void {
  if (print === undefined || traffic === undefined) return
  const before = trafficPrint(traffic.before)
  if (before !== print && before !== trafficPrint(traffic.after)) throw new Changed(before)
}

/** What the history says of an edit: `step 2 of 5 of run 1f2e3d4c`. */
function reasonOf({ id, plan, state, reason }: RolloutRecord, step: RouteStep): string {
  const what = step === 'stage' ? `step ${state.stage + 1} of ${plan.stages.length}` : step
  const why = step === 'rollback' ? state.why : reason
  return `${what} of run ${id}${why === undefined ? '' : `: ${why}`}`
}

/** How the service is read now, unless its routes are not as the run left them. */
export async function readRoutes(
  world: RunWorld,
  record: RolloutRecord,
): Promise<{ readonly kind: 'done'; readonly reading: ServiceReading } | Interference> {
  return untilSettled(world, record, async () => {
    const reading = await readService(world, record)
    const print = trafficPrint(reading.traffic)
    if (record.state.print !== undefined && print !== record.state.print) throw new Changed(print)
    return { kind: 'done', reading }
  })
}

type RunRoutes = Pick<RunWorld, 'store' | 'providers'>
type RunService = Pick<RolloutRecord, 'namespace' | 'command' | 'version'> & {
  readonly service?: string | undefined
}

/** The service of a run, as its routing API reads it. */
export const readService = async (routes: RunRoutes, run: RunService): Promise<ServiceReading> =>
  (await readSeen(routes, run)).reading

/** The same, with what may not be in view. */
async function readSeen(
  { store, providers = readers as readonly Provider[] }: RunRoutes,
  run: RunService,
): Promise<Pick<Reading, 'narrow'> & { readonly reading: ServiceReading }> {
  const { view, target, narrow } = await readForCommand(store, { ...run, command: wordsOf(run), providers })
  const found = findService({ view, providers }, target, { routed: true, version: run.version })
  return { reading: readFound({ view, providers }, found, target), narrow }
}

/** The freeze of the service that holds now, as a sentence without a full stop. */
export async function frozen(world: RunWorld, record: RolloutRecord): Promise<string | undefined> {
  if (record.force) return undefined
  const { view } = await readService(world, record)
  const freeze = freezeOf(view, record, world.now())
  return freeze === undefined ? undefined : formatFreeze(freeze)
}

/**
 * The work; where the routes are others than the run left them, a change that is under way comes first: it may be the
 * run's own, of a process that was killed in the middle of it.
 */
async function untilSettled<T>(
  world: RunWorld,
  record: RolloutRecord,
  work: () => Promise<T>,
): Promise<T | Interference> {
  const givenUp = new Set<string>()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof RoutedElsewhere) return interference(world, record, '[]')
      if (!(error instanceof Changed)) throw error
      const isSettled = await settled(world, record, givenUp)
      if (isSettled) return interference(world, record, error.print)
    }
  }
}

/** False where a change of the service was under way, so that it must be looked again. */
async function settled(world: RunWorld, record: RolloutRecord, givenUp: Set<string>): Promise<boolean> {
  const { history } = world.store
  if (history === undefined) return true
  const { changes } = await history.list(record)
  const meeting = meetingOf(
    { store: world.store, history, givenUp },
    { signal: world.writing.signal, report: progress => world.report(progress, record) },
  )
  return !(await meetUnfinished({ changes, view: (await readService(world, record)).view }, meeting))
}

/** What somebody did to the routes of a run that is held. */
export interface ChangedRoutes {
  readonly why: string
  /** The revisions that have to be taken back; none where it was not done with kubectl canary alone. */
  readonly revisions: readonly number[]
  /** The last revision of the run itself. */
  readonly own: number | undefined
}

/** What would end a run that is held, if it continued now; undefined where nothing would. Writes nothing. */
export async function changedRoutes(
  world: RunRoutes,
  record: RolloutRecord,
): Promise<ChangedRoutes | undefined> {
  const { reading, narrow } = await readSeen(world, record)
  const objects = changedOfRun(record, { traffic: reading.traffic, narrow })
  if (objects.length === 0) return undefined
  const { changes = [] } = (await world.store.history?.list(record)) ?? {}
  // A change that is under way, or was interrupted, is settled by the process of the run.
  if (changes.some(({ heartbeat }) => heartbeat !== undefined)) return undefined
  const isOwn = ({ command, at }: ChangeSummary): boolean =>
    command === record.command && at >= record.started.slice(0, 19)
  const own = changes.findLastIndex(isOwn)
  return {
    why: interferenceOf(changes, record, objects).why,
    revisions: own < 0 ? [] : changes.slice(own + 1).map(({ revision }) => revision),
    own: changes[own]?.revision,
  }
}

/** Who changed the routes, as far as it is recorded, and what that makes of the run. */
async function interference(world: RunWorld, record: RolloutRecord, print: string): Promise<Interference> {
  const { changes = [] } = (await world.store.history?.list(record)) ?? {}
  return interferenceOf(changes, record, changedBetween(record.state.print ?? '[]', print))
}

function interferenceOf(
  changes: readonly ChangeSummary[],
  record: RolloutRecord,
  objects: readonly string[],
): Interference {
  const last = changes.findLast(
    ({ command, at }) => command !== record.command && at >= record.started.slice(0, 19),
  )
  if (last === undefined)
    return {
      kind: 'changed',
      as: 'stopped',
      why: `the routes of ${objects.join(', ')} were changed, not with kubectl canary`,
    }
  const { title, command, by = 'somebody' } = last
  const verb = /^kubectl canary (promote|abort)\b/.exec(command)?.[1]
  const isPromoted = verb === 'promote' && last.stable === record.version
  return {
    kind: 'changed',
    as: isPromoted ? 'promoted' : verb === 'abort' ? 'aborted' : 'stopped',
    why: `${by} changed the routes: ${title} (${command})`,
  }
}
