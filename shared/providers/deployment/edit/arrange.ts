import { isKind } from '../../../objects/kinds.ts'
import { stableAnnotation } from '../../../routing/record/record.ts'
import type { PlanStep } from '../../../routing/provider.ts'
import type { Change } from '../../../view/change.ts'
import { replicasOf } from './pods-wanted.ts'

/**
 * Orders changes so that at no time fewer pods serve than before: what is written down at the beginning, more pods, and
 * when they are ready fewer pods; then what is written down at the end, and what is removed.
 */
export function arrange(changes: readonly Change[]): readonly PlanStep[] {
  const of = (stage: WriteStage): readonly Change[] => changes.filter(change => stageOf(change) === stage)
  return [
    ...[...of('first'), ...of('more')].map(change => ({ change })),
    // Also where no pods are added: those that are to stay may not be ready.
    ...of('fewer').map((change, i): PlanStep => (i === 0 ? { change, waits: 'pods' } : { change })),
    ...[...of('last'), ...of('removed')].map(change => ({ change })),
  ]
}

type WriteStage = 'first' | 'more' | 'fewer' | 'last' | 'removed'

function stageOf({ before, after }: Change): WriteStage {
  if (after === undefined) return 'removed'
  if (before === undefined) return 'first'
  if (isKind('Deployment', after) && isKind('Deployment', before))
    return replicasOf(after) < replicasOf(before) ? 'fewer' : 'more'
  return after.metadata.annotations?.[stableAnnotation] === undefined ? 'last' : 'first'
}
