import type { KubeObject } from '../objects/kube-object.ts'
import type { Change } from '../view/change.ts'

/**
 * What an intent comes to: what happens to people, and the ordered changes that bring it about. Without
 * changes, everything is as wanted.
 */
export interface Plan {
  /** A few words: `cohort internal → v2`. */
  readonly title: string
  /**
   * Who gets what afterwards, one line per service: `catalog: cohort internal (x-istio-cohort: internal) →
   * v2; everyone else → v1 90 %, v2 10 %`.
   */
  readonly people: readonly string[]
  /** Make before break: subsets before the routes that name them. */
  readonly changes: readonly Change[]
  /** The objects that the intent is about, as they are to be, unchanged ones included. */
  readonly objects: readonly KubeObject[]
  /** What the person should know and did not ask: traffic that is not covered, cohorts that stay. */
  readonly notes: readonly string[]
}
