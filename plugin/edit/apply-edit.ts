import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import { merged } from '../../shared/view/change.ts'
import type { DryRun, Outcome, Store } from '../../shared/view/store.ts'
import { readForCommand, type CommandReading, type CommandScope } from '../read/read-for-command.ts'
import type { Intent } from './intent.ts'
import { planIntent } from './plan-intent.ts'
import { preFlight, type Judged } from './pre-flight.ts'
import { refuseUnfilled, withUnfilledHint } from './refuse-unfilled.ts'

/** What is wanted, and where. */
export interface Edit extends Omit<CommandScope, 'service' | 'providers'> {
  readonly intent: Intent
}

/** What happens while an edit is applied; each is reported before the next step, which may fail. */
export type EditProgress =
  | { readonly kind: 'read'; readonly notes: readonly string[] }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly warnings: readonly JudgedFinding[] }
  | { readonly kind: 'conflict'; readonly error: CanaryError }

/** How an edit is applied. */
export interface ApplyOptions {
  readonly dryRun: DryRun
  readonly now: Date
  /** The routing APIs; all that there are when left out. */
  readonly providers?: readonly Provider[] | undefined
  /** Whether a client dry run gives the difference as text. */
  readonly withDiff?: boolean
  readonly report?: (progress: EditProgress) => void
  /** Runs the write; whoever must not leave it half done holds off interrupts meanwhile. */
  readonly write?: <T>(work: () => Promise<T>) => Promise<T>
}

/** An edit as it was applied. */
export interface AppliedEdit extends Judged {
  readonly plan: Plan
  /** The namespace of the command, as it was found. */
  readonly namespace: string
  /** On a running cluster, not on files. */
  readonly live: boolean
  /** One per written object; none where the rules refused the edit. */
  readonly outcomes: readonly Outcome[]
  readonly diff?: string
}

/** A person who loses this many races has to look at what else writes. */
const attempts = 5

/**
 * Reads, plans, judges by the rules, and writes what the rules allow; begins again where somebody else wrote
 * first. Throws a CanaryError where one of the steps fails.
 */
export async function applyEdit(store: Store, edit: Edit, options: ApplyOptions): Promise<AppliedEdit> {
  for (let attempt = 1; ; attempt++) {
    const decided = await decide(store, edit, options)
    if (decided.refused.length > 0) return { ...decided, outcomes: [] }
    try {
      return { ...decided, ...(await write(store, decided.plan, options)) }
    } catch (error) {
      if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
      options.report?.({ kind: 'conflict', error })
      await new Promise(resolve => setTimeout(resolve, attempt * 50))
    }
  }
}

/** Everything before the first write. */
async function decide(
  store: Store,
  { intent, ...scope }: Edit,
  { now, report, providers }: ApplyOptions,
): Promise<Omit<AppliedEdit, 'outcomes'>> {
  const { target, ...reading } = await readForCommand(store, {
    ...scope,
    service: intent.service,
    providers,
    also: ['HorizontalPodAutoscaler'],
  })
  report?.({ kind: 'read', notes: reading.notes })
  const plan = planOn({ ...reading, target }, intent, providers)
  const force = 'force' in intent && (intent.force ?? false)
  const judged = await preFlight(reading, { changes: plan.changes, now, force })
  if (judged.refused.length === 0) report?.({ kind: 'planned', plan, warnings: judged.warnings })
  return { plan, ...judged, namespace: target.namespace, live: reading.live }
}

/** The plan, where nothing that it rests on is still to be filled in. */
function planOn(reading: CommandReading, intent: Intent, providers: ApplyOptions['providers']): Plan {
  try {
    const plan = planIntent(reading, intent, providers)
    refuseUnfilled(reading, plan, intent)
    return plan
  } catch (error) {
    throw withUnfilledHint(error, reading)
  }
}

async function write(
  store: Store,
  { changes: planned }: Plan,
  { dryRun, withDiff = false, write: hold = work => work() }: ApplyOptions,
): Promise<Pick<AppliedEdit, 'outcomes' | 'diff'>> {
  const changes = merged(planned)
  const diff = withDiff && dryRun === 'client' && changes.length > 0 ? await store.diff(changes) : undefined
  const outcomes = await hold(() => store.apply(changes, { dryRun }))
  return { outcomes, ...(diff === undefined ? {} : { diff }) }
}
