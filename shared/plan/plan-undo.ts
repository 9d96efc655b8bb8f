import { CanaryError } from '../objects/canary-error.ts'
import { keyOf } from '../objects/kube-object.ts'
import { serviceWord } from '../objects/text/kubectl-commands.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { changedRef } from '../view/change.ts'
import type { ChangeRecord, ChangeSummary } from '../view/history.ts'
import { inSession } from '../view/session.ts'
import { findRecorded, type RecordedName } from './find/find-recorded.ts'
import { findService, findServices, readFound, type FoundService, type World } from './find/find-service.ts'
import { finish } from './finish/finish.ts'
import type { Target } from './intent.ts'
import type { Plan } from './plan.ts'
import { sameChanges } from './together/plan-together.ts'
import { restore, type Drift } from './undo/restore.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/** The recorded changes that are to be taken back. */
export interface UndoIntent {
  readonly target: Target
  /** The revision whose state is wanted; 0 is the one before the first. */
  readonly toRevision: number
  /** All later ones, the oldest first. */
  readonly records: readonly ChangeRecord[]
  readonly force: boolean
}

/** The objects as they were after a revision; what others changed since then stays. */
export function planUndo(given: ClusterView, intent: UndoIntent, providers = allProviders): Plan {
  const { target, records, toRevision, force } = intent
  const world = { view: inSession(given), providers }
  const found = foundByRecords(world, target, records)
  const { service } = found
  const others = servicesBeside(records, service).map(name => findRecorded(world, target, name))
  for (const one of [found, ...others]) refuseOwnedService(world.view, one, 'undo')
  const { changes, drift } = restore(
    given,
    records.flatMap(record => record.changes),
  )
  const conflicts = drift.filter(one => one.conflicts.length > 0)
  if (conflicts.length > 0) throw conflicting(conflicts, { service, records })
  const back = (one: FoundService): Plan => {
    const reading = readFound(world, one, target)
    return finish(one.provider, reading, {
      changes: [...changes].reverse(),
      title: undoTitle(records, toRevision),
      notes: drift.map(({ object }) => ({ kind: 'drift-merged' as const, object })),
      receivers: { target, force, versions: reading.versions },
    })
  }
  return sameChanges([back(found), ...others.map(back)])
}

/** The service; where several routing APIs route it, as that one reads it whose routes the records changed. */
function foundByRecords(world: World, target: Target, records: readonly ChangeRecord[]): FoundService {
  if (target.service === undefined) return findService(world, target, { routed: false })
  const all = findServices(world, target)
  const kinds = new Set(records.flatMap(({ changes }) => changes.map(change => changedRef(change).kind)))
  const isChanged = (found: FoundService): boolean =>
    all.length > 1
    && readFound(world, found, target).traffic.entryPoints.some(({ ref }) => kinds.has(ref.kind))
  return all.find(isChanged) ?? all[0]!
}

/** The other services that the recorded changes are of. */
function servicesBeside(
  records: readonly ChangeSummary[],
  { name, namespace }: { readonly name: string; readonly namespace: string },
): readonly RecordedName[] {
  const all = records.flatMap(record => record.with ?? [])
  const others = all.filter(other => other.service !== name || other.namespace !== namespace)
  return [...new Map(others.map(other => [`${other.namespace}/${other.service}`, other])).values()]
}

/** `undo of promote v2, to revision 2`; an undo that is undone is named by its revision alone. */
function undoTitle(records: readonly ChangeSummary[], toRevision: number): string {
  const [first] = records
  const to = toRevision === 0 ? 'before revision 1' : `revision ${toRevision}`
  if (first === undefined) return `undo to ${to}`
  const one = first.title.startsWith('undo ') ? `revision ${first.revision}` : first.title
  const what = `undo of ${records.length === 1 ? one : `${records.length} changes`}`
  return records.some(record => record.with !== undefined) ? what : `${what}, to ${to}`
}

/** Somebody else changed the same part of an object, so that neither state is the right one. */
function conflicting(
  drift: readonly Drift[],
  {
    service,
    records,
  }: {
    readonly service: { readonly name: string; readonly namespace: string }
    readonly records: readonly ChangeSummary[]
  },
): CanaryError {
  const last = records.at(-1)!
  const [verbs, hints] = [
    { changed: 'changed', deleted: 'deleted', created: 'created again' },
    drift.flatMap(({ object, what, conflicts }) =>
      what === 'changed' && conflicts[0] !== ''
        ? [`Both touch ${conflicts.join(', ')} of ${keyOf(object)}.`]
        : [],
    ),
  ]
  const told = drift.map(({ object, what }) => `${keyOf(object)} was ${verbs[what]}`).join(', ')
  const beside = records.flatMap(record => record.with ?? [])
  // What a change of several services wrote for one of them may have been changed by a later command for that one.
  const by = beside.length === 0 ? ', outside of kubectl canary' : ''
  return new CanaryError('refused', `${told} since revision ${last.revision}${by}`, {
    hints: [
      ...hints,
      ...new Set(
        beside.map(
          one =>
            `The change is also of ${one.service}. Later changes of it: kubectl canary history ${serviceWord(one.service)} -n ${one.namespace}`,
        ),
      ),
      `Compare: kubectl canary history ${serviceWord(service.name)} --revision ${last.revision} -n ${service.namespace}`,
      'Take that change back, or edit the object by hand.',
    ],
  })
}
