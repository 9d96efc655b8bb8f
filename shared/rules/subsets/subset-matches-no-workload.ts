import { formatLabels } from '../../objects/labels.ts'
import type { Labels } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { emptinessOf } from '../../providers/istio/read/routes/emptiness.ts'
import { selectedBy, type Selected } from '../../providers/istio/resolve/endpoints.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import {
  formatClients,
  groundsOf,
  nameOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { workloadsOf } from '../facts/workloads-of.ts'
import { labelsOfSubset, lostSelection, unfollowedAt } from '../facts/lost-selection.ts'
import { sayingUnfollowed } from '../../workloads/pods/unfollowed.ts'
import { isOpen } from '../../providers/istio/resolve/outcome.ts'
import { subsetInstead, workloadFirst } from '../fixes/define-subset.ts'
import { labellingNextPods } from '../fixes/label-next-pods.ts'
import { removingCohort } from '../fixes/remove-cohort.ts'
import { scalingUp } from '../fixes/scale-up.ts'
import {
  formatPath,
  type Path,
  type Rule,
  type RuleSettings,
  type Severities,
  type Violation,
  type Worsening,
} from '../rule.ts'
import { clientsTold, delegateTold, providersTold, rulesTold, workloadsTold } from '../facts/tells.ts'

const mild: Severities = { webhook: 'warning', lint: 'warning' }

/** Selectors and labels are not scaled to zero and back: the workloads run, and nobody is sent to them. */
const worsening: Worsening = {
  summary:
    'An error in both if a change of the selector of the Service, or of the labels of a workload, removes the last workload.',
  weigh(sides, finding, settings) {
    const message = lostSelection(sides, finding, settings)
    return message === undefined ? undefined : { severity: { webhook: 'error', lint: 'error' }, message }
  },
}

/** At run time the cluster is empty: every request of the share is answered with 503 UH. */
export const subsetMatchesNoWorkload: Rule<'VirtualService'> = {
  id: 'subset-matches-no-workload',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'A destination that gets traffic has pods: pods of the Service that have the labels of the subset.',
  fix: 'Add the labels of the subset to the pods, correct the labels of the subset, or route to another subset.',
  subject: 'VirtualService',
  reads: [...routingReads, 'EndpointSlice', 'Endpoints'],
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const reference of evaluate(view, subject, settings).references) {
      if (reference.idle === undefined) yield* violationsOf(view, { reference, subject, settings })
    }
  },
  worsening,
}

interface Case {
  readonly reference: Reference
  readonly subject: VirtualService
  readonly settings: RuleSettings
}

function* violationsOf(view: ClusterView, { reference, subject, settings }: Case): Iterable<Violation> {
  const { host, target } = reference
  const emptiness = emptinessOf(reference, settings)
  if (emptiness === undefined) return yield* laterViolations(view, reference)
  // Callers whose own DestinationRule says other labels: whether they call at all is not known.
  const { empty, isPartial } = emptiness
  const { outcome, selected } = empty[0]!
  const labels = labelsOfSubset(reference, outcome)
  const path = pathOf(reference, target.subset === undefined ? 'host' : 'subset')
  const callers = isPartial ? ` for clients in ${formatClients(empty.map(one => one.outcome))}` : ''
  yield {
    path,
    ...writtenIn(reference, target.subset === undefined ? 'host' : 'subset'),
    message: `${nameOf(reference)}${callers} ${saying(selected, formatLabels(labels), outcome.provider!)}`,
    about: `${host} ${target.subset ?? ''}${isPartial ? ' for some' : ''}`,
    ...fixOf(view, reference, { outcome, labels, path }),
    ...weightOf({ isMild: isMild(target, selected) || isPartial, selected, settings }),
    ...removingCohort(view, subject, reference),
    absent: 'workload',
    tells: [
      ...delegateTold(reference),
      ...providersTold(reference.outcomes),
      ...workloadsTold(reference.outcomes),
      ...rulesTold(reference.outcomes),
      ...(isPartial ? clientsTold(reference.outcomes) : []),
    ],
    restsOn: [...groundsOf(view, reference), ...workloadsOf(outcome.provider!, labels)],
  }
}

