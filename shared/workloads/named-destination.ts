import { serviceOfHost } from '../objects/hosts.ts'
import type { DecidedDestination } from '../routing/request/decision.ts'
import type { NamedDestination } from '../routing/request/request-routing.ts'
import { readyOf, type Completeness, type RoutedService } from '../routing/service.ts'
import { anyOf } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { hostOfService, versionOfHost, type HostedVersion } from './service-versions.ts'

/** A service whose versions are Services. */
interface ReadVersions {
  readonly service: RoutedService
  readonly versions: readonly HostedVersion[]
}

type SaidDestination = Pick<DecidedDestination, 'host' | 'subset'>

/**
 * The service and the version that a destination leads to, where versions are Services. `versionAt` tells its name where a
 * subset may be a version, too.
 */
export const namedBy =
  <T extends ReadVersions>(
    read: (view: ClusterView, said: RoutedService, completeness: Completeness) => T,
    versionAt?: (reading: T, destination: SaidDestination) => string | undefined,
  ) =>
  (view: ClusterView, destination: SaidDestination, completeness: Completeness): NamedDestination => {
    const { clusterDomain } = view.mesh
    const { host } = destination
    const said = serviceOfHost(host, clusterDomain)
    if (said === undefined) return { service: host, namespace: '', version: undefined }
    const reading = read(view, { ...said, clusterDomain }, completeness)
    const { service, versions } = reading
    const name = versionAt?.(reading, destination)
    const found = versions.find(version => version.name === name) ?? versionOfHost(versions, host)
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
