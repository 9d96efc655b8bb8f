import type { Kind } from '../../objects/kinds.ts'
import type { BackoffLimits } from './backoff.ts'
import type { KindStore } from './kind-store.ts'
import type { Requester } from './stream/requester.ts'
import type { Timers } from './stream/timers.ts'

/** Times in milliseconds. */
export interface ReflectorOptions {
  /** How long the line may be silent; the API server sends a bookmark about every minute. */
  readonly idleMs: number
  /** How often the view is compared with a list. */
  readonly compareMs: number
  readonly backoff: BackoffLimits
  /** How often to look whether a kind that nobody serves is served by now. */
  readonly absent: BackoffLimits
  /** How often the rights to one kind are asked for while its watch continues; 0 for never. */
  readonly rightsMs: number
}

/** What a reflector works with. */
export interface ReflectorParts {
  readonly requester: Requester
  /** Of the objects that are listed and watched; undefined for all. */
  readonly labelSelector?: string | undefined
  readonly timers: Timers
  readonly store: KindStore
  readonly onProblem: (kind: Kind, error: unknown) => void
  readonly onSynced: () => void
  readonly signal: AbortSignal
  readonly options: ReflectorOptions
}
