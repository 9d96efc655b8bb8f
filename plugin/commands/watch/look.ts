import type { Reading } from '../../../shared/view/store.ts'

/** What was seen at one moment. */
export interface Look {
  /** For people it says ages, which grow without anything having changed. */
  readonly text: (now: Date) => string
  /** Tells when it is worth looking again; it is looked again and again where that is left out. */
  readonly follow?: Reading['follow']
}

/** A place where looks are shown. */
export interface LookDisplay {
  /** The look, or the last one again with what is wrong since. */
  show(look: Look, state: LookState): void
  close(): void
}

/** How it goes. */
export interface LookState {
  /** Changes are told; else it looks every so many milliseconds. */
  readonly every: number | undefined
  /** Why the last look failed. */
  readonly trouble: string | undefined
}
