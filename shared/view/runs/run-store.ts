import type { ServiceIdentity } from '../history.ts'

/** A run of a service, as the cluster keeps it. */
export interface KeptRun {
  /** Short name and namespace of the Service; the whole host of a service outside the cluster. */
  readonly service: string
  readonly namespace: string
  /** The name of the object that holds it. */
  readonly name: string
  /** What the run wrote of itself. */
  readonly text: string
  /** Who works on it; left out where nobody does. */
  readonly holder?: string
  /** Its last sign of life, RFC 3339 with microseconds. */
  readonly renewed?: string
  /** The Service that it belongs to; left out for a service outside the cluster. */
  readonly owner?: ServiceIdentity
  /** Stands for this state of the object: a write that names another one fails. */
  readonly resourceVersion: string
}

/** What is written of a run. */
export interface RunContent {
  readonly text: string
  /** Nobody works on it where left out. */
  readonly holder?: string | undefined
  /** The last sign of life, where whoever writes gives none; now when left out. */
  readonly renewed?: string | undefined
}

/** A service, by its short name and namespace. */
export interface RunOf {
  readonly service: string
  readonly namespace: string
}

/** The runs of a namespace, `*` for all; a sentence says why they cannot be read. */
export interface FoundRuns {
  readonly runs: readonly KeptRun[]
  readonly missing?: string
}

/** What is reported about a run. */
export interface RunAnnouncement {
  readonly isGood: boolean
  /** In UpperCamelCase, as the reasons of Events. */
  readonly reason: string
  readonly message: string
  readonly at: Date
}

/** Where runs are kept: one object per service, which also says who works on it. */
export interface RunStore {
  list(namespace: string): Promise<FoundRuns>
  /** Undefined where the service has none. Throws a CanaryError where it cannot be read. */
  get(of: RunOf): Promise<KeptRun | undefined>
  /** Throws a CanaryError `conflict` where another one was begun meanwhile. */
  create(of: RunOf, content: RunContent, owner: ServiceIdentity | undefined): Promise<KeptRun>
  /** Throws a CanaryError `conflict` where it has been changed since it was read. */
  replace(run: KeptRun, content: RunContent): Promise<KeptRun>
  remove(run: KeptRun): Promise<void>
  /** Tells those who look at the Service how the run does; never fails. */
  announce(run: KeptRun, news: RunAnnouncement): Promise<void>
  /** The user, as the API server knows them. */
  me(): Promise<string | undefined>
}
