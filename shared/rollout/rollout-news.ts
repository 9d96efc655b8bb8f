import type { RolloutCheck } from './rollout-state.ts'

/** What happens in a run, as it is told to people and programs; each comes with the run as it is then. */
export type RolloutNews =
  | { readonly kind: 'started' }
  /** Another process continues it. */
  | { readonly kind: 'resumed' }
  /** The routes of the present stage are written. */
  | { readonly kind: 'stage' }
  | { readonly kind: 'check'; readonly check: RolloutCheck }
  /** A freeze or a gate keeps it from the next stage. */
  | { readonly kind: 'held'; readonly why: string }
  | { readonly kind: 'paused' }
  | { readonly kind: 'continued' }
  /** A person is asked whether the version is promoted. */
  | { readonly kind: 'confirming' }
  /** Something does not answer; it is tried again. */
  | { readonly kind: 'trouble'; readonly why: string }
  /** What a person should know of an edit. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'rolling-back' }
  /** It is over. */
  | { readonly kind: 'ended' }
