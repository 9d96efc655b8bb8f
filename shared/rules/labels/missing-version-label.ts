import { expandHost } from '../../objects/hosts.ts'
import { formatKind, isKind, refOf, workloadKinds } from '../../objects/kinds.ts'
import { controllerOf, namespaceOf, type KubeObject, type Labels } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { servicesBySelector } from '../../providers/istio/resolve/indexes/providers.ts'
import { virtualServicesByDestination } from '../../providers/istio/resolve/indexes/routing.ts'
import { hostOfService, providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { rulesCovering } from '../../providers/istio/resolve/destination-rules.ts'
import { pairOf, workloadsByLabel } from '../../providers/istio/resolve/indexes/workloads.ts'
import {
  backingVariants,
  templateOf,
  isDerivable,
  mayMatch,
  ownKeysOf,
} from '../../providers/istio/resolve/endpoints.ts'
import { once } from '../../view/session.ts'
import { labelCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { AnyRule, Path, Rule, Violation } from '../rule.ts'

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
  reads: ['Service', 'DestinationRule', 'VirtualService', ...workloadKinds, 'Pod'],
  needs: ['Service', 'DestinationRule', 'VirtualService'],
  check: (view, object) => violations(view, object),
})

/** The one rule, for each kind of workload. */
export const missingVersionLabel: readonly AnyRule[] = kinds.map(kind => ruleFor(kind) as AnyRule)

function* violations(view: ClusterView, object: KubeObject): Iterable<Violation> {
  // A Job ends: its pods are not what a version is made of.
  if (isDerivable(view, object) || controllerOf(object)?.kind === 'Job') return
  // What a Rollout adds to the pods of one part is enough.
  const labels = Object.assign({}, ...backingVariants(view, object).map(variant => variant.labels)) as Labels
  for (const { service, selector, host } of servicesOf(view, object, labels)) {
    const wanted = routedLabels(view, host)
    const keys = [...new Set(wanted.flatMap(ownKeysOf))]
    const all = [labels, ...podsMadeBy(view, object, selector).map(pod => pod.metadata.labels)]
    if (keys.length === 0 || all.some(each => keys.some(key => each?.[key] !== undefined))) continue
    const namespace = namespaceOf(object)
    yield {
      path: isKind('Pod', object) ? ['metadata', 'labels'] : pathOfLabels,
      message: `is behind ${host}, whose subsets select ${keys.join(', ')}, but does not have ${keys.length === 1 ? 'this label' : 'any of these labels'}: it is in no subset`,
      about: host,
      ...labelling(view, object, {
        key: keys[0]!,
        values: wanted.flatMap(each => each[keys[0]!] ?? []),
      }),
      restsOn: [
        refOf(service),
        // What admits the pods may have added the label.
        ...(isKind('Pod', object) ? [] : [{ kind: 'Pod' as const, namespace, labels: selector }]),
        { kind: 'DestinationRule', namespace },
        { kind: 'VirtualService', namespace },
      ],
    }
  }
}

interface SelectingService {
  readonly service: Service
  readonly selector: Labels
  readonly host: string
}

/** The Services that select pods with these labels. */
function servicesOf(view: ClusterView, object: KubeObject, labels: Labels): readonly SelectingService[] {
  const found = Object.entries(labels).flatMap(([key, value]) =>
    view.find(servicesBySelector, `${namespaceOf(object)}/${key}=${value}`),
  )
  return [...new Set(found)]
    .map(service => ({
      service,
      selector: providerOfService(service).selector ?? {},
      host: hostOfService(service, view.mesh.clusterDomain),
    }))
    .filter(({ selector }) => mayMatch(selector, labels))
}

/** `catalog-v2` is version v2, if there is such a subset; a name that says nothing leaves the first. */
const likelyValue = ({ metadata }: KubeObject, values: readonly string[]): string =>
  values.find(value => metadata.name === value || metadata.name.endsWith(`-${value}`)) ?? values[0]!

/** The pods of a workload that were read, by the names that controllers give what they make. */
const podsMadeBy = (view: ClusterView, object: KubeObject, selector: Labels): readonly KubeObject[] => {
  const pair = isKind('Pod', object) ? undefined : pairOf(selector)
  return pair === undefined
    ? []
    : view.find(workloadsByLabel.Pod, `${namespaceOf(object)}/${pair}`).filter(pod => {
        const maker = controllerOf(pod)?.name ?? ''
        return maker === object.metadata.name || maker.startsWith(`${object.metadata.name}-`)
      })
}

const pathOfLabels: Path = ['spec', 'template', 'metadata', 'labels']

/** How the label is set: where the pods are made. */
function labelling(
  view: ClusterView,
  object: KubeObject,
  { key, values }: { readonly key: string; readonly values: readonly string[] },
): Pick<Violation, 'fix' | 'sets'> {
  const value = likelyValue(object, values)
  const owner = controllerOf(object)
  if (owner !== undefined && isKind('Pod', object))
    return {
      fix: `Set the label ${key}: ${value} in the pod template of ${formatKind(owner)} ${owner.name}, which makes this pod.`,
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

/** The subsets that a VirtualService routes to, by host: a large one may lead to many. */
const subsetsByHost = (view: ClusterView, object: VirtualService): ReadonlyMap<string, ReadonlySet<string>> =>
  once(view, [subsetsByHost, object], () => {
    const byHost = new Map<string, Set<string>>()
    for (const { host, namespace, subset } of routingOf(object).routes.flatMap(({ targets }) => targets)) {
      if (subset === undefined) continue
      const expanded = expandHost(host, namespace, view.mesh.clusterDomain)
      const known = byHost.get(expanded)
      if (known === undefined) byHost.set(expanded, new Set([subset]))
      else known.add(subset)
    }
    return byHost
  })

/** The labels that select the subsets which some VirtualService routes to. */
function routedLabels(view: ClusterView, host: string): readonly Labels[] {
  return once(view, [routedLabels, host], () => {
    const names = new Set(
      view
        .find(virtualServicesByDestination, host)
        .flatMap(object => [...(subsetsByHost(view, object).get(host) ?? [])]),
    )
    if (names.size === 0) return []
    const subsets = rulesCovering(view, host)
      .flat()
      .flatMap(rule => rule.subsets)
    const byText = new Map(
      subsets
        .filter(({ name }) => names.has(name))
        .map(({ name, labels }) => [JSON.stringify([name, labels]), labels]),
    )
    return [...byText.keys()].toSorted().map(key => byText.get(key)!)
  })
}
