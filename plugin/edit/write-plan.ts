import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import type { UnreadyVersion } from '../../shared/plan/finish/ready.ts'
import type { Target } from '../../shared/plan/intent.ts'
import { trafficsOf, type Plan } from '../../shared/plan/plan.ts'
import { changedRef, merged } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { ChangeSummary } from '../../shared/view/history.ts'
import type { DryRun, Outcome, Store } from '../../shared/view/store.ts'
import { unconfirmed, type Unconfirmed } from './confirm.ts'
import { makeCalls } from './make-calls.ts'
import { waitBefore, type Pace, type Waiting } from './pace.ts'
import { recorded, type Recordable, type RecordWords } from './recorder.ts'
import { meetUnfinished, type Meeting, type Recovered } from './unfinished.ts'

/** What happens while a plan is written. */
export type WriteProgress =
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  | { readonly kind: 'under-way'; readonly change: ChangeSummary }
  | { readonly kind: 'recovered'; readonly recovered: Recovered }
  | { readonly kind: 'not-recorded'; readonly why: string }

/** How a plan is written. */
export interface WriteOptions {
  readonly dryRun: DryRun
  readonly now: Date
  /** Whether a client dry run gives the difference as text. */
  readonly withDiff?: boolean
  /** The edit is printed to be committed: whoever applies the files carries it out. */
  readonly isPrinted?: boolean
  readonly report?: (progress: WriteProgress) => void
  /** Runs the write; whoever must not leave it half done holds off interrupts meanwhile. */
  readonly write?: <T>(work: () => Promise<T>) => Promise<T>
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal | undefined
  /** Without waits where left out, as for files. */
  readonly pace?: Pace | undefined
  /** What is recorded of the change; nothing is where left out. */
  readonly words?: Omit<RecordWords, 'now'> | undefined
}

/** A plan as it was written. */
export interface WrittenPlan {
  /** One per written object; none where the rules refused the edit. */
  readonly outcomes: readonly Outcome[]
  readonly diff?: string
  /** The changes of the service that were recorded before, the oldest first, where they could be read. */
  readonly earlier?: readonly ChangeSummary[]
  /** Ctrl-C ended a drain: the routes are as wanted, and what they no longer name is still there. */
  readonly stoppedDraining?: boolean
  /** What controllers refuse of it, or have not confirmed in time. */
  readonly unconfirmed?: readonly Unconfirmed[]
}

interface ToWrite {
  readonly plan: Plan
  readonly view: ClusterView
  readonly target: Target
  readonly live: boolean
  readonly givenUp: Set<string>
}

/**
 * Writes a plan: on a cluster step by step and with a record of it, on files at once. `read again` where
 * somebody else's change of the same service was under way.
 */
export async function writePlan(
  store: Store,
  toWrite: ToWrite,
  options: WriteOptions,
): Promise<WrittenPlan | 'read again'> {
  const { plan, live } = toWrite
  // What is only printed needs no file that may be written.
  if (!live && options.isPrinted === true) return { outcomes: [] }
  if (!live || options.dryRun !== 'none') return writeAtOnce(store, plan, options)
  const written = await writeRecorded(store, toWrite, options)
  if (written !== 'read again') await makeCalls(store, plan)
  return written === 'read again'
    ? written
    : { ...written, unconfirmed: await unconfirmed(store, plan, options) }
}

/** On a cluster: step by step, and with a record where one may be written. */
async function writeRecorded(
  store: Store,
  toWrite: ToWrite,
  options: WriteOptions,
): Promise<WrittenPlan | 'read again'> {
  const { plan, view, givenUp } = toWrite
  const { words, now, report } = options
  const steps = (): Promise<WrittenPlan> => held(options, () => writeSteps(store, toWrite, options))
  const onMissing = (why: string): void => report?.({ kind: 'not-recorded', why })
  const recordable = await recordableOf(store, plan, view)
  if (recordable === undefined || words === undefined) return steps()
  if (typeof recordable === 'string') {
    onMissing(recordable)
    return steps()
  }
  const meeting = meetingOf({ store, history: store.history!, givenUp }, options)
  for (const { earlier } of recordable.services)
    if (await meetUnfinished({ changes: earlier, view }, meeting)) return 'read again'
  const recording = { words: { ...words, now }, onMissing, work: steps }
  return {
    ...(await recorded(store.history!, recordable, recording)),
    earlier: recordable.services[0]!.earlier,
  }
}

