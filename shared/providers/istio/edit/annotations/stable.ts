import { expandHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { stableOf } from '../../../../routing/record/stable.ts'
import { withStable } from '../../../../routing/record/write-record.ts'
import { destinationsOf } from '../../resolve/indexes/routing.ts'
import { recordOf } from '../../read/record/record.ts'
import { idOf, servedHosts, type RoutedService } from '../../read/routed-service.ts'

/** Writes a service's stable version down, or takes it away, beside those of other services. */
export const withStableOf = (
  virtualService: VirtualService,
  service: RoutedService,
  stable: string | undefined,
): VirtualService =>
  withStable(virtualService, service, { stable, isAlone: routesOneService(virtualService, service) })

function routesOneService(virtualService: VirtualService, service: RoutedService): boolean {
  const own = servedHosts(service)
  const hosts = destinationsOf(virtualService).map(({ host }) =>
    expandHost(host, namespaceOf(virtualService), service.clusterDomain),
  )
  return new Set(hosts.map(host => (own.includes(host) ? own[0]! : host))).size <= 1
}

/** Whether a split was set: the stable version is written down, and not for the sake of a cohort or mirror. */
export const isDivided = (virtualService: VirtualService, service: RoutedService): boolean =>
  stableOf(virtualService, service) !== undefined
  && recordOf(virtualService).restore?.stable?.includes(idOf(service)) !== true
