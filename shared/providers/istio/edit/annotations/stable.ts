import { expandHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { destinationsOf } from '../../resolve/indexes/routing.ts'
import { idOf, servedHosts, type RoutedService } from '../../read/routed-service.ts'
import { keyIn, stableEntries } from '../../read/record/stable.ts'
import { withAnnotation } from './record.ts'
import { stableAnnotation } from '../../read/record/record.ts'

/** Writes a service's stable version down, or takes it away, beside those of other services. */
export function withStable(
  virtualService: VirtualService,
  service: RoutedService,
  stable: string | undefined,
): VirtualService {
  const entries = new Map(stableEntries(virtualService))
  if (stable === undefined) entries.delete('')
  for (const key of [keyIn(virtualService, service), idOf(service)]) entries.delete(key)
  const isAlone = routesOneService(virtualService, service) && entries.size === 0
  if (stable !== undefined)
    entries.set(isAlone || entries.has('') ? '' : keyIn(virtualService, service), stable)
  const text = [...entries].map(([key, value]) => (key === '' ? value : `${key}=${value}`)).join(',')
  return withAnnotation(virtualService, { key: stableAnnotation, value: text === '' ? undefined : text })
}

function routesOneService(virtualService: VirtualService, service: RoutedService): boolean {
  const own = servedHosts(service)
  const hosts = destinationsOf(virtualService).map(({ host }) =>
    expandHost(host, namespaceOf(virtualService), service.clusterDomain),
  )
  return new Set(hosts.map(host => (own.includes(host) ? own[0]! : host))).size <= 1
}
