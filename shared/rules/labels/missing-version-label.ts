import { expandHost } from '../../objects/hosts.ts'
import { isKind, refOf, workloadKinds } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject, type Labels, type Ref } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { servicesBySelector } from '../../providers/istio/resolve/indexes/providers.ts'
import { virtualServicesByDestination } from '../../providers/istio/resolve/indexes/routing.ts'
import { hostOfService, providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { rulesCovering } from '../../providers/istio/resolve/destination-rules.ts'
import { backingLabels, isDerivable, mayMatch, ownKeysOf } from '../../providers/istio/resolve/endpoints.ts'
import { once } from '../../view/session.ts'
import { labelCommand, patchCommand } from '../../objects/kubectl-commands.ts'
import type { AnyRule, Path, Rule, Setting, Violation } from '../rule.ts'

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
  reads: ['Service', 'DestinationRule', 'VirtualService', 'Deployment', 'ReplicaSet'],
  needs: ['Service', 'DestinationRule', 'VirtualService'],
  check: (view, object) => violations(view, object),
})

/** The one rule, for each kind of workload. */
export const missingVersionLabel: readonly AnyRule[] = kinds.map(kind => ruleFor(kind) as AnyRule)

function* violations(view: ClusterView, object: KubeObject): Iterable<Violation> {
  const labels = isDerivable(view, object) ? undefined : backingLabels(view, object)
  if (labels === undefined) return
  const namespace = namespaceOf(object)
  const selecting = Object.entries(labels).flatMap(([key, value]) =>
    view.find(servicesBySelector, `${namespace}/${key}=${value}`),
  )
  for (const service of new Set(selecting)) {
    if (!mayMatch(providerOfService(service).selector ?? {}, labels)) continue
    const host = hostOfService(service, view.mesh.clusterDomain)
    const wanted = routedLabels(view, host)
    const keys = [...new Set(wanted.flatMap(ownKeysOf))]
    if (keys.length === 0 || keys.some(key => labels[key] !== undefined)) continue
    const path = isKind('Pod', object) ? ['metadata', 'labels'] : pathOfLabels
    const value = likelyValue(
      object,
      wanted.flatMap(selector => selector[keys[0]!] ?? []),
    )
    const sets: Setting = { ref: refOf(object), path: [...path, keys[0]!], value }
    yield {
      path,
      message: `is behind ${host}, whose subsets select ${keys.join(', ')}, but does not have ${keys.length === 1 ? 'this label' : 'any of these labels'}: it is in no subset`,
      about: host,
      fix: fixFor(sets.ref, keys[0]!, value),
      sets,
      restsOn: [
        refOf(service),
        { kind: 'DestinationRule', namespace },
        { kind: 'VirtualService', namespace },
      ],
    }
  }
}

/** `catalog-v2` is version v2, if there is such a subset; a name that says nothing leaves the first. */
const likelyValue = ({ metadata }: KubeObject, values: readonly string[]): string =>
  values.find(value => metadata.name === value || metadata.name.endsWith(`-${value}`)) ?? values[0]!

const pathOfLabels: Path = ['spec', 'template', 'metadata', 'labels']

const fixFor = (ref: Ref, key: string, value: string): string =>
  ref.kind === 'Pod'
    ? labelCommand(ref, key, value)
    : patchCommand(ref, 'merge', { spec: { template: { metadata: { labels: { [key]: value } } } } })

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