const held = <T>(
  { write = work => work() }: Pick<WriteOptions, 'write'>,
  work: () => Promise<T>,
): Promise<T> => write(work)

async function writeAtOnce(store: Store, plan: Plan, options: WriteOptions): Promise<WrittenPlan> {
  const { dryRun, withDiff = false } = options
  const changes = merged(plan.changes)
  const diff = withDiff && dryRun === 'client' && changes.length > 0 ? await store.diff(changes) : undefined
  const isExact = plan.changes.some(({ patch }) => patch !== undefined)
  const outcomes = await held(options, () => store.apply(isExact ? plan.changes : changes, { dryRun }))
  return { outcomes: byObject(outcomes), ...(diff === undefined ? {} : { diff }) }
}

/** How a change of the same service that is under way is met. */
export const meetingOf = (
  place: Pick<Meeting, 'store' | 'history' | 'givenUp'>,
  { signal, report }: Pick<WriteOptions, 'signal' | 'report'>,
): Meeting => ({
  ...place,
  signal,
  onWait: change => report?.({ kind: 'under-way', change }),
  onRecovered: recovered => report?.({ kind: 'recovered', recovered }),
})

/** Nothing where nothing changes or the store keeps no history; a sentence where it may not be read. */
async function recordableOf(
  { history }: Store,
  plan: Plan,
  view: ClusterView,
): Promise<Recordable | string | undefined> {
  const traffics = trafficsOf(plan)
  if (history === undefined || traffics.length === 0 || plan.changes.length === 0) return undefined
  const known = await Promise.all(
    traffics.map(async ({ after }) => {
      const { service, namespace } = after
      return { traffic: after, ...(await history.list({ service, namespace })) }
    }),
  )
  const missing = known.find(one => one.missing !== undefined)?.missing
  const services = known.map(({ traffic, changes }) => ({ traffic, earlier: changes }))
  return missing ?? { plan, view, services }
}

async function writeSteps(
  store: Store,
  { plan, target }: ToWrite,
  options: WriteOptions,
): Promise<WrittenPlan> {
  const { pace, signal } = options
  let stoppedDraining = false
  const outcomes = await store.apply(
    plan.steps.map(({ change }) => change),
    {
      dryRun: 'none',
      disown: isOver(plan),
      ...(plan.scales === true && { scales: true }),
      before: async index => {
        if (pace === undefined) return true
        const goes = await waitBefore(plan.steps[index]!, {
          pace,
          signal,
          report: waiting => options.report?.({ kind: 'waiting', waiting }),
          lacking: () => lackingNow(store, plan),
          target,
        })
        stoppedDraining ||= !goes
        return goes
      },
    },
  )
  return { outcomes: byObject(outcomes), ...(stoppedDraining ? { stoppedDraining } : {}) }
}

/** The versions that are about to get requests and have no ready pod now. */
async function lackingNow(store: Store, plan: Plan): Promise<readonly UnreadyVersion[]> {
  if (plan.lacking === undefined) return []
  const namespaces = [...new Set(trafficsOf(plan).map(({ after }) => after.namespace))]
  const { view } = await store.read({ namespaces })
  return plan.lacking(view)
}

/** No stable version and no cohort is recorded any more, and nobody needs to see who wrote the routes. */
const isOver = (plan: Plan): boolean =>
  plan.keepsClaims !== true
  && plan.traffic !== undefined
  && trafficsOf(plan).every(
    ({ after }) =>
      after.stable === undefined && after.entryPoints.every(({ cohorts }) => cohorts.length === 0),
  )

/** An object that was written twice counts once. */
function byObject(outcomes: readonly Outcome[]): readonly Outcome[] {
  const first = new Map<string, Outcome>()
  for (const outcome of outcomes) {
    const key = keyOf(outcome.ref)
    const earlier = first.get(key)
    if (earlier === undefined || outcome.action === 'deleted') first.set(key, outcome)
    else if (outcome.now !== undefined) first.set(key, { ...earlier, now: outcome.now })
  }
  return [...first.values()]
}

/** The error of a command that was stopped while it drained. */
export const stoppedWhileDraining = (plan: Plan): CanaryError =>
  new CanaryError('interrupted', 'interrupted while requests were drained: the routes are changed', {
    hints: [
      `Unchanged: ${[
        ...new Set(
          plan.steps
            .slice(plan.steps.findIndex(({ waits }) => waits === 'drained'))
            .map(({ change }) => keyOf(changedRef(change))),
        ),
      ].join(', ')}.`,
      'No route names what they define. Run the same command again to remove it.',
    ],
  })
