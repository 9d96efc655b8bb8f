/** What a Job is made from, with `{{ version }}` and the like in its texts. */
export interface JobTemplate {
  readonly namespace?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** A JobSpec of batch/v1. */
  readonly spec: Readonly<Record<string, unknown>>
}

/** Where the numbers of a metric come from. */
export type MetricSource =
  /** Requests that did not fail by the server's fault, in percent. */
  | { readonly kind: 'success-rate' }
  /** A quantile of the durations of requests, in milliseconds; 0.99 is P99. */
  | { readonly kind: 'duration'; readonly quantile: number }
  /** PromQL with `{{ namespace }}`, `{{ service }}`, `{{ version }}` and `{{ interval }}`; one number. */
  | { readonly kind: 'query'; readonly query: string }
  /** A POST to a URL: 2xx passes. */
  | { readonly kind: 'webhook'; readonly url: string }
  /** A Job that is created at each check; its success passes. */
  | { readonly kind: 'job'; readonly template: JobTemplate; readonly timeout: number }
  /** Crash loops, kills for lack of memory and failed probes of the pods of the version, counted. */
  | { readonly kind: 'pod-failures' }

/** One thing that is measured of a version, and what must hold of it. */
export interface AnalysisMetric {
  /** `request-success-rate`, `request-duration`, or the name that a person gave. */
  readonly name: string
  readonly source: MetricSource
  /** The least and the greatest value that is acceptable, both included. */
  readonly min?: number
  readonly max?: number
  /** Over how many seconds it is measured; raised to two scrape intervals. */
  readonly window: number
  /** Whether the version is compared with stable at the same time, too. */
  readonly comparesWithStable: boolean
}
