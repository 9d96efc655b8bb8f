import type { DestinationRule } from '../../objects/destination-rule.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { applyCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { rulesCovering, type MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import type { Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import type { DestinationOutcome, Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { pathOf } from '../facts/destinations.ts'
import type { Violation } from '../rule.ts'
import { exportingProvider, importingProvider } from './export-provider.ts'
import { fixedWith, freeName } from './define-subset.ts'
import { exportingRule } from './export-rule.ts'

interface Hidden {
  readonly diagnosis: Diagnosis
  /** What else is hidden in the same VirtualService. */
  readonly all: readonly Diagnosis[]
}

/**
 * How clients come to see a subset that another DestinationRule defines: it is added to the one that they apply
 * instead, or, where that is for many hosts, to one of their own beside it with the same settings. Where they apply
 * none, the one that defines it is exported to them. Undefined where neither is enough. What several findings need
 * of one object is in the fix of each, so that one need not undo another.
 */
export function unhiding(
  view: ClusterView,
  { diagnosis, all }: Hidden,
): Pick<Violation, 'fix' | 'sets' | 'creates' | 'fixedWith'> | undefined {
  const { reference, failing } = diagnosis
  const { host } = reference
  const ofHost = all.filter(other => other.reference.host === host)
  if (hiddenProvider(view, reference, failing) !== undefined) {
    const same = ofHost.filter(other => hiddenProvider(view, other.reference, other.failing) !== undefined)
    const [provider] = providersAt(view, host)
    const importing = importingProvider(view, provider!, { host, failing: failingOf([diagnosis]) })
    return importing === undefined ? exportingProvider(provider!, failingOf(same)) : { fix: importing }
  }
  const hiding = hidingRule(diagnosis)
  const same = ofHost.filter(other => hidingRule(other) === hiding)
  const subsets = subsetsElsewhere(view, same)
  if (hiding !== undefined) return definingIn(view, hiding, { diagnosis, all: same, subsets })
  const exportable = same.filter(other => other.failing.every(({ found }) => found === 'no-rule'))
  return exportingRule(view, {
    host,
    subsets,
    failing: failingOf(exportable.includes(diagnosis) ? exportable : [diagnosis]),
  })
}

/** The DestinationRule that clients apply instead. */
const hidingRule = ({ failing }: Diagnosis): MergedRule | undefined =>
  failing.find(({ rule }) => rule !== undefined)?.rule

const failingOf = (diagnoses: readonly Diagnosis[]): readonly DestinationOutcome[] =>
  diagnoses.flatMap(({ failing }) => failing)

interface SubsetElsewhere {
  readonly name: string
  /** Undefined where it is defined nowhere. */
  readonly labels: Labels | undefined
}

/** Each subset of some findings once, with its labels where it is defined. */
const subsetsElsewhere = (view: ClusterView, diagnoses: readonly Diagnosis[]): readonly SubsetElsewhere[] => [
  ...new Map(
    diagnoses.map(({ reference }) => [
      reference.target.subset!,
      { name: reference.target.subset!, labels: labelsElsewhere(view, reference) },
    ]),
  ).values(),
]

/** The fix that defines what is hidden in the rule that hides it. */
function definingIn(
  view: ClusterView,
  hiding: MergedRule,
  { diagnosis, all, subsets }: Hidden & { readonly subsets: readonly SubsetElsewhere[] },
): Pick<Violation, 'fix' | 'sets' | 'creates' | 'fixedWith'> | undefined {
  const { host, target } = diagnosis.reference
  const value = subsets.find(({ name }) => name === target.subset)!
  const { namespace, from } = hiding
  const [first] = from
  if (value.labels === undefined || first === undefined) return undefined
  const known = subsets.filter(({ labels }) => labels !== undefined)
  if (first.spec.host.startsWith('*')) {
    const creates: DestinationRule = {
      apiVersion: first.apiVersion,
      kind: 'DestinationRule',
      metadata: { name: freeName(view, namespace, host.split('.', 1)[0]!), namespace },
      // It hides the one for many hosts, whose subsets are used as well.
      spec: { ...first.spec, host, subsets: [...subsetsOf(hiding), ...known] },
    } as DestinationRule
    return { fix: applyCommand(creates), creates }
  }
  const earlier = all.find(({ reference }) => reference.target.subset === target.subset)!
  if (earlier !== diagnosis) return fixedWith(pathOf(earlier.reference, 'subset'))
  const ref = { kind: 'DestinationRule', namespace, name: first.metadata.name } as const
  const isFirst = (first.spec.subsets?.length ?? 0) === 0
  return {
    fix: isFirst
      ? patchCommand(ref, 'merge', { spec: { subsets: known } })
      : patchCommand(ref, 'json', [{ op: 'add', path: '/spec/subsets/-', value }]),
    sets: { ref, path: ['spec', 'subsets'], value, isItem: true },
  }
}

/** The subsets of the rules that Istio merges, as they are written: the first of a name counts. */
const subsetsOf = ({ from }: MergedRule): readonly object[] =>
  [
    ...new Map(
      from
        .flatMap(({ spec }) => spec.subsets ?? [])
        .toReversed()
        .map(subset => [subset.name, subset]),
    ).values(),
  ].toReversed()

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
