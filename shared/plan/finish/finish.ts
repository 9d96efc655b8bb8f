import { isEqual } from '../../objects/content/equal.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { Provider, ServiceEdit, ServiceReading, Turn } from '../../routing/provider.ts'
import { changedRef, merged } from '../../view/change.ts'
import { overlay } from '../../view/overlay.ts'
import { inSession } from '../../view/session.ts'
import type { Note } from '../../routing/note.ts'
import { copiedSettingsNotes } from './copied-settings.ts'
import { capacityNotes, type Load } from './capacity.ts'
import { ownedNotes } from '../controllers/owned-notes.ts'
import { foreignNotes } from '../find/foreign-routes.ts'
import type { Plan } from '../plan.ts'
import { lackOf, requireReady, scaledLackOf, type Receivers } from './ready.ts'

export interface Draft extends ServiceEdit {
  readonly title: string
  /** Who must be ready, as far as the changes send them more than they have. */
  readonly receivers?: Receivers
  /** What is said only where something changes. */
  readonly notesOfChange?: readonly Note[]
  /** The shares that must be served by ready pods. */
  readonly load?: Load
}

/**
 * A plan from its changes: those that change nothing are left out, and what people get is read from the view
 * as it will be. Throws a CanaryError `refused` where a receiver is not ready, or requests would be answered
 * with 503.
 */
export function finish(
  provider: Provider,
  before: ServiceReading,
  { title, changes, notes, notesOfChange = [], receivers, load, laterView }: Draft,
): Plan {
  const { view, service } = before
  const real = merged(changes).filter(change => !isEqual(change.before, change.after))
  const isChanged = real.length > 0
  const later = provider.settled === undefined ? real : real.map(provider.settled)
  const after = isChanged ? provider.read(laterView ?? overlay(view, later), service, before) : before
  const capacity = isChanged ? requireServed(provider, { before, after }, { receivers, load }) : []
  const objects = new Map(
    changes.flatMap(change =>
      change.after === undefined ? [] : [[keyOf(changedRef(change)), change.after]],
    ),
  )
  return {
    title,
    traffic: {
      get before() {
        return before.traffic
      },
      after: after.traffic,
    },
    changes: real,
    steps: provider.arrange(real),
    objects: [...objects.values()],
    ...(provider.byPods?.(before) === 'scaled' && { scales: true }),
    ...(provider.confirmationOf !== undefined && { confirms: provider.confirmationOf }),
    ...(isChanged ? lackingLater(provider, { before, after }, { receivers, load }) : {}),
    notes: distinct([
      ...foreignNotes(view, { provider, service }),
      ...notes,
      ...(isChanged ? notesOfChange : []),
      ...copiedSettingsNotes(provider, { before, after }, real),
      ...capacity,
      ...ownedNotes(view, service, after.traffic.notes),
      ...after.idleNotes,
    ]),
  }
}

/** Throws a CanaryError `refused` where requests would not be answered; gives what is said of the pods that answer them. */
function requireServed(provider: Provider, turn: Turn, { receivers, load }: Serving): readonly Note[] {
  const by = provider.byPods?.(turn.before)
  if (receivers?.force !== true) provider.requireAnswered(turn)
  if (receivers !== undefined)
    requireReady({ ...receivers, ...(by !== undefined && { isByPods: true }) }, turn)
  return load === undefined || by === 'scaled' ? [] : capacityNotes(load, turn)
}

type Serving = { readonly [K in 'receivers' | 'load']: Draft[K] | undefined }

/** Who has no ready pod, to be asked again before a route leads there. */
function lackingLater(provider: Provider, turn: Turn, { receivers, load }: Serving): Pick<Plan, 'lacking'> {
  const isScaled = provider.byPods?.(turn.before) === 'scaled'
  // An abort waits for no more than one pod that can take the requests back.
  const scaled = isScaled ? scaledLackOf(receivers ?? load, turn, receivers !== undefined) : undefined
  const lack = scaled ?? (receivers === undefined ? undefined : lackOf(receivers, turn))
  if (lack === undefined) return {}
  const { before } = turn
  return { lacking: later => lack(provider.read(inSession(later), before.service, before)) }
}

const distinct = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map(note => [JSON.stringify(note), note])).values(),
]
