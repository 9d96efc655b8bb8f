import { mayHoldPlaceholders } from '../../../objects/content/placeholders.ts'
import type { UnknownTarget } from '../../../routing/traffic.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { rulesCovering } from './destination-rules.ts'
import type { Reference } from './evaluate.ts'
import type { Completeness, DestinationOutcome } from './outcome.ts'

/**
 * What an input that is not the whole world leaves open about a destination that no caller finds; undefined where the
 * input tells.
 */
export function unknownAt(
  view: ClusterView,
  { target: { subset }, outcomes }: Pick<Reference, 'target' | 'outcomes'>,
  { complete }: Completeness,
): UnknownTarget | undefined {
  if (complete || subset === undefined) return undefined
  const isUndefined = ({ found }: DestinationOutcome): boolean => found === 'no-subset' || found === 'no-rule'
  if (!outcomes.some(isUndefined)) return undefined
  if (mayHoldPlaceholders(subset)) return 'placeholder'
  const isElsewhere = ({ found, host }: DestinationOutcome): boolean =>
    found === 'no-rule' && rulesCovering(view, host).length === 0
  return outcomes.every(isElsewhere) ? 'destination-rule' : undefined
}
