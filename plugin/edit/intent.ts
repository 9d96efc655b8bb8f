import type {
  AbortIntent,
  CohortIntent,
  InitIntent,
  PromoteIntent,
  RemoveCohortIntent,
  WeightIntent,
} from '../../shared/plan/intent.ts'

/** What a person wants, as a value: the words of the command, before anything is read. */
export type Intent =
  | Said<'init', InitIntent>
  | Said<'set-cohort', CohortIntent>
  | Said<'remove-cohort', RemoveCohortIntent>
  | Said<'set-weights', WeightIntent>
  | Said<'promote', PromoteIntent>
  | Said<'abort', AbortIntent>

/** An intent of a kind; the Service is what was typed, and the namespace is not known yet. */
type Said<K extends string, I> = Omit<I, 'target'> & {
  readonly kind: K
  readonly service?: string | undefined
}

/** The intents of one kind. */
export type IntentOf<K extends Intent['kind']> = Extract<Intent, { readonly kind: K }>
