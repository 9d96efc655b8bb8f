import { expandHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import { destinationsOf } from '../resolve/indexes/routing.ts'
import { idOf, type RoutedService } from '../read/routed-service.ts'
import { withAnnotation } from './record.ts'
import { stableAnnotation } from '../read/record.ts'

/** The stable version that is written down for a service, if one is. A value without a service's name holds for whatever the VirtualService routes to. */
export function stableOf(virtualService: VirtualService, service: RoutedService): string | undefined {
  const entries = entriesOf(virtualService)
  return entries.get(keyIn(virtualService, service)) ?? entries.get(idOf(service)) ?? entries.get('')
}

/** Writes a service's stable version down, or takes it away, beside those of other services. */
export function withStable(
  virtualService: VirtualService,
  service: RoutedService,
  stable: string | undefined,
): VirtualService {
  const entries = new Map(entriesOf(virtualService))
  if (stable === undefined) entries.delete('')
  for (const key of [keyIn(virtualService, service), idOf(service)]) entries.delete(key)
  const isAlone = routesOneService(virtualService, service) && entries.size === 0
  if (stable !== undefined)
    entries.set(isAlone || entries.has('') ? '' : keyIn(virtualService, service), stable)
  const text = [...entries].map(([key, value]) => (key === '' ? value : `${key}=${value}`)).join(',')
  return withAnnotation(virtualService, { key: stableAnnotation, value: text === '' ? undefined : text })
}

function entriesOf({ metadata }: VirtualService): ReadonlyMap<string, string> {
  const text = metadata.annotations?.[stableAnnotation] ?? ''
  return new Map(
    text
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '')
      .map(part => {
        const equals = part.indexOf('=')
        return equals < 0 ? ['', part] : [part.slice(0, equals), part.slice(equals + 1)]
      }),
  )
}

const keyIn = (virtualService: VirtualService, service: RoutedService): string =>
  service.namespace === namespaceOf(virtualService) ? service.name : idOf(service)

const routesOneService = (virtualService: VirtualService, { clusterDomain }: RoutedService): boolean =>
  new Set(
    destinationsOf(virtualService).map(({ host }) =>
      expandHost(host, namespaceOf(virtualService), clusterDomain),
    ),
  ).size <= 1
