import type { Reading } from '../../../shared/view/store.ts'

/** The state at one moment. */
export interface Look {
  /** Its text; ages in it grow although nothing changes. */
  readonly text: (now: Date) => string
  /** Tells of changes; left out where nothing does, so that it is read again at intervals. */
  readonly follow?: Reading['follow']
  /** The longest time to the next look, in milliseconds, where something changes of which nothing tells. */
  readonly within?: number
}

/** A place where looks are shown. */
export interface LookDisplay {
  /** Shows a look, or the last one again with what has failed since. */
  show(look: Look, state: LookState): void
  close(): void
}

/** How the watch goes. */
export interface LookState {
  /** The milliseconds between two looks; undefined where changes are told. */
  readonly every: number | undefined
  /** Why the last look failed. */
  readonly trouble: string | undefined
}
