/** A Job, by its name and namespace. */
export interface JobOf {
  readonly namespace: string
  readonly name: string
}

/** A Job that is to be made, without its name. */
export interface NewJob {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** A JobSpec of batch/v1. */
  readonly spec: Readonly<Record<string, unknown>>
}

/** Where a Job is: `reason` and `message` are what the Job controller said. */
export type JobStanding =
  /** With how many pods that have not ended, and how many of these are ready. */
  | { readonly kind: 'running'; readonly active: number; readonly ready: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }

/** Jobs of batch/v1. */
export interface JobStore {
  /** Asks the API server whether it would take a Job; nothing is made. Throws a CanaryError where it would not. */
  check(of: JobOf, job: NewJob): Promise<void>
  /** Makes a Job; an existing one with the same name and labels is used. Throws a CanaryError where that is not possible. */
  create(of: JobOf, job: NewJob): Promise<void>
  /** Undefined where there is none. Throws a CanaryError where it cannot be read. */
  get(of: JobOf): Promise<JobStanding | undefined>
  /** Deletes a Job and its pods; one that is not there is no error. */
  remove(of: JobOf): Promise<void>
}
