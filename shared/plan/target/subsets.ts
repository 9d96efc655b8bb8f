import { CanaryError } from '../../objects/canary-error.ts'
import type { DestinationRule, Subset } from '../../objects/destination-rule.ts'
import { addSubset, subsetNameFor } from '../../providers/istio/edit/subsets.ts'
import { listOf, type RoutedService } from '../../providers/istio/read/routed-service.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { refuseOwned } from './routes.ts'
import { destinationRulesFor, subsetsOf, type ServiceVersion } from './versions.ts'

export interface Subsets {
  /** The subset of each version, those that are still to be made included. */
  nameOf(version: ServiceVersion): string
  /** What makes the missing ones: at most one DestinationRule, created or extended. */
  readonly changes: readonly Change[]
}

/** Sees to it that every version has a subset. Throws a CanaryError `refused` where the DestinationRule to extend belongs to a controller. */
export function ensureSubsets(
  view: ClusterView,
  service: RoutedService,
  versions: readonly ServiceVersion[],
): Subsets {
  const missing = [...new Set(versions.filter(({ subset }) => subset === undefined))]
  const beside = subsetsOf(view, service)
  const made = new Map(
    missing.map(({ name }) => [name, { name: subsetNameFor(name, beside), labels: { version: name } }]),
  )
  return {
    nameOf: ({ name, subset }) => subset?.name ?? made.get(name)!.name,
    changes: made.size === 0 ? [] : [withSubsets(view, service, [...made.values()])],
  }
}

function withSubsets(view: ClusterView, service: RoutedService, subsets: readonly Subset[]): Change {
  const before = destinationRulesFor(view, service)[0]
  if (before === undefined) return { after: newRule(view, service, subsets) }
  refuseOwned(view, before)
  return { before, after: subsets.reduce(addSubset, before) }
}

function newRule(view: ClusterView, service: RoutedService, subsets: readonly Subset[]): DestinationRule {
  const name = [service.name, `${service.name}-subsets`].find(
    free => view.get({ kind: 'DestinationRule', namespace: service.namespace, name: free }) === undefined,
  )
  if (name === undefined)
    throw new CanaryError(
      'refused',
      `DestinationRules ${service.name} and ${service.name}-subsets in namespace ${service.namespace} are for other hosts`,
      { hints: ['Add the subsets by hand to a DestinationRule of another name.'] },
    )
  return {
    apiVersion: apiVersionIn(view),
    kind: 'DestinationRule',
    metadata: { name, namespace: service.namespace },
    spec: { host: service.name, subsets },
  }
}

/** The version of Istio's API in which the objects at hand are written; what is new is written in the same. */
export const apiVersionIn = (view: ClusterView): string =>
  [...listOf(view.list('DestinationRule')), ...listOf(view.list('VirtualService'))]
    .map(({ apiVersion }) => apiVersion)
    .toSorted(byStability)[0] ?? 'networking.istio.io/v1'

const byStability = (a: string, b: string): number => a.length - b.length
