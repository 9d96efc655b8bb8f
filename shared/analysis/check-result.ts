import type { CountedBy } from './measurement.ts'

/** What a check says of a version. */
export type CheckVerdict = 'pass' | 'fail' | 'no-data'

/** Why a verdict is as it is. */
export type VerdictReason =
  /** In the range, and not worse than stable as far as the sample shows. */
  | 'in-range'
  | 'below-min'
  | 'above-max'
  /** In the range, but worse than stable at the same time. */
  | 'worse-than-stable'
  /** Out of the range as stable is: not the fault of the version. */
  | 'stable-out-of-range'
  /** Fewer requests than `--min-requests`. */
  | 'too-few-requests'
  /** Out of the range or worse than stable, but perhaps by chance: more requests decide. */
  | 'inconclusive'
  /** There are no series, or no value. */
  | 'no-series'
  /** The source did not answer, or not with numbers. */
  | 'source-failed'
  /** A webhook or a Job said yes, or no. */
  | 'check-passed'
  | 'check-failed'

/** One check of one metric, with all that it depends on. */
export interface MetricCheck {
  readonly metric: string
  readonly verdict: CheckVerdict
  readonly reason: VerdictReason
  /** In the unit of the metric: percent, milliseconds, or that of a query. */
  readonly value?: number
  readonly min?: number
  readonly max?: number
  /** Whose counts decided: those of callers and gateways, or of the pods; the worse of both. */
  readonly countedBy?: CountedBy
  /** Over how many seconds it was counted, where it is of requests. */
  readonly window?: number
  /** The same of stable. */
  readonly baseline?: number
  /** Requests that the value and the baseline depend on. */
  readonly requests?: { readonly version: number; readonly stable?: number }
  /** The comparison with stable: a ratio with its confidence interval, or the p-value of a test. */
  readonly comparison?: {
    readonly test: 'error-ratio' | 'histogram'
    readonly ratio?: number
    readonly low?: number
    readonly high?: number
    readonly pValue?: number
    /** Of the interval or the test, 0 to 1. */
    readonly confidence: number
  }
  /** What the source said, where it failed or warned. */
  readonly detail?: string
}
