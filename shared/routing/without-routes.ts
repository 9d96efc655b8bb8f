import type { CanaryError } from '../objects/canary-error.ts'
import type { Kind } from '../objects/kinds.ts'
import type { Change } from '../view/change.ts'

/** What is different of a service that no mesh routes; left out of one that a mesh does. */
export interface OutsideMesh {
  /** Its requests are shared by a gateway, or by pods alone: what a mesh asks of it does not matter. */
  readonly isOutsideMesh?: true
  /** Why it has no versions, where its labels are not the reason. */
  readonly noVersions?: CanaryError
}

/** What is different where no routes divide the requests of a service, but its pods; left out where there are routes. */
export interface WithoutRoutes<Reading> {
  /**
   * Whether shares depend on how many pods versions have (`scaled`: an edit sets that, and its steps wait for the pods),
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
