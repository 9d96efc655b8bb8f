/** The state of one kind's watch, and what has happened to it so far. */
export interface KindStats {
  readonly objects: number
  /** Listed once, or known to be served by nobody. */
  readonly isSynced: boolean
  readonly isAbsent: boolean
  /** Watches that broke and were opened again. */
  readonly restarts: number
  /** Whole lists after the first. */
  readonly relists: number
  /** Objects that a comparison found to differ from the view: each is an event that got lost. */
  readonly drift: number
  /** When an event or a bookmark came last, in milliseconds since 1970. */
  readonly lastEvent: number | undefined
  /** Since when the API server refuses our credentials or rights (401, 403), in milliseconds since 1970. */
  readonly refusedSince: number | undefined
  /**
   * How long the API server has been refusing us the right to list or watch the kind (403), from the first refusal to
   * the last one, in milliseconds; 0 while it does not. No other failure counts, nor does one come between.
   */
  readonly forbiddenMs: number
}
