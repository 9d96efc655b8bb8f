import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { trafficsOf, type Plan } from '../../../shared/plan/plan.ts'
import type { Outcome } from '../../../shared/view/store.ts'
import { formatName } from '../objects.ts'
import { formatOutcome } from './outcomes.ts'
import { peopleOf } from '../people.ts'

/** What an edit did, as far as it is shown. */
export interface ShownEdit {
  readonly plan: Pick<Plan, 'traffic' | 'others' | 'order' | 'objects'>
  readonly outcomes: readonly Outcome[]
  /** The namespace of the command: objects in others are printed with theirs. */
  readonly namespace: string
}

/**
 * Who gets what now, then the objects in kubectl's words. Where nothing had to change, the objects are
 * unchanged, whether they are shown or not.
 */
export function formatEdit(
  { plan, outcomes, namespace }: ShownEdit,
  { withObjects }: { readonly withObjects: boolean },
): string {
  const isUnchanged = outcomes.every(({ action }) => action === 'unchanged')
  const written = withObjects ? outcomes.map(outcome => formatOutcome(outcome, namespace)) : []
  return [
    ...trafficsOf(plan).flatMap(({ after, before }) => peopleOf(after, before)),
    ...(plan.order?.says ?? []),
    ...(isUnchanged && plan.order?.calls === undefined ? unchanged(plan) : written),
  ].join('\n')
}

const unchanged = ({ objects }: ShownEdit['plan']): readonly string[] =>
  objects.length === 0 ? ['unchanged'] : objects.map(object => `${formatName(refOf(object))} unchanged`)

/**
 * The objects that an edit is about, as they are after it: as the API server answered where it was asked, without the
 * `managedFields` that kubectl does not show either.
 */
export function objectsAfter({
  plan,
  outcomes,
}: Pick<ShownEdit, 'plan' | 'outcomes'>): readonly KubeObject[] {
  const written = new Map(
    outcomes.flatMap(({ ref, now }) => (now === undefined ? [] : [[keyOf(ref), now] as const])),
  )
  return plan.objects.map(object => {
    const now = written.get(keyOf(refOf(object)))
    if (now === undefined) return object
    const { managedFields: _, ...metadata } = now.metadata as KubeObject['metadata'] & {
      readonly managedFields?: unknown
    }
    return { ...now, metadata }
  })
}
