import type { KubeObject } from '../objects/kube-object.ts'
import type { Note } from '../routing/note.ts'
import type { ControllerCall } from '../routing/controller.ts'
import type { Confirmation, PlanStep } from '../routing/provider.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { UnreadyVersion } from './finish/ready.ts'

/** Who gets what of one service, before and after. */
export interface PlanTraffic {
  readonly before: Traffic
  readonly after: Traffic
}

/** What a controller is told to do, in sentences, and the service whose rollout it is. */
export interface PlannedOrder {
  readonly service: string
  readonly namespace: string
  readonly says: readonly string[]
  /** What is called after the changes are written. */
  readonly calls?: readonly ControllerCall[]
  /** Where the rollout is: an order that was shown for another place is not given. */
  readonly at?: string
  /** Its object: `Rollout shop/catalog`. */
  readonly owner: string
}

/**
 * What an intent comes to: who gets what before and after, and the ordered changes that bring it about.
 * Without changes, everything is as wanted.
 */
export interface Plan {
  /** A few words: `cohort internal → v2`. */
  readonly title: string
  /** Left out where no service was found that the intent could be about, and for an order to a controller. */
  readonly traffic?: PlanTraffic
  /** The order to a controller that owns the service's rollout. */
  readonly order?: PlannedOrder
  /** The same of each other service that is changed together with it. */
  readonly others?: readonly PlanTraffic[]
  /** One for each object. */
  readonly changes: readonly Change[]
  /** The same as they are written, in order: make before break. */
  readonly steps: readonly PlanStep[]
  /** The objects that the intent is about, as they are to be, unchanged ones included. */
  readonly objects: readonly KubeObject[]
  /** What the person should know and did not ask: traffic that is not covered, cohorts that stay. */
  readonly notes: readonly Note[]
  /**
   * The versions that are about to get requests and have no ready pod in a later view. Left out where that does not
   * matter.
   */
  readonly lacking?: (later: ClusterView) => readonly UnreadyVersion[]
  /** What controllers say of an object that was written. */
  readonly confirms?: (object: KubeObject) => Confirmation
  /** How many pods versions have is what is wanted, whatever else changes of their Deployments meanwhile. */
  readonly scales?: boolean
  /** A tool keeps the edit only as long as its fields are claimed by our field manager. */
  readonly keepsClaims?: boolean
}

/** The traffic of every service that a plan is of. */
export const trafficsOf = ({
  traffic,
  others = [],
}: Pick<Plan, 'traffic' | 'others'>): readonly PlanTraffic[] =>
  traffic === undefined ? [] : [traffic, ...others]
