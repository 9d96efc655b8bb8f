import type { CanaryError } from '../objects/canary-error.ts'
import type { Kind } from '../objects/kinds.ts'
import type { Change } from '../view/change.ts'

/** Why a service has no versions, where its labels are not the reason. */
export interface WithoutVersions {
  readonly noVersions?: CanaryError
}

/** What is different where no routes divide the requests of a service, but its pods; left out where there are routes. */
export interface WithoutRoutes<Reading> {
  /**
   * Whether shares rest on how many pods versions have (`scaled`: an edit sets that, and its steps wait for the pods),
   * or on which pods the Service selects (`selected`).
   */
  readonly byPods?: (reading: Reading) => 'scaled' | 'selected'
  /** A changed object as its controllers will have completed it: an edit is read by it. */
  readonly settled?: (change: Change) => Change
  /** Users are kept at a version by the address that their requests come from, and not by a cookie. */
  readonly keepsByAddress?: true
  /** A preview of a version is an address of its own, and needs neither a host nor a cohort. */
  readonly previewsAlone?: true
  /** Kinds that are read for edits alone. */
  readonly editReads?: readonly Kind[]
}
