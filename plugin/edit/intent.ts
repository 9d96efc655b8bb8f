import type {
  AbortIntent,
  CohortIntent,
  InitIntent,
  MirrorIntent,
  PromoteIntent,
  RemoveCohortIntent,
  WeightIntent,
} from '../../shared/plan/intent.ts'
import type { CleanupIntent } from '../../shared/plan/plan-cleanup.ts'
import type { OrderIntent } from '../../shared/plan/controllers/plan-order.ts'
import type { ExpiredIntent } from '../../shared/plan/together/plan-expired.ts'
import type { UndoIntent } from '../../shared/plan/plan-undo.ts'

/** What a person wants, as a value: the words of the command, before anything is read. */
export type Intent =
  | Said<'init', InitIntent>
  | Said<'set-cohort', CohortIntent>
  | Said<'remove-cohort', RemoveCohortIntent>
  | (Said<'remove-expired', ExpiredIntent> & {
      /** In all namespaces. */
      readonly everywhere: boolean
    })
  | Said<'set-weights', WeightIntent>
  | Said<'set-mirrors', MirrorIntent>
  | Said<'promote', PromoteIntent>
  | Said<'abort', AbortIntent>
  | Said<'cleanup', Omit<CleanupIntent, 'served'>>
  | Said<'order', Pick<OrderIntent, 'target' | 'order' | 'force'>>
  | Said<'undo', Pick<UndoIntent, 'target' | 'force'> & { readonly toRevision?: number | undefined }>

/** An order to a controller with the object that it is for, as it was found. */
type ReadyOrder = Said<'order', OrderIntent>

/** An intent of a kind; the Service is what was typed, and the namespace is not known yet. */
type Said<K extends string, I> = Omit<I, 'target'> & {
  readonly kind: K
  readonly service?: string | undefined
}

/** An intent with all that its plan depends on besides the view. */
export type ReadyIntent =
  | Exclude<Intent, IntentOf<'undo' | 'cleanup' | 'order'>>
  | Said<'undo', UndoIntent>
  | Said<'cleanup', CleanupIntent>
  | ReadyOrder

/** The intents of one kind. */
export type IntentOf<K extends Intent['kind']> = Extract<Intent, { readonly kind: K }>
