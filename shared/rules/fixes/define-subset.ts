import type { DestinationRule } from '../../objects/destination-rule.ts'
import { refOf } from '../../objects/kinds.ts'
import type { Labels, Ref } from '../../objects/kube-object.ts'
import { formatPairs } from '../../objects/labels.ts'
import { formerly, type ClusterView } from '../../view/cluster-view.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { backingsBehind, selectedBy } from '../../providers/istio/resolve/endpoints.ts'
import { mistyped } from '../../objects/text/closest.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { charge, once } from '../../view/session.ts'
import { exportingRule } from './export-rule.ts'
import { namingFileFirst } from './fix-text.ts'
import { labelsFor } from './labels-for.ts'
import { isLabel } from '../../objects/hosts.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { quotedName } from '../../objects/text/escaped.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { Completeness } from '../../providers/istio/resolve/outcome.ts'
import { unknownAt } from '../../providers/istio/resolve/unknown-target.ts'
import { applyCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { formatPath, type Path, type Setting, type Violation } from '../rule.ts'
import { ownerOf, pathOf } from '../facts/destinations.ts'
import { type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'

interface Missing {
  readonly diagnosis: Diagnosis
  /** What else the same VirtualService lacks. */
  readonly all: readonly Diagnosis[]
}

/** The DestinationRule that failing clients apply and that lacks the subset. */
export const appliedRule = ({ failing }: Diagnosis): MergedRule | undefined =>
  failing.find(({ found, rule }) => found === 'no-subset' && rule !== undefined)?.rule

/**
 * How the subset is added to the DestinationRule that clients apply: by itself, or with all that are missing
 * where there is no list yet. Where the name of another subset was probably meant, how that is named instead; where
 * no workload has the version, that goes first.
 */
export function addingSubset(
  view: ClusterView,
  rule: MergedRule,
  { diagnosis, all }: Missing,
): Pick<Violation, 'fix' | 'sets' | 'fixedWith'> {
  const {
    from: [first],
    namespace,
  } = rule
  const { reference } = diagnosis
  const meant = subsetMeant(view, rule, diagnosis)
  const path = pathOf(reference, 'subset')
  const isSetHere = reference.route.delegate === undefined
  if (meant !== undefined)
    return {
      fix: isSetHere
        ? `Set ${formatPath(path)}: ${meant}`
        : `Replace subset ${reference.target.subset} with ${meant} in ${ownerOf(reference)}.`,
    }
  const ref = { kind: 'DestinationRule', namespace, name: first!.metadata.name } as const
  const same = all.filter(other => appliedRule(other)?.from[0] === first)
  const value = subsetFor(view, reference, rule.subsets)
  const sets: Setting = { ref, path: ['spec', 'subsets'], value, isItem: true }
  const earlier = same.find(other => other.reference.target.subset === reference.target.subset)
  if (earlier !== undefined && earlier !== diagnosis) return fixedWith(pathOf(earlier.reference, 'subset'))
  const fix =
    (first!.spec.subsets?.length ?? 0) === 0
      ? patchCommand(ref, 'merge', { spec: { subsets: subsetsOnce(view, rule, { all, same }) } })
      : patchCommand(ref, 'json', [{ op: 'add', path: '/spec/subsets/-', value }])
  const instead = settingOther(view, rule, reference)
  if (!isLabel(value.name)) return { fix: instead ?? renaming(reference) }
  if (hasWorkload(view, reference, value.labels) !== false) return { fix, sets }
  return { sets, fix: [definingAfterWorkload(value.labels, instead), fix] }
}

/** What the fix of another finding adds: run twice, it would define the subset twice. */
export const fixedWith = (path: Path): Pick<Violation, 'fix' | 'fixedWith'> => ({
  fix: `The fix of ${formatPath(path)} adds this subset.`,
  fixedWith: path,
})

/** The edit that names another subset; a delegate's subset is not set where it is found. */
function settingOther(view: ClusterView, rule: MergedRule, reference: Reference): string | undefined {
  if (reference.route.delegate !== undefined) return undefined
  const other = subsetInstead(reference, rule, labels => hasWorkload(view, reference, labels) === true)
  return other === undefined ? undefined : `Set ${formatPath(pathOf(reference, 'subset'))}: ${other}`
}

/**
 * A subset with a workload to which the route does not lead already, where it would be listed twice; another one for
 * each of its destinations that need one.
 */
export function subsetInstead(
  { target, route }: Reference,
  { subsets }: MergedRule,
  hasWorkloads: (labels: Labels) => boolean,
): string | undefined {
  const working = new Set(
    [...subsets].filter(([, labels]) => hasWorkloads(labels)).map(([name]) => name as string | undefined),
  )
  const led = new Set(route.targets.filter(({ host }) => host === target.host).map(({ subset }) => subset))
  const place = [...led.difference(working)].filter(name => name !== undefined).indexOf(target.subset!)
  return [...working.difference(led)][place]
}

/** No DestinationRule can define a subset of such a name. */
function renaming(reference: Reference): string {
  const place =
    reference.route.delegate === undefined ? formatPath(pathOf(reference, 'subset')) : ownerOf(reference)
  return `Rename subset ${quotedName(reference.target.subset!)} in ${place}: a name has letters, digits and inner dashes.`
}

/** The subset that was probably meant: one whose name is a slip away, or whose version was written for its name. */
export function subsetMeant(
  view: ClusterView,
  rule: MergedRule,
  { reference }: Diagnosis,
): string | undefined {
  const said = reference.target.subset!
  if (hadSubset(view, rule, said)) return undefined
  const [named] =
    [...rule.subsets].find(([, labels]) => Object.values(labels).some(value => value === said)) ?? []
  return named ?? mistyped(said, [...rule.subsets.keys()])
}

/** Whether a change takes the subset away: no other one was meant. */
const hadSubset = (view: ClusterView, { from }: MergedRule, name: string): boolean =>
  from.some(rule =>
    itemsOf(fieldsOf(formerly(view, refOf(rule) as Ref<'DestinationRule'>)?.spec)['subsets']).some(
      item => fieldsOf(item)['name'] === name,
    ),
  )

/** Whether a workload of the host has the labels; undefined where the input shows none at all. */
function hasWorkload(view: ClusterView, { outcomes }: Reference, labels: Labels): boolean | undefined {
  const provider = outcomes.find(outcome => outcome.provider !== undefined)?.provider
  const selected =
    provider === undefined ? undefined : selectedBy(view, provider, { labels, complete: false })
  return selected === undefined || selected.all === 0 ? undefined : selected.running + selected.dormant > 0
}

/**
 * A command that gives the host's clients a DestinationRule with all the subsets of it that are missing, so that one
 * need not undo another: the Service's own where that is not exported to them, else a new one.
 */
export function makingRule(
  view: ClusterView,
  { diagnosis: { reference }, all }: Missing,
  { complete }: Completeness,
): Pick<Violation, 'fix' | 'sets' | 'creates'> {
  const { host, outcomes, target } = reference
  const same = all.filter(other => other.reference.host === host && isLabel(other.reference.target.subset!))
  const subsets = subsetsFor(view, same, new Map())
  const failing = same.flatMap(other => other.failing)
  const exported = exportingRule(view, { host, subsets, failing })
  if (exported !== undefined) return exported
  if (!isLabel(target.subset!)) return { fix: renaming(reference) }
  const namespace =
    outcomes.find(({ provider }) => provider !== undefined)?.provider?.namespace ?? target.namespace
  const creates: DestinationRule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: freeName(view, namespace, host.split('.', 1)[0]!), namespace },
    spec: { host, subsets },
  }
  const fix = applyCommand(creates)
  const own = subsets.find(({ name }) => name === target.subset)!
  if (unknownAt(view, reference, { complete }) !== undefined)
    return { creates, fix: [namingFileFirst('DestinationRule'), fix] }
  if (hasWorkload(view, reference, own.labels) !== false) return { fix, creates }
  return { creates, fix: [definingAfterWorkload(own.labels), fix] }
}

