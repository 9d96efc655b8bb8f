import { serviceOfHost } from '../../../../objects/hosts.ts'
import { labelsOf } from '../../../../objects/unchecked.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { mayMatch } from '../../../../workloads/backings.ts'
import { destinationRulesByHost } from '../../resolve/indexes/routing.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import type { IstioVersion } from '../istio-version.ts'
import { hostOf, listOf, servedHosts, type RoutedService } from '../routed-service.ts'
import { isTo, routesTo } from '../routes/carriers.ts'
import { targetIn, type VersionTarget } from '../version-target.ts'
import { workloadsBehind } from '../workloads.ts'
import {
  includes,
  serviceOf,
  versionLabelOf,
  versionsBehind,
} from '../../../../workloads/version-services.ts'

/** All that routes and mirrors of a service lead to. */
export const targetsNamed = (view: ClusterView, service: RoutedService): readonly VersionTarget[] =>
  routesTo(view, service).flatMap(object =>
    routingOf(object)
      .routes.flatMap(({ targets }) => targets)
      .filter(isTo(service))
      .map(targetIn(object, service)),
  )

/**
 * The Services that are versions of a service: each whole, or where routes name subsets of one, these. Its own host
 * is one where a route leads to it as a whole, and where its pods are those of no other one.
 */
export function versionServicesOf(view: ClusterView, service: RoutedService): readonly IstioVersion[] {
  const targets = targetsNamed(view, service)
  const isWhole = (host: string | undefined): boolean =>
    targets.some(target => target.host === host && target.subset === undefined)
  const isDivided = (host: string | undefined): boolean =>
    targets.some(target => target.host === host && target.subset !== undefined)
  const others = servedHosts(service).filter(host => host !== hostOf(service))
  const isVersion = isWhole(undefined) || hasOwnPods(view, service, others)
  const ownAsWhole = isVersion && !isDivided(undefined) ? [wholeVersion(view, service, undefined)] : []
  return [
    ...ownAsWhole,
    ...others.flatMap(host => [
      ...(isWhole(host) || !isDivided(host) ? [wholeVersion(view, service, host)] : []),
      ...[...new Set(targets.flatMap(target => (target.host === host ? (target.subset ?? []) : [])))].map(
        subset => subsetVersion(view, service, { host, subset }),
      ),
    ]),
  ]
}

/** Whether the service's own host has pods, of one version as far as they say, that are behind none of its others. */
function hasOwnPods(view: ClusterView, service: RoutedService, versions: readonly string[]): boolean {
  const own = serviceOf(view, hostOf(service))
  const pods = own === undefined ? [] : versionsBehind(view, own)
  return (
    pods.length > 0
    && new Set(pods).size === 1
    && !versions.some(host => includes(view, hostOf(service), host))
  )
}

function wholeVersion(
  view: ClusterView,
  service: RoutedService,
  host: string | undefined,
): IstioVersion & Pick<Required<IstioVersion>, 'service'> {
  const full = host ?? hostOf(service)
  const own = serviceOfHost(full, service.clusterDomain)!
  const found = serviceOf(view, full)
  return {
    name: (found && versionLabelOf(view, found)) ?? own.name,
    service: own,
    ...(host !== undefined && { host }),
    workloads: workloadsBehind(view, { ...own, clusterDomain: service.clusterDomain }),
    unseenBy: [],
  }
}

/** A subset of a Service that is a version: it is named by its label, else by both. */
function subsetVersion(
  view: ClusterView,
  service: RoutedService,
  { host, subset }: { readonly host: string; readonly subset: string },
): IstioVersion {
  const whole = wholeVersion(view, service, host)
  const defined = view
    .find(destinationRulesByHost, host)
    .flatMap(({ spec }) => listOf(spec.subsets))
    .find(({ name }) => name === subset)
  const labels = labelsOf(defined?.labels)
  return {
    ...whole,
    name: labels['version'] ?? `${whole.service.name}-${subset}`,
    subset: { name: subset, labels },
    workloads: whole.workloads.filter(workload => mayMatch(labels, workload.labels)),
  }
}

/**
 * The same versions, each with a name of its own: where labels say the same of several, they are called by their
 * Services and subsets.
 */
export function distinctlyNamed(versions: readonly IstioVersion[]): readonly IstioVersion[] {
  const names = ({ name, service, subset }: IstioVersion): readonly string[] => [
    name,
    service?.name ?? subset?.name ?? name,
    service === undefined ? name : `${service.name}.${service.namespace}`,
  ]
  const isClear = (version: IstioVersion, i: number): boolean =>
    versions.every(
      other =>
        other === version
        || !names(other)
          .slice(0, i + 1)
          .includes(names(version)[i]!),
    )
  return versions.map(version => {
    const i = [0, 1].find(place => isClear(version, place)) ?? 2
    const name = names(version)[i]!
    return name === version.name ? version : { ...version, name }
  })
}
