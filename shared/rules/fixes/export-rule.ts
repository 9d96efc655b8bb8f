import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { refOf } from '../../objects/kinds.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { rulesCovering, type RuleReading } from '../../providers/istio/resolve/destination-rules.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Setting, Violation } from '../rule.ts'
import { exportedTo } from './exported-to.ts'

/** Subsets of a host, and those who do not see them. */
export interface Unseen {
  readonly host: string
  readonly subsets: readonly { readonly name: string; readonly labels: Labels | undefined }[]
  readonly failing: readonly DestinationOutcome[]
}

/**
 * The command that exports the Service's own DestinationRule to clients for whom none applies, with the subsets that
 * it lacks; undefined where that is not all they need, or where Istio merges that DestinationRule with another one,
 * which it would not do any more.
 */
export function exportingRule(
  view: ClusterView,
  { host, subsets, failing }: Unseen,
): Pick<Violation, 'fix' | 'sets'> | undefined {
  const own = failing.every(({ found }) => found === 'no-rule') ? ownRule(view, host, failing) : undefined
  const lacking = subsets.filter(({ name }) => own?.subsets.every(subset => subset.name !== name))
  if (own === undefined || lacking.some(({ labels }) => labels === undefined)) return undefined
  const ref = refOf(own.rule)
  const exportTo = exportedTo(own.exportTo, failing)
  if (lacking.length === 0) {
    const sets: Setting = { ref, path: ['spec', 'exportTo'], value: exportTo }
    return { fix: patchCommand(ref, 'merge', { spec: { exportTo } }), sets }
  }
  const changed = { exportTo, subsets: [...(own.rule.spec.subsets ?? []), ...lacking] }
  return {
    fix: patchCommand(ref, 'merge', { spec: changed }),
    sets: { ref, path: ['spec'], value: { ...own.rule.spec, ...changed } },
  }
}

/** The one DestinationRule for exactly this host in the Service's namespace, if it is for all clients. */
function ownRule(
  view: ClusterView,
  host: string,
  failing: readonly DestinationOutcome[],
): RuleReading | undefined {
  const homes = new Set(failing.map(({ provider }) => provider?.namespace))
  const found = rulesCovering(view, host).find(([first]) => !first!.rule.spec.host.startsWith('*')) ?? []
  const [own, ...others] = found.filter(({ namespace }) => homes.has(namespace))
  return homes.size === 1 && others.length === 0 && own?.selector === undefined ? own : undefined
}
