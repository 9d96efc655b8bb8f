import type { Completeness } from '../../resolve/outcome.ts'
import type { Selected } from '../../resolve/endpoints.ts'
import type { DestinationOutcome, Reference } from '../../resolve/evaluate.ts'

/** A destination that has a cluster and no endpoints in it: its requests are answered with 503 UH. */
export interface Emptiness {
  readonly empty: readonly { readonly outcome: DestinationOutcome; readonly selected: Selected }[]
  /** For some callers only, whose own DestinationRule says other labels. */
  readonly isPartial: boolean
}

/**
 * Whether the destination of a reference selects no workload that runs; undefined where it does, or the input
 * does not tell.
 */
export function emptinessOf({ outcomes }: Reference, { complete }: Completeness): Emptiness | undefined {
  const known = outcomes
    .filter(({ found }) => found === 'cluster')
    .flatMap(outcome => {
      const selected = outcome.endpoints()
      return selected === undefined ? [] : [{ outcome, selected }]
    })
  const empty = known.filter(({ selected }) => selected.running === 0)
  const [first] = empty
  if (first === undefined || (first.selected.all === 0 && !complete)) return undefined
  return { empty, isPartial: empty.length < known.length }
}
