import { formatLabels } from '../../objects/labels.ts'
import type { Labels } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { backingKinds } from '../../providers/istio/resolve/indexes/workloads.ts'
import { emptinessOf } from '../../providers/istio/read/routes/emptiness.ts'
import { selectedBy, type Selected } from '../../providers/istio/resolve/endpoints.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import {
  formatClients,
  groundsOf,
  nameOf,
  pathOf,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import {
  formatPath,
  type Path,
  type RestsOn,
  type Rule,
  type RuleSettings,
  type Severities,
  type Violation,
} from '../rule.ts'

const mild: Severities = { webhook: 'warning', lint: 'warning' }

/** At run time the cluster is empty: every request of the share is answered with 503 UH. */
export const subsetMatchesNoWorkload: Rule<'VirtualService'> = {
  id: 'subset-matches-no-workload',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'A destination that gets traffic has pods: pods of the Service that have the labels of the subset.',
  fix: 'Add the labels of the subset to the pods, correct the labels of the subset, or route to another subset.',
  subject: 'VirtualService',
  reads: [...routingReads, 'EndpointSlice'],
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const reference of evaluate(view, subject, settings).references) {
      if (reference.idle === undefined) yield* violationsOf(view, { reference, subject, settings })
    }
  },
}

interface Case {
  readonly reference: Reference
  readonly subject: VirtualService
  readonly settings: RuleSettings
}

function* violationsOf(view: ClusterView, { reference, settings }: Case): Iterable<Violation> {
  const { host, target } = reference
  const emptiness = emptinessOf(reference, settings)
  if (emptiness === undefined) return
  // Callers whose own DestinationRule says other labels: whether they call at all is not known.
  const { empty, isPartial } = emptiness
  const { outcome, selected } = empty[0]!
  const labels = target.subset === undefined ? {} : (outcome.rule?.subsets.get(target.subset) ?? {})
  const path = pathOf(reference, target.subset === undefined ? 'host' : 'subset')
  const callers = isPartial ? ` for clients in ${formatClients(empty.map(one => one.outcome))}` : ''
  yield {
    path,
    message: `${nameOf(reference)}${callers} ${saying(selected, formatLabels(labels))}`,
    about: `${host} ${target.subset ?? ''}${isPartial ? ' for some' : ''}`,
    ...(isSetHere(reference) ? fixFor(view, outcome, { path, labels }) : {}),
    ...(isMild(target, selected) || isPartial ? { severity: mild } : {}),
    absent: 'workload',
    restsOn: [
      ...groundsOf(view, reference),
      ...backingKinds.map((kind): RestsOn => ({ kind, namespace: outcome.provider!.namespace })),
    ],
  }
}

/** A delegate's subset is set in the delegate, not where it is found. */
const isSetHere = ({ target, route }: Reference): boolean =>
  target.subset !== undefined && route.delegate === undefined

/** A lost copy, or workloads that are only scaled to zero. */
const isMild = ({ isMirror }: Reference['target'], { dormant, awake }: Selected): boolean =>
  isMirror || dormant > 0 || awake === 0

function saying({ all, dormant }: Selected, labels: string): string {
  if (all === 0) return 'has no workload'
  if (dormant > 0) return 'has only workloads that are scaled to zero'
  return labels === ''
    ? 'has no running workload'
    : `selects ${labels}, but ${all === 1 ? 'the only workload of the host does not have' : `none of the ${all} workloads of the host has`} these labels`
}

/** A workload of the version, or another version that has one. */
function fixFor(
  view: ClusterView,
  { provider, rule }: DestinationOutcome,
  { path, labels }: { readonly path: Path; readonly labels: Labels },
): Pick<Violation, 'fix'> {
  const pairs = Object.entries(labels)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')
  if (pairs === '' || provider === undefined) return {}
  const [other] =
    [...(rule?.subsets ?? [])].find(
      ([, candidate]) =>
        (selectedBy(view, provider, { labels: candidate, complete: false })?.running ?? 0) > 0,
    ) ?? []
  const first = `First apply a workload that has ${pairs} in spec.template.metadata.labels`
  return { fix: other === undefined ? `${first}.` : `${first}, or set ${formatPath(path)}: ${other}` }
}
