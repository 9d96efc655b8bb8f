import { formatKind, isKind, refOf, workloadKinds } from '../../objects/kinds.ts'
import {
  controllerOf,
  givenName,
  keyOf,
  namespaceOf,
  type KubeObject,
  type Labels,
} from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { formatPairs } from '../../objects/labels.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { hostOfService, providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { keepingOf } from '../../workloads/pods/kept-pods.ts'
import { labelsOfNext, podsMadeBy } from '../../workloads/pods/made-pods.ts'
import { podVariantsOf } from '../../workloads/workload-indexes.ts'
import { backingVariants, templateOf, isDerivable, ownKeysOf } from '../../workloads/backings.ts'
import { once } from '../../view/session.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { labelCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { byNeed, likelyValue, type LabelValues } from '../fixes/label-values.ts'
import { leadingReferences } from '../facts/leading-references.ts'
import { templateKinds } from '../facts/workloads-of.ts'
import { servicesSelecting } from '../facts/selecting-services.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
import type { AnyRule, AskedBy, Path, RestsOn, Rule, RuleSettings, Violation } from '../rule.ts'

const kinds = [...workloadKinds, 'Pod'] as const
type LabelledKind = (typeof kinds)[number]

/**
 * A blanket demand for the label would accuse half of all workloads: it matters only where subsets tell
 * versions apart by it.
 */
const ruleFor = <K extends LabelledKind>(subject: K): Rule<K> => ({
  id: 'missing-version-label',
  severity: { webhook: 'error', lint: 'warning' },
  summary:
    'A workload behind a Service whose subsets are used by a route has a label that the subsets select, usually `version`.',
  fix: 'Add the label to the pod template of the workload.',
  subject,
  reads: [...new Set([...routingReads, ...workloadKinds, 'Pod' as const])],
  needs: routingNeeds,
  check: violations,
})

/** The one rule, for each kind of workload. */
export const missingVersionLabel: readonly AnyRule[] = kinds.map(kind => ruleFor(kind) as AnyRule)

function* violations(view: ClusterView, object: KubeObject, settings: RuleSettings): Iterable<Violation> {
  // A Job ends: its pods are not what a version is made of.
  if (isDerivable(view, object) || controllerOf(object)?.kind === 'Job') return
  const labels = labelsOfPods(view, object)
  for (const { service, selector, host } of servicesOf(view, object, labels)) {
    const routed = routedLabels(view, host, settings)
    const wanted = routed.map(entry => entry.labels)
    const keys = [...new Set(wanted.flatMap(ownKeysOf))]
    const all = [labels, ...podsMadeBy(view, object, selector).map(pod => labelsOfNext(view, pod))]
    if (keys.length === 0 || all.some(each => keys.some(key => each?.[key] !== undefined))) continue
    const namespace = namespaceOf(object)
    yield {
      path: isKind('Pod', object) ? ['metadata', 'labels'] : pathOfLabels,
      message: `is behind ${host}, whose subsets select ${keys.join(', ')}, but does not have ${keys.length === 1 ? 'this label' : 'any of these labels'}: it is in no subset`,
      about: aboutAsked(host, namespace, routed),
      askedBy: routed.map(({ askedBy }) => askedBy),
      tells: routed.map(({ askedBy: { route, rule } }) => ({
        kind: 'DestinationRule',
        namespace: rule ?? route,
      })),
      ...labelling(view, object, {
        key: keys[0]!,
        values: byNeed(
          view,
          wanted.flatMap(each => each[keys[0]!] ?? []),
          { key: keys[0]!, service },
        ),
      }),
      restsOn: [
        refOf(service),
        // What admits the pods may have added the label.
        ...(isKind('Pod', object)
          ? []
          : [...templateKinds, 'Pod' as const].map(kind => ({ kind, namespace, labels: selector }))),
        ...groundsOfAsked(namespace, routed),
      ],
    }
  }
}

/**
 * Those of what its template makes, if it makes pods, be it only where one is deleted; what a Rollout adds to the pods
 * of one part is enough.
 */
function labelsOfPods(view: ClusterView, object: KubeObject): Labels {
  const variants =
    keepingOf(object)?.isUntilDeleted === true ? podVariantsOf(object) : backingVariants(view, object)
  const made = variants.filter(({ isKept }) => isKept !== true)
  return Object.assign({}, ...(made.length > 0 ? made : variants).map(({ labels }) => labels)) as Labels
}

/** What only other namespaces ask is another fault: a route of the own namespace that asks it as well is news. */
const aboutAsked = (host: string, namespace: string, routed: readonly RoutedLabels[]): string =>
  routed.some(({ askedBy: { route, rule } }) => route === namespace && rule === namespace)
    ? host
    : `${host} for ${[...new Set(routed.map(({ askedBy }) => askedBy.route))].toSorted().join()}`

