import type { DestinationRule } from '../../objects/destination-rule.ts'
import type { Labels } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { backingsBehind } from '../../providers/istio/resolve/endpoints.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import { applyCommand, patchCommand } from '../../objects/kubectl-commands.ts'
import { formatPath, type Setting, type Violation } from '../rule.ts'
import { pathOf } from '../facts/destinations.ts'
import { type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'

interface Missing {
  readonly diagnosis: Diagnosis
  /** What else the same VirtualService lacks. */
  readonly all: readonly Diagnosis[]
}

/** The DestinationRule that most of the failing clients apply. */
export const appliedRule = ({ failing }: Diagnosis): MergedRule | undefined =>
  failing.find(({ rule }) => rule !== undefined)?.rule

/**
 * How the subset is added to the DestinationRule that clients apply: by itself, or with all that are missing
 * where there is no list yet.
 */
export function addingSubset(
  view: ClusterView,
  rule: MergedRule,
  { diagnosis, all }: Missing,
): Pick<Violation, 'fix' | 'sets'> {
  const {
    from: [first],
    namespace,
  } = rule
  const ref = { kind: 'DestinationRule', namespace, name: first!.metadata.name } as const
  const same = all.filter(other => appliedRule(other)?.from[0] === first)
  const key = Object.keys(
    [...rule.subsets.values()].find(labels => Object.keys(labels).length === 1) ?? {},
  )[0]
  const value = subsetFor(view, diagnosis.reference, key)
  const sets: Setting = { ref, path: ['spec', 'subsets'], value, isItem: true }
  if ((first!.spec.subsets?.length ?? 0) === 0)
    return { fix: patchCommand(ref, 'merge', { spec: { subsets: subsetsFor(view, same, key) } }), sets }
  // Run twice, it would define the subset twice.
  const earlier = same.find(other => other.reference.target.subset === diagnosis.reference.target.subset)
  if (earlier !== undefined && earlier !== diagnosis)
    return { fix: `The fix of ${formatPath(pathOf(earlier.reference, 'subset'))} adds this subset.` }
  return { fix: patchCommand(ref, 'json', [{ op: 'add', path: '/spec/subsets/-', value }]), sets }
}

/**
 * A command that makes a DestinationRule for the host with all the subsets of it that are missing, so that
 * one need not undo another.
 */
export function makingRule(
  view: ClusterView,
  {
    diagnosis: {
      reference: { host, outcomes, target },
    },
    all,
  }: Missing,
): string {
  const namespace =
    outcomes.find(({ provider }) => provider !== undefined)?.provider?.namespace ?? target.namespace
  const same = all.filter(({ reference }) => reference.host === host)
  const rule: DestinationRule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: freeName(view, namespace, host.split('.', 1)[0]!), namespace },
    spec: { host, subsets: subsetsFor(view, same, undefined) },
  }
  return applyCommand(rule)
}

/** One that no DestinationRule has: what stands there is not to be overwritten. */
function freeName(view: ClusterView, namespace: string, name: string): string {
  return view.get({ kind: 'DestinationRule', namespace, name }) === undefined
    ? name
    : freeName(view, namespace, `${name}-subsets`)
}

function subsetsFor(view: ClusterView, diagnoses: readonly Diagnosis[], key: string | undefined) {
  const byName = new Map(diagnoses.map(({ reference }) => [reference.target.subset!, reference]))
  return [...byName.values()].map(reference => subsetFor(view, reference, key))
}

/** By the label that its siblings select on, else by one of the workloads' that has the name for a value. */
const subsetFor = (view: ClusterView, { target, outcomes }: Reference, key: string | undefined) => {
  const name = target.subset!
  const provider = outcomes.find(outcome => outcome.provider !== undefined)?.provider
  const labels: readonly Labels[] =
    key !== undefined || provider === undefined
      ? []
      : (backingsBehind(view, provider) ?? []).map(backing => backing.labels)
  const keys = new Set(
    labels.flatMap(each => Object.keys(each).filter(candidate => each[candidate] === name)),
  )
  return {
    name,
    labels: { [key ?? (keys.has('version') ? 'version' : [...keys].toSorted()[0]) ?? 'version']: name },
  }
}