const definingAfterWorkload = (labels: Labels, instead?: string): string =>
  `${workloadFirst(labels, instead)}, and then define the subset:`

/**
 * The step that comes first where no workload has the labels of a subset, after what may be done in its place; without
 * a full stop.
 */
export const workloadFirst = (labels: Labels, instead?: string): string =>
  (instead === undefined ? 'First' : `${instead}. Or first`)
  + ` apply a workload that has ${formatPairs(labels)} in spec.template.metadata.labels`

/** One that no DestinationRule has: what is there is not to be overwritten. */
export function freeName(view: ClusterView, namespace: string, name: string): string {
  return view.get({ kind: 'DestinationRule', namespace, name }) === undefined
    ? name
    : freeName(view, namespace, `${name}-subsets`)
}

function subsetsFor(
  view: ClusterView,
  diagnoses: readonly Diagnosis[],
  siblings: ReadonlyMap<string, Labels>,
) {
  const byName = new Map(diagnoses.map(({ reference }) => [reference.target.subset!, reference]))
  return [...byName.values()].map(reference => subsetFor(view, reference, siblings))
}

/** The labels of the workloads behind a host; derived once, however many subsets it lacks. */
const labelsBehind = (view: ClusterView, provider: HostProvider): readonly Labels[] =>
  once(view, [labelsBehind, provider], () =>
    (backingsBehind(view, provider) ?? []).map(({ labels }) => labels),
  )

/** The subsets that one VirtualService lacks of a rule; derived once, for the fix of each has them all. */
const subsetsOnce = (
  view: ClusterView,
  rule: MergedRule,
  { all, same }: { readonly all: readonly Diagnosis[]; readonly same: readonly Diagnosis[] },
) =>
  once(view, [all, rule.from[0]!], () =>
    subsetsFor(
      view,
      same.filter(({ reference }) => isLabel(reference.target.subset!)),
      rule.subsets,
    ),
  )

/** Labelled as its siblings are, else by a label of the workloads that the name contains. */
function subsetFor(
  view: ClusterView,
  { target, outcomes }: Reference,
  siblings: ReadonlyMap<string, Labels>,
): { readonly name: string; readonly labels: Labels } {
  const name = target.subset!
  const provider = outcomes.find(outcome => outcome.provider !== undefined)?.provider
  const behind = provider === undefined ? [] : labelsBehind(view, provider)
  charge(view, behind.length / 10)
  return { name, labels: labelsFor(name, siblings, behind) }
}
