import { CanaryError } from '../../objects/canary-error.ts'
import type { DestinationRule, Subset } from '../../objects/destination-rule.ts'
import { matches } from '../../objects/labels.ts'
import { hostOf, listOf, type RoutedService } from '../../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { coveringHosts, destinationRulesByHost } from '../../providers/istio/resolve/indexes/routing.ts'
import { compareNaturally } from './natural-order.ts'
import { suggest } from './suggest.ts'
import { workloadsBehind, type ServiceWorkload } from './workloads.ts'

/** One version of a Service: what people call it, the subset that stands for it if there is one, and what runs of it. */
export interface ServiceVersion {
  readonly name: string
  readonly subset?: Subset
  readonly workloads: readonly ServiceWorkload[]
}

/** The DestinationRules that define the Service's subsets, the oldest first: those for its very host in its own namespace, else elsewhere, else the closest wildcard's. */
export function destinationRulesFor(view: ClusterView, service: RoutedService): readonly DestinationRule[] {
  for (const host of coveringHosts(hostOf(service))) {
    const rules = view
      .find(destinationRulesByHost, host)
      .filter(({ spec }) => spec.workloadSelector === undefined)
    const own = rules.filter(({ metadata }) => metadata.namespace === service.namespace)
    if (rules.length > 0) return (own.length > 0 ? own : rules).toSorted(byAge)
  }
  return []
}

const byAge = (a: DestinationRule, b: DestinationRule): number =>
  compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '')
  || compare(a.metadata.name, b.metadata.name)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Every subset of the Service; of two of one name the first definition counts, as in Istio. */
export function subsetsOf(view: ClusterView, service: RoutedService): readonly Subset[] {
  const all = destinationRulesFor(view, service)
    .flatMap(({ spec }) => listOf(spec.subsets))
    .filter(subset => typeof subset?.name === 'string')
  return all.filter((subset, i) => all.findIndex(({ name }) => name === subset.name) === i)
}

/** The versions of a Service, by name: its subsets, and the version labels of workloads for which there is no subset yet. */
export function versionsOf(view: ClusterView, service: RoutedService): readonly ServiceVersion[] {
  const workloads = workloadsBehind(view, service)
  const subsets = subsetsOf(view, service)
  const defined = subsets.map(subset => ({
    name: nameOf(subset, subsets),
    subset,
    workloads: workloads.filter(({ labels }) => matches(subset.labels ?? {}, labels)),
  }))
  const covered = new Set(subsets.map(({ labels }) => labels?.['version']))
  // Files may say `version: 2` without quotes, which no API server takes: not a version.
  const labels = [...new Set(workloads.map(({ labels }) => labels['version']))].filter(
    label => typeof label === 'string' && !covered.has(label),
  ) as readonly string[]
  const bare = labels.map(name => ({
    name,
    workloads: workloads.filter(({ labels }) => labels['version'] === name),
  }))
  return [...defined, ...bare].toSorted((a, b) => compareNaturally(a.name, b.name))
}

/** A subset is called by its version label where that says which one is meant, else by its own name. */
function nameOf(subset: Subset, subsets: readonly Subset[]): string {
  const label = subset.labels?.['version']
  const isClear =
    typeof label === 'string'
    && subsets.every(
      other => other === subset || (other.name !== label && other.labels?.['version'] !== label),
    )
  return isClear ? label : subset.name
}

/** What a person means by a version: the subset of that name, else the one whose labels say so, else the workloads' label. */
export function findVersion(versions: readonly ServiceVersion[], said: string): readonly ServiceVersion[] {
  const byName = versions.filter(({ subset }) => subset?.name === said)
  if (byName.length > 0) return byName
  const byLabel = versions.filter(({ subset }) => subset?.labels?.['version'] === said)
  return byLabel.length > 0 ? byLabel : versions.filter(({ name }) => name === said)
}

/** The one version that is meant. Throws a CanaryError `not-found` or `ambiguous` that lists what there is. */
export function resolveVersion(
  versions: readonly ServiceVersion[],
  said: string,
  service: RoutedService,
): ServiceVersion {
  const found = findVersion(versions, said)
  if (found.length === 1) return found[0]!
  const where = `${service.name} in namespace ${service.namespace}`
  if (found.length > 1) {
    throw new CanaryError(
      'ambiguous',
      `version ${said} of ${where} fits several subsets: ${found.map(({ subset }) => subset?.name).join(', ')}`,
      { hints: ['Name the subset instead of the version.'] },
    )
  }
  const names = versions.map(({ name }) => name)
  const hints =
    names.length === 0
      ? [
          `${service.name} has no subset, and no workload behind it carries a label "version". Label the pods first: kubectl patch deployment ${service.name} -n ${service.namespace} -p '{"spec":{"template":{"metadata":{"labels":{"version":"${said}"}}}}}'`,
        ]
      : [
          `It has ${names.join(', ')}.${suggest(said, names)}`,
          `To add ${said}, deploy workloads whose pods are labelled version: ${said} behind the Service.`,
        ]
  throw new CanaryError('not-found', `no version ${said} of ${where}`, { hints })
}

/** Ready pods of a version, over all its workloads. */
export const readyOf = ({ workloads }: ServiceVersion): number =>
  workloads.reduce((sum, { ready }) => sum + ready, 0)
/** Pods that a version asks for, over all its workloads. */
export const wantedOf = ({ workloads }: ServiceVersion): number =>
  workloads.reduce((sum, { wanted }) => sum + wanted, 0)
