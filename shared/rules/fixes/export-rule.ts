import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { refOf } from '../../objects/kinds.ts'
import { rulesCovering } from '../../providers/istio/resolve/destination-rules.ts'
import type { DestinationOutcome, Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Setting, Violation } from '../rule.ts'
import { exportedTo } from './exported-to.ts'

/**
 * The command that exports the Service's own DestinationRule to clients for whom none applies; undefined
 * where that is not all they lack, or where
 * Istio merges that DestinationRule with another one, which it would not do any more.
 */
export function exportingRule(
  view: ClusterView,
  { host, target }: Reference,
  failing: readonly DestinationOutcome[],
): Pick<Violation, 'fix' | 'sets'> | undefined {
  if (failing.some(({ found }) => found !== 'no-rule')) return undefined
  const homes = new Set(failing.map(({ provider }) => provider?.namespace))
  const [exact = []] = rulesCovering(view, host)
  const [own, ...others] = exact.filter(({ namespace }) => homes.has(namespace))
  if (homes.size !== 1 || own === undefined || others.length > 0) return undefined
  if (own.selector !== undefined || own.subsets.every(({ name }) => name !== target.subset)) return undefined
  const ref = refOf(own.rule)
  const exportTo = exportedTo(own.exportTo, failing)
  const sets: Setting = { ref, path: ['spec', 'exportTo'], value: exportTo }
  return { fix: patchCommand(ref, 'merge', { spec: { exportTo } }), sets }
}
