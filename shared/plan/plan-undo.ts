import { CanaryError } from '../objects/canary-error.ts'
import { keyOf } from '../objects/kube-object.ts'
import { serviceWord } from '../objects/text/kubectl-commands.ts'
import { providers as allProviders } from '../providers/providers.ts'
import { refuseOwned } from '../routing/provider.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { ChangeRecord, ChangeSummary } from '../view/history.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound } from './find/find-service.ts'
import { finish } from './finish/finish.ts'
import type { Target } from './intent.ts'
import type { Plan } from './plan.ts'
import { restore, type Drift } from './undo/restore.ts'

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
  const found = findService(world, target, { routed: false })
  const { provider, service } = found
  for (const owned of provider.owned(world.view, service)) refuseOwned(owned)
  const reading = readFound(world, found, target)
  const { changes, drift } = restore(
    given,
    records.flatMap(record => record.changes),
  )
  const conflicts = drift.filter(one => one.conflicts.length > 0)
  if (conflicts.length > 0) throw conflicting(conflicts, { service, records })
  return finish(provider, reading, {
    changes: [...changes].reverse(),
    title: undoTitle(records, toRevision),
    notes: drift.map(({ object }) => ({ kind: 'drift-merged' as const, object })),
    receivers: { target, force, versions: reading.versions },
  })
}

/** `undo of promote v2, to revision 2`. */
function undoTitle(records: readonly ChangeSummary[], toRevision: number): string {
  const [first] = records
  const to = toRevision === 0 ? 'before revision 1' : `revision ${toRevision}`
  if (first === undefined) return `undo to ${to}`
  return `undo of ${records.length === 1 ? first.title : `${records.length} changes`}, to ${to}`
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
  return new CanaryError('refused', `${told} since revision ${last.revision}, outside of kubectl canary`, {
    hints: [
      ...hints,
      `Compare: kubectl canary history ${serviceWord(service.name)} --revision ${last.revision} -n ${service.namespace}`,
      'Take that change back, or edit the object by hand.',
    ],
  })
}
