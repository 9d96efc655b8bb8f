import type { Ref } from '../../objects/kube-object.ts'

/** What a person should know of what is recorded on routing objects. */
export type RecordNote =
  /** A record of ours cannot be read. */
  | {
      readonly kind: 'unreadable-record'
      readonly object: Ref
      readonly annotation: string
      readonly fix: string
      /** The same where the object is written in files. */
      readonly edit: string
    }
  /** A route was added or changed after the cohort. */
  | {
      readonly kind: 'cohort-lacks-routes'
      readonly cohort: string
      readonly places: readonly string[]
      readonly fix: string
    }
