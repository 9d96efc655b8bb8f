import type { Change } from './change.ts'

/** What is known of a recorded change without its objects. */
export interface ChangeSummary {
  /** The name of the change, the same in all namespaces that it touched. */
  readonly id: string
  /** Counted per service, from 1. */
  readonly revision: number
  /** Short name and namespace of the Service; the whole host of a service outside the cluster. */
  readonly service: string
  readonly namespace: string
  /** What it did, in a few words: `cohort internal → v2`. */
  readonly title: string
  /** The command as it was typed: `kubectl canary weight catalog v2=10`. */
  readonly command: string
  readonly reason?: string | undefined
  /** The user, as the API server knows them; left out where it does not say. */
  readonly by?: string | undefined
  /** RFC 3339. */
  readonly at: string
  /** The version that took everything, or was recorded as stable, after the change. */
  readonly stable?: string | undefined
  /** The versions that get requests after the change, of a share, a cohort or a mirror. */
  readonly served?: readonly string[] | undefined
  /** The other services that the same change is of: each has a record of it, with all its objects. */
  readonly with?: readonly ServiceRevision[] | undefined
  /** The namespaces of the objects that it changed. */
  readonly namespaces: readonly string[]
  /** Set while the objects are being written: the last sign of life (RFC 3339) of whoever writes them. */
  readonly heartbeat?: string | undefined
}

/** A change in the history of one service. */
export interface ServiceRevision {
  readonly service: string
  readonly namespace: string
  readonly revision: number
}

/** A recorded change: the objects before and after it, in the order in which they were written. */
export interface ChangeRecord extends ChangeSummary {
  readonly changes: readonly Change[]
}

/** Recorded changes, the oldest first; `missing` says why there are none to be had. */
export interface RecordedChanges {
  readonly changes: readonly ChangeSummary[]
  readonly missing?: string | undefined
}

/** Whose changes: of one service, or of all in a namespace; `*` is all namespaces. */
export interface HistoryScope {
  readonly namespace: string
  readonly service?: string | undefined
}

/** The Service itself, where the service is one: its record goes when it goes. */
export interface ServiceIdentity {
  readonly name: string
  readonly uid: string
}

/** A change that is about to be made. */
export interface NewRecord extends Omit<ChangeRecord, 'by' | 'namespaces' | 'id'> {
  /** That of the records of the other services; a new one where it is left out. */
  readonly id?: string | undefined
  readonly owner?: ServiceIdentity | undefined
  /** The changes of the service that are recorded already, the oldest first. */
  readonly earlier: readonly ChangeSummary[]
}

/** A change that was made, for those who look at the Service. */
export interface Announcement extends Pick<ChangeSummary, 'namespace' | 'title' | 'command' | 'at'> {
  readonly owner?: ServiceIdentity | undefined
}

/** A record that has been written before the change that it is of. */
export interface OpenRecord {
  readonly id: string
  /** A sign of life, to be given every few seconds while the change is being made. */
  readonly renew: () => Promise<void>
  /** The change has been made: the record stays, and of the earlier ones the newest `limit` less one. */
  readonly close: (limit: number) => Promise<void>
  /** The change has not been made, or was undone. */
  readonly discard: () => Promise<void>
  /** Nobody works on the change any more, and what is made of it is not known: the next command finds out. */
  readonly expire: () => Promise<void>
}

/** The record of the changes that were made, kept in the cluster. */
export interface HistoryStore {
  list(scope: HistoryScope): Promise<RecordedChanges>
  /** With its objects; throws a CanaryError `not-found` where a part of it is gone. */
  load(summary: ChangeSummary): Promise<ChangeRecord>
  /**
   * Writes the record of a change before it is made. A sentence says why it cannot be written. Throws a
   * CanaryError `conflict` where somebody else has the revision.
   */
  open(record: NewRecord): Promise<OpenRecord | string>
  /** The record of a change that whoever made it did not close, to close or discard it now. */
  reopen(summary: ChangeSummary): OpenRecord
  /** Tells those who look at the Service what has changed; never fails. */
  announce(change: Announcement): Promise<void>
}
