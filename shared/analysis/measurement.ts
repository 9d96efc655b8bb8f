import type { CumulativeCount } from '../statistics/slower.ts'

/** Who counted the requests: the proxies of callers, gateways and waypoints, or those beside the pods. */
export type CountedBy = 'clients' | 'pods'

/** Requests of one version in a window, in whole numbers. */
export interface RequestSample {
  readonly requests: number
  /** Those that failed by the server's fault. */
  readonly failures: number
  /** How many of the failures reached no pod (503 UH, NC), where they count for this version. */
  readonly noPod?: number
}

/** How long the requests of one version took in a window: how many took at most this many milliseconds. */
export interface DurationSample {
  readonly buckets: readonly CumulativeCount[]
}

/** The samples of both versions, as one kind of proxy counted them in the same window. */
export interface SamplePair<Sample> {
  readonly countedBy: CountedBy
  readonly version: Sample
  /** Left out where stable has none. */
  readonly stable?: Sample
}

/** What was counted in one window that ends now. */
export interface SampleWindow<Sample> {
  readonly seconds: number
  /** One of each kind of proxy that has requests of the version. */
  readonly pairs: readonly SamplePair<Sample>[]
}

/** Samples of a recent window, and of the whole step where that is longer. */
export interface Sampled<Sample> {
  readonly windows: readonly SampleWindow<Sample>[]
  /** All requests go to the version, so that there is nothing to compare with. */
  readonly isAlone?: boolean
}

/** What one check measured of one metric: numbers, or why there are none. */
export type Measurement = (
  | ({ readonly kind: 'requests' } & Sampled<RequestSample>)
  | ({ readonly kind: 'durations' } & Sampled<DurationSample>)
  /** A number, and the same of stable. */
  | { readonly kind: 'value'; readonly value: number; readonly baseline?: number; readonly detail?: string }
  /** Yes or no: a webhook, a Job. */
  | { readonly kind: 'answer'; readonly passed: boolean; readonly detail?: string }
  /** No series, no value. */
  | { readonly kind: 'nothing'; readonly detail?: string }
  /** The source did not answer, or not with numbers. */
  | { readonly kind: 'failed'; readonly detail: string }
) & {
  /** What the source said besides: answers that are not complete. */
  readonly warnings?: readonly string[]
}
