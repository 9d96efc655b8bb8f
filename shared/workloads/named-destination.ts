import { serviceOfHost } from '../objects/hosts.ts'
import type { DecidedDestination } from '../routing/request/decision.ts'
import type { NamedDestination } from '../routing/request/request-routing.ts'
import { readyOf, type Completeness, type RoutedService } from '../routing/service.ts'
import { anyOf } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { hostOfService, versionOfHost, type HostedVersion } from './service-versions.ts'

/** How a routing API whose versions are Services reads one. */
type ReadVersions = (
  view: ClusterView,
  said: RoutedService,
  completeness: Completeness,
) => { readonly service: RoutedService; readonly versions: readonly HostedVersion[] }

/** The service and the version that a destination leads to, where versions are Services. */
export const namedBy =
  (read: ReadVersions) =>
  (
    view: ClusterView,
    { host }: Pick<DecidedDestination, 'host'>,
    completeness: Completeness,
  ): NamedDestination => {
    const { clusterDomain } = view.mesh
    const said = serviceOfHost(host, clusterDomain)
    if (said === undefined) return { service: host, namespace: '', version: undefined }
    const { service, versions } = read(view, { ...said, clusterDomain }, completeness)
    const found = versionOfHost(versions, host)
    const those = found === undefined ? versions : [found]
    const isCounted = completeness.complete && those.some(({ workloads }) => workloads.length > 0)
    const any = host === hostOfService(service) && versions.length > 0 ? anyOf(versions) : undefined
    return {
      service: service.name,
      namespace: service.namespace,
      version: found?.name ?? any,
      ...(isCounted && { ready: those.reduce((sum, each) => sum + readyOf(each), 0) }),
    }
  }
