import type { DestinationRule } from '../../objects/destination-rule.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { applyCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { rulesCovering } from '../../providers/istio/resolve/destination-rules.ts'
import type { DestinationOutcome, Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Violation } from '../rule.ts'
import { exportingProvider } from './export-provider.ts'
import { freeName } from './define-subset.ts'
import { exportingRule } from './export-rule.ts'

/**
 * How clients come to see a subset that another DestinationRule defines: it is added to the one that they apply
 * instead, or, where that is for many hosts, to one of their own beside it with the same settings. Where they apply
 * none, the one that defines it is exported to them. Undefined where neither is enough.
 */
export function unhiding(
  view: ClusterView,
  reference: Reference,
  failing: readonly DestinationOutcome[],
): Pick<Violation, 'fix' | 'sets' | 'creates'> | undefined {
  const unseen = hiddenProvider(view, reference, failing)
  if (unseen !== undefined) return exportingProvider(unseen, failing)
  const hiding = failing.find(({ rule }) => rule !== undefined)?.rule
  if (hiding === undefined) return exportingRule(view, reference, failing)
  const labels = labelsElsewhere(view, reference)
  const [first] = hiding.from
  if (labels === undefined || first === undefined) return undefined
  const { host, target } = reference
  const value = { name: target.subset!, labels }
  const { namespace } = hiding
  if (first.spec.host.startsWith('*')) {
    const creates: DestinationRule = {
      apiVersion: first.apiVersion,
      kind: 'DestinationRule',
      metadata: { name: freeName(view, namespace, host.split('.', 1)[0]!), namespace },
      spec: { ...first.spec, host, subsets: [value] },
    }
    return { fix: applyCommand(creates), creates }
  }
  const ref = { kind: 'DestinationRule', namespace, name: first.metadata.name } as const
  const isFirst = (first.spec.subsets?.length ?? 0) === 0
  return {
    fix: isFirst
      ? patchCommand(ref, 'merge', { spec: { subsets: [value] } })
      : patchCommand(ref, 'json', [{ op: 'add', path: '/spec/subsets/-', value }]),
    sets: { ref, path: ['spec', 'subsets'], value, isItem: true },
  }
}

/** What provides the host, where it is not exported to any of the clients. */
export const hiddenProvider = (
  view: ClusterView,
  { host }: Pick<Reference, 'host'>,
  failing: readonly DestinationOutcome[],
): HostProvider | undefined =>
  failing.every(({ found }) => found === 'no-host') ? providersAt(view, host)[0] : undefined

/** The labels of the subset where it is defined. */
const labelsElsewhere = (view: ClusterView, { host, target }: Reference): Labels | undefined =>
  rulesCovering(view, host)
    .flat()
    .flatMap(({ subsets }) => subsets)
    .find(({ name }) => name === target.subset)?.labels
