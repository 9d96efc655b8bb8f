import { CanaryError } from '../../shared/objects/canary-error.ts'
import { refuseFrozen } from '../../shared/plan/freeze/refuse-frozen.ts'
import { findServices } from '../../shared/plan/find/find-service.ts'
import type { Kind } from '../../shared/objects/kinds.ts'
import type { Target } from '../../shared/plan/intent.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { refuseManaged, withManagers } from '../../shared/plan/managers/managers.ts'
import { providers as allProviders } from '../../shared/providers/providers.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Store } from '../../shared/view/store.ts'
import { readForCommand, type CommandReading, type CommandScope } from '../read/read-for-command.ts'
import { bareName } from '../words/names.ts'
import { controlledIntent } from './controllers/controlled.ts'
import type { Intent, IntentOf, ReadyIntent } from './intent.ts'
import { judgeEdit } from './judge-edit.ts'
import { planIntent } from './plan-intent.ts'
import { readOwners } from '../read/read-owners.ts'
import type { Judged } from './pre-flight.ts'
import { refuseUnfilled, withUnfilledHint, withUnfilledRoute } from './refuse-unfilled.ts'
import { historyOf, recordsToUndo } from './undo-records.ts'
import { meetUnfinished } from './unfinished.ts'
import { withWholeMirrors } from './whole-mirrors.ts'
import {
  meetingOf,
  writePlan,
  type WriteOptions,
  type WriteProgress,
  type WrittenPlan,
} from './write-plan.ts'

/** What is wanted, and where. */
export interface Edit extends Omit<CommandScope, 'service' | 'providers'> {
  readonly intent: Intent
}

/** What happens while an edit is applied; each is reported before the next step, which may fail. */
export type EditProgress =
  | { readonly kind: 'read'; readonly notes: readonly string[] }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly warnings: readonly JudgedFinding[] }
  | { readonly kind: 'conflict'; readonly error: CanaryError }
  | WriteProgress

/** How an edit is applied. */
export interface ApplyOptions extends WriteOptions {
  /** The routing APIs; all that there are when left out. */
  readonly providers?: readonly Provider[] | undefined
  readonly report?: (progress: EditProgress) => void
  /** A run makes the edit, which is never an order to a controller. */
  readonly isRun?: boolean
  /** Told of each plan before it is judged; an error that it throws ends the edit, and nothing is written. */
  readonly check?: (planned: Pick<CommandReading, 'view'> & { readonly plan: Plan }) => void
}

/** An edit as it was applied. */
export interface AppliedEdit extends Judged, WrittenPlan {
  readonly plan: Plan
  /** The namespace of the command, as it was found. */
  readonly namespace: string
  /** On a running cluster, not on files. */
  readonly live: boolean
}

/** A plan, and what the rules say of it. */
interface Decided extends Omit<AppliedEdit, keyof WrittenPlan> {
  readonly view: ClusterView
  readonly target: Target
}

/** A person who loses this many races has to look at what else writes. */
const attempts = 8

/**
 * Reads, plans, judges by the rules, and writes what the rules allow; begins again where somebody else wrote
 * first. Throws a CanaryError where one of the steps fails.
 */
export async function applyEdit(store: Store, edit: Edit, options: ApplyOptions): Promise<AppliedEdit> {
  const givenUp = new Set<string>()
  for (let attempt = 1; ;) {
    try {
      const applied = await tryEdit(store, { ...edit, givenUp }, options)
      if (applied !== 'read again') return applied
    } catch (error) {
      if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
      options.report?.({ kind: 'conflict', error })
      // Not in step with whoever was first.
      await new Promise(resolve => setTimeout(resolve, (0.5 + Math.random()) * attempt * 50))
      attempt++
    }
  }
}

interface Attempt extends Edit {
  readonly givenUp: Set<string>
}

async function tryEdit(
  store: Store,
  edit: Attempt,
  options: ApplyOptions,
): Promise<AppliedEdit | 'read again'> {
  const decided = await decide(store, edit, options)
  if (decided === 'read again') return decided
  if (decided.refused.length > 0) return { ...decided, outcomes: [] }
  const written = await writePlan(store, { ...decided, givenUp: edit.givenUp }, options).catch(
    (error: unknown) => {
      throw withWholeMirrors(error, edit.intent, decided.target)
    },
  )
  return written === 'read again' ? written : { ...decided, ...written }
}

/** What says which tokens gateways read, for cohorts by their claims. */
const tokenKinds = ['RequestAuthentication'] as const

/** What takes traffic back is not held up by a freeze. */
const isAlwaysAllowed = (intent: Intent): boolean =>
  ['abort', 'undo'].includes(intent.kind) || (intent.kind === 'order' && intent.order === 'pause')

