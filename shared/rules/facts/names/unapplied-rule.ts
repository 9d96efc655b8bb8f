import { rulesCovering, type RuleReading } from '../../../providers/istio/resolve/destination-rules.ts'
import type { DestinationOutcome, Reference } from '../../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { formatClients } from '../destinations.ts'
import type { KindIn, RestsOn } from '../../rule.ts'

/** A DestinationRule that defines a subset for others than those who ask for it. */
export interface UnappliedRule {
  /** `DestinationRule shop/catalog defines it, but …`. */
  readonly says: string
  /** What to do where it is exported in vain: Istio never applies it for them. */
  readonly fix?: string
  readonly tells: readonly KindIn[]
  readonly restsOn: readonly RestsOn[]
}

/**
 * The DestinationRule that defines a subset, where no DestinationRule applies for clients, and why it does not; that of the
 * Service's own namespace goes first.
 */
export function unappliedRule(
  view: ClusterView,
  { host, target }: Pick<Reference, 'host' | 'target'>,
  failing: readonly DestinationOutcome[],
): UnappliedRule | undefined {
  const homes = new Set(failing.flatMap(({ provider }) => provider?.namespace ?? []))
  const isShared = ({ namespace }: RuleReading): boolean =>
    homes.has(namespace) || namespace === view.mesh.rootNamespace
  const [found] = rulesCovering(view, host)
    .flat()
    .filter(({ subsets }) => subsets.some(({ name }) => name === target.subset))
    .toSorted((one, other) => Number(isShared(other)) - Number(isShared(one)))
  if (found === undefined) return undefined
  const { namespace, rule } = found
  const ref = { kind: 'DestinationRule', namespace } as const
  const said = { tells: [ref], restsOn: [ref] }
  const name = `DestinationRule ${namespace}/${rule.metadata.name}`
  if (isShared(found)) return { ...said, says: `${name} defines it, but ${unexported(found, failing)}` }
  const [home] = homes
  return {
    ...said,
    says: `${name} defines it, but applies to clients in ${namespace} only, because the Service is in another namespace`,
    ...(home !== undefined && {
      fix: `Define the subset in a DestinationRule in namespace ${home}, where the Service is.`,
    }),
  }
}

function unexported(
  { selector, exportTo, namespace }: RuleReading,
  failing: readonly DestinationOutcome[],
): string {
  if (selector !== undefined) return `only for workloads in ${namespace} that its workloadSelector selects`
  const by = exportTo.size > 0 ? 'spec.exportTo' : 'defaultDestinationRuleExportTo of the mesh'
  return `is not exported to ${formatClients(failing)} (${by})`
}
