import { setTimeout as sleep } from 'node:timers/promises'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { isSameState } from '../../shared/plan/undo/restore.ts'
import { changedRef, revert, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { ChangeSummary, HistoryStore } from '../../shared/view/history.ts'
import type { Store } from '../../shared/view/store.ts'
import { heartbeatEvery } from './recorder.ts'

/** What became of a change that nobody finished. */
export interface Recovered {
  readonly change: ChangeSummary
  /** `complete`: all of it was written. `none`: nothing was. `undone`: what was written is taken back now. */
  readonly outcome: 'complete' | 'none' | 'undone'
  /** The objects that were written. */
  readonly written: readonly string[]
  /** The objects that somebody else changed since, and that stay as they are. */
  readonly left: readonly string[]
}

/** How a change that is under way is met. */
export interface Meeting {
  readonly store: Store
  readonly history: HistoryStore
  /** The ids of changes that were found given up, to be settled on a reading that is younger than that. */
  readonly givenUp: Set<string>
  readonly signal?: AbortSignal | undefined
  readonly onWait: (change: ChangeSummary) => void
  readonly onRecovered: (recovered: Recovered) => void
}

/** A heartbeat that has not changed for this long is that of a process that is gone; no two clocks are compared. */
const silence = 3 * heartbeatEvery
/** A heartbeat as old as this needs no second look: no two clocks differ so much. */
const longAgo = 3_600_000
/** So long is waited for somebody else's change. */
const patience = 20_000

/**
 * Waits for a change of the same service that is under way, and settles one that nobody works on any more: what
 * it has written is taken back, unless it has written all. True where the cluster must be read again.
 */
export async function meetUnfinished(
  { changes, view }: { readonly changes: readonly ChangeSummary[]; readonly view: ClusterView },
  meeting: Meeting,
): Promise<boolean> {
  const pending = changes.find(({ heartbeat }) => heartbeat !== undefined)
  if (pending === undefined) return false
  if (meeting.givenUp.has(pending.id)) meeting.onRecovered(await recover(pending, view, meeting))
  else if (await isGivenUp(pending, meeting)) meeting.givenUp.add(pending.id)
  return true
}

/** False where it has been finished meanwhile. Throws a CanaryError `timeout` where it continues for long. */
async function isGivenUp(change: ChangeSummary, { history, signal, onWait }: Meeting): Promise<boolean> {
  let { heartbeat } = change
  if (Date.now() - Date.parse(heartbeat!) > longAgo) return true
  onWait(change)
  const begin = Date.now()
  let changed = begin
  for (;;) {
    await sleep(250, undefined, signal === undefined ? {} : { signal })
    const now = (await history.list(change)).changes.find(({ revision }) => revision === change.revision)
    if (now?.id !== change.id || now.heartbeat === undefined) return false
    if (now.heartbeat !== heartbeat) [heartbeat, changed] = [now.heartbeat, Date.now()]
    if (Date.now() - changed > silence || Date.now() - Date.parse(heartbeat) > longAgo) return true
    if (Date.now() - begin > patience) throw stillUnderWay(change)
  }
}

const stillUnderWay = ({ service, title, by, at }: ChangeSummary): CanaryError =>
  new CanaryError('timeout', `${service} is being changed: ${title}, by ${by ?? 'somebody'} since ${at}`, {
    hints: ['Try again when that change is made.'],
  })

async function recover(
  change: ChangeSummary,
  view: ClusterView,
  { store, history }: Meeting,
): Promise<Recovered> {
  const record = await history.load(change)
  const all = await recordsOf(change, history)
  const isWritten = ({ after, ...rest }: Change): boolean =>
    isSameState(view.get(changedRef({ after, ...rest })), after)
  const isOpen = ({ before, ...rest }: Change): boolean =>
    isSameState(view.get(changedRef({ before, ...rest })), before)
  const written = record.changes.filter(isWritten)
  const left = record.changes.filter(one => !isWritten(one) && !isOpen(one))
  const names = (those: readonly Change[]): readonly string[] => those.map(one => keyOf(changedRef(one)))
  if (written.length === record.changes.length) {
    for (const one of all) await history.reopen(one).close(Number.POSITIVE_INFINITY)
    return { change, outcome: 'complete', written: names(written), left: [] }
  }
  const back = written.map(one => revert({ ...one, after: view.get(changedRef(one)) })).reverse()
  if (back.length > 0) await store.apply(back, { dryRun: 'none' })
  for (const one of all) await history.reopen(one).discard()
  return { change, outcome: back.length > 0 ? 'undone' : 'none', written: names(written), left: names(left) }
}

/**
 * The records of a change in the histories of all its services, as far as they were written; that by which it was
 * found comes last, for the others are found by it.
 */
async function recordsOf(change: ChangeSummary, history: HistoryStore): Promise<readonly ChangeSummary[]> {
  const others = await Promise.all((change.with ?? []).map(other => history.list(other)))
  return [...others.flatMap(({ changes }) => changes.filter(({ id }) => id === change.id)), change]
}