/** Pods that stay until they are deleted, which no change of an object is, and that are not followed by others. */
function* laterViolations(view: ClusterView, reference: Reference): Iterable<Violation> {
  const outcome = reference.outcomes.find(({ found }) => found === 'cluster')
  if (outcome?.provider === undefined || isOpen(outcome.provider, outcome.client)) return
  const labels = labelsOfSubset(reference, outcome)
  const unfollowed = unfollowedAt(view, outcome.provider, labels)
  if (unfollowed === undefined) return
  const field = reference.target.subset === undefined ? 'host' : 'subset'
  yield {
    path: pathOf(reference, field),
    ...writtenIn(reference, field),
    message: `${nameOf(reference)} ${sayingUnfollowed(unfollowed)}`,
    about: `${reference.host} ${reference.target.subset ?? ''} later`,
    severity: mild,
    absent: 'workload',
    fix: labellingNextPods(unfollowed, outcome.provider.selector),
    tells: [
      ...delegateTold(reference),
      ...providersTold(reference.outcomes),
      ...workloadsTold(reference.outcomes),
      ...rulesTold(reference.outcomes),
    ],
    restsOn: [...groundsOf(view, reference), ...workloadsOf(outcome.provider, labels)],
  }
}

interface Empty {
  readonly outcome: DestinationOutcome
  readonly labels: Labels
  readonly path: Path
}

function fixOf(
  view: ClusterView,
  reference: Reference,
  { outcome, labels, path }: Empty,
): Pick<Violation, 'fix' | 'sets'> {
  const provider = outcome.provider!
  return (
    scalingUp(view, provider, labels)
    ?? (isSetHere(reference) ? fixFor(view, reference, { outcome, path, labels }) : withAddresses(provider))
  )
}

/** A delegate's subset is set in the delegate, not where it is found. */
const isSetHere = ({ target, route }: Reference): boolean =>
  target.subset !== undefined && route.delegate === undefined

/** On files a label that no workload contradicts may be added by what applies or admits the pods. */
function weightOf({
  isMild: mildly,
  selected,
  settings,
}: {
  readonly isMild: boolean
  readonly selected: Selected
  readonly settings: RuleSettings
}): Pick<Violation, 'severity'> {
  if (mildly) return { severity: mild }
  return selected.unlabelled > 0 && !settings.complete
    ? { severity: { webhook: 'error', lint: 'warning' } }
    : {}
}

/** A lost copy, or workloads that are only scaled to zero. */
const isMild = ({ isMirror }: Reference['target'], { dormant, awake }: Selected): boolean =>
  isMirror || dormant > 0 || awake === 0

function saying({ all, dormant }: Selected, labels: string, { ref, selector }: HostProvider): string {
  if (all === 0)
    return ref.kind === 'Service' && selector === undefined
      ? 'has no addresses: the Service has no selector, and no EndpointSlice lists any for it'
      : 'has no workload'
  if (dormant > 0) return 'has only workloads that are scaled to zero'
  if (labels === '') return 'has no running workload'
  const none =
    all === 1 ? 'the only workload of the host does not have' : `none of the ${all} workloads of the host has`
  return `selects ${labels}, but ${none} these labels`
}

/** A placeholder Service that another VirtualService routes elsewhere: routes are not chained. */
const withAddresses = ({ ref, selector }: HostProvider): Pick<Violation, 'fix'> =>
  ref.kind === 'Service' && selector === undefined
    ? {
        fix:
          `Give Service ${ref.namespace}/${ref.name} a selector or an EndpointSlice, or route to a Service that has pods: `
          + `a VirtualService for ${ref.name} is not applied after this one.`,
      }
    : {}

/** A workload of the version, or another version that has one. */
function fixFor(
  view: ClusterView,
  reference: Reference,
  { outcome: { provider, rule }, path, labels }: Empty,
): Pick<Violation, 'fix'> {
  if (Object.keys(labels).length === 0 || provider === undefined) return {}
  const runs = (candidate: Labels): boolean =>
    (selectedBy(view, provider, { labels: candidate, complete: false })?.running ?? 0) > 0
  const other = rule === undefined ? undefined : subsetInstead(reference, rule, runs)
  const instead = other === undefined ? undefined : `Set ${formatPath(path)}: ${other}`
  return { fix: `${workloadFirst(labels, instead)}.` }
}