/** Everything before the first write. */
async function decide(
  store: Store,
  { intent, givenUp, ...scope }: Attempt,
  options: ApplyOptions,
): Promise<Decided | 'read again'> {
  const { now, report, providers } = options
  const read: ReadAgain = (beside = [], more = []) =>
    readForCommand(store, {
      ...scope,
      service: serviceFirst(intent),
      providers,
      also: ['HorizontalPodAutoscaler', ...more, ...(intent.kind === 'set-cohort' ? tokenKinds : [])],
      beside,
      everywhere: 'everywhere' in intent && intent.everywhere,
    })
  const first = await withEditKinds(await read(), { read, providers })
  report?.({ kind: 'read', notes: first.notes })
  const ready = await readyIntent(store, first, { intent, givenUp, options })
  if (ready === 'read again') return ready
  const { target, ...reading } = await besides(first, ready, read)
  const planned = planOn({ ...reading, target }, ready, providers)
  const { force = false } = intent
  const owners = await readOwners(store, planned.changes)
  const plan = withManagers(planned, owners)
  // Files are the source of what a tool applies.
  if (reading.live && options.isPrinted !== true)
    refuseManaged(plan.changes, { force, command: target.command, owners })
  options.check?.({ plan, view: reading.view })
  if (!force && !isAlwaysAllowed(intent))
    refuseFrozen(plan, { view: reading.view, now, forced: `kubectl canary ${target.command} --force` })
  const judged = await judgeEdit(store, reading, { ...options, changes: plan.changes, force })
  if (judged.refused.length === 0) report?.({ kind: 'planned', plan, warnings: judged.warnings })
  return { plan, ...judged, namespace: target.namespace, live: reading.live, view: reading.view, target }
}

type ReadAgain = (beside?: readonly string[], more?: readonly Kind[]) => Promise<CommandReading>

/** The reading, with the kinds that the edits of its routing APIs need besides, where one of these may be meant. */
async function withEditKinds(
  first: CommandReading,
  { read, providers = allProviders }: { readonly read: ReadAgain } & Pick<ApplyOptions, 'providers'>,
): Promise<CommandReading> {
  const { view, target } = first
  const more = providers
    .filter(({ editReads }) => editReads !== undefined)
    .filter(provider => provider.routedServices(view, target.namespace, { complete: first.live }).length > 0)
    .flatMap(({ editReads = [] }) => editReads)
    .filter(kind => kind !== 'HorizontalPodAutoscaler')
  return first.live && more.length > 0 ? read([], more) : first
}

/** The Service that is named, or the first of several, which says what namespace is meant. */
const serviceFirst = (intent: Intent): string | undefined =>
  'services' in intent && Array.isArray(intent.services) ? intent.services[0] : intent.service

/** The reading, with the namespaces of all services of the changes that an undo takes back. */
async function besides(first: CommandReading, ready: ReadyIntent, read: ReadAgain): Promise<CommandReading> {
  if (ready.kind !== 'undo') return first
  const namespaces = ready.records
    .flatMap(record => record.with ?? [])
    .map(({ namespace }) => namespace)
    .filter(namespace => namespace !== first.target.namespace)
  return namespaces.length === 0 ? first : read(namespaces)
}

/** What an intent rests on besides the view: for an undo the records, for a cleanup what has had requests. */
async function readyIntent(
  store: Store,
  reading: CommandReading,
  { intent, ...rest }: Omit<Undoing, 'intent'> & { readonly intent: Intent },
): Promise<ReadyIntent | 'read again'> {
  const { providers = allProviders, isRun = false } = rest.options
  const ordered = await controlledIntent(store, reading, { intent, providers, isRun })
  if (ordered !== undefined) return ordered
  if (intent.kind === 'order') throw new TypeError('an order without a controller')
  if (intent.kind === 'undo') return withRecords(store, reading, { intent, ...rest })
  if (intent.kind !== 'cleanup') return intent
  const { service, namespace } = reading.target
  const named = service === undefined ? undefined : bareName(service).split('.', 1)[0]
  const known = await store.history?.list({ namespace, service: named })
  return { ...intent, served: (known?.changes ?? []).flatMap(({ served = [] }) => served) }
}

interface Undoing {
  readonly intent: IntentOf<'undo'>
  readonly givenUp: Set<string>
  readonly options: ApplyOptions
}

/** An undo with the records of what it takes back; a change that is under way comes first. */
async function withRecords(
  store: Store,
  { view, target }: CommandReading,
  { intent, givenUp, options }: Undoing,
): Promise<ReadyIntent | 'read again'> {
  const { history } = store
  if (history === undefined)
    throw new CanaryError(
      'usage',
      'files have no history of their own: use version control, as with git revert',
    )
  const named =
    target.service === undefined
      ? undefined
      : // Its history is one, however many routing APIs route it.
        findServices({ view, providers: options.providers ?? allProviders }, target)[0]?.service
  const known = await historyOf(history, target, named && { service: named.name, namespace: named.namespace })
  const { dryRun } = options
  const meeting = meetingOf({ store, history, givenUp }, options)
  if (dryRun === 'none' && (await meetUnfinished({ changes: known.changes, view }, meeting)))
    return 'read again'
  return {
    ...intent,
    service: intent.service ?? known.service,
    ...(await recordsToUndo(history, known, intent)),
  }
}

/** The plan, where nothing that it depends on is still to be filled in. */
function planOn(reading: CommandReading, intent: ReadyIntent, providers: ApplyOptions['providers']): Plan {
  try {
    const plan = planIntent(reading, intent, providers)
    refuseUnfilled(reading, plan, intent)
    return plan
  } catch (error) {
    throw withUnfilledHint(withUnfilledRoute(error, reading, { intent, providers }), reading)
  }
}