/** The DestinationRules and VirtualServices of all who ask. */
const groundsOfAsked = (namespace: string, routed: readonly RoutedLabels[]): readonly RestsOn[] =>
  [
    ...new Set([namespace, ...routed.flatMap(({ askedBy: { route, rule } }) => [route, rule ?? route])]),
  ].flatMap(each => [
    { kind: 'DestinationRule' as const, namespace: each },
    { kind: 'VirtualService' as const, namespace: each },
  ])

interface SelectingService {
  readonly service: Service
  readonly selector: Labels
  readonly host: string
}

/** The Services that select pods with these labels. */
function servicesOf(view: ClusterView, object: KubeObject, labels: Labels): readonly SelectingService[] {
  return servicesSelecting(view, namespaceOf(object), labels).map(service => ({
    service,
    selector: providerOfService(service).selector ?? {},
    host: hostOfService(service, view.mesh.clusterDomain),
  }))
}

const pathOfLabels: Path = ['spec', 'template', 'metadata', 'labels']

/** How the label is set: where the pods are made. */
function labelling(
  view: ClusterView,
  object: KubeObject,
  { key, values }: { readonly key: string; readonly values: LabelValues },
): Pick<Violation, 'fix' | 'sets'> {
  const value = likelyValue(givenName(object.metadata), values)
  const owner = controllerOf(object)
  if (owner !== undefined && isKind('Pod', object))
    return {
      fix: `Set the label ${formatPairs({ [key]: value })} in the pod template of ${formatKind(owner)} ${owner.name}, which makes this pod.`,
    }
  if (isKind('Pod', object)) {
    const ref = refOf(object)
    return {
      fix: labelCommand(ref, key, value),
      sets: { ref, path: ['metadata', 'labels', key], value },
    }
  }
  const ref = refOf(templateOf(view, object) ?? object)
  return {
    fix: patchCommand(ref, 'merge', { spec: { template: { metadata: { labels: { [key]: value } } } } }),
    sets: { ref, path: [...pathOfLabels, key], value },
  }
}

/** The labels of a subset, and who asks for them: by which route, and by whose DestinationRule. */
interface RoutedLabels {
  readonly labels: Labels
  readonly askedBy: AskedBy
}

/** The labels that select the subsets which get requests, as the DestinationRules say that their callers apply. */
function routedLabels(view: ClusterView, host: string, settings: RuleSettings): readonly RoutedLabels[] {
  return once(view, [routedLabels, `${settings.complete} ${host}`], () => {
    const found = distinctLeads(view, host, settings).flatMap(
      ({ subset, rule, route, name }): readonly RoutedLabels[] => {
        const labels = rule.subsets.get(subset)
        if (labels === undefined) return []
        const writtenIn = [
          { kind: 'VirtualService' as const, namespace: route, name },
          ...rule.from.map(refOf),
        ]
        return [{ labels, askedBy: { route, rule: rule.namespace, writtenIn, labelKeys: ownKeysOf(labels) } }]
      },
    )
    const byText = Map.groupBy(found, ({ labels, askedBy: { route, rule } }) =>
      JSON.stringify([labels, route, rule]),
    )
    return [...byText.keys()].toSorted().map(key => alike(byText.get(key)!))
  })
}

/** A subset by which a route leads to a host, as a DestinationRule of its callers defines it or not. */
interface Lead {
  readonly subset: string
  readonly rule: MergedRule
  /** The namespace and the name of the VirtualService. */
  readonly route: string
  readonly name: string
}

/** Each once: many routes of one VirtualService lead to the same few subsets, for callers with the same rule. */
function distinctLeads(view: ClusterView, host: string, settings: RuleSettings): readonly Lead[] {
  const known = new Map<MergedRule, Map<string, Lead>>()
  for (const { reference, namespace: route, name } of leadingReferences(view, host, settings)) {
    const { subset } = reference.target
    if (subset === undefined) continue
    const key = `${route}/${name} ${subset}`
    for (const { rule } of reference.outcomes) {
      if (rule === undefined) continue
      let leads = known.get(rule)
      if (leads === undefined) known.set(rule, (leads = new Map()))
      if (!leads.has(key)) leads.set(key, { subset, rule, route, name })
    }
  }
  return [...known.values()].flatMap(leads => [...leads.values()])
}

/** One entry for all that ask for the same labels from the same namespaces. */
function alike(entries: readonly RoutedLabels[]): RoutedLabels {
  const [first] = entries
  const writtenIn = new Map(
    entries.flatMap(({ askedBy }) => (askedBy.writtenIn ?? []).map(ref => [keyOf(ref), ref])),
  )
  return { ...first!, askedBy: { ...first!.askedBy, writtenIn: [...writtenIn.values()] } }
}
