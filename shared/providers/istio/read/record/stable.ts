import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { stableAnnotation } from './record.ts'
import { idOf, type RoutedService } from '../routed-service.ts'

/**
 * The stable version that is written down for a service, if one is. A value without a service's name holds
 * for whatever the VirtualService routes to.
 */
export function stableOf(virtualService: VirtualService, service: RoutedService): string | undefined {
  const entries = stableEntries(virtualService)
  return entries.get(keyIn(virtualService, service)) ?? entries.get(idOf(service)) ?? entries.get('')
}

/**
 * The entries of the annotation: the version by the service that it is of, by the empty key where it names
 * none.
 */
export function stableEntries({ metadata }: VirtualService): ReadonlyMap<string, string> {
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

/** How an entry names a service: by its name alone in its own namespace. */
export const keyIn = (virtualService: VirtualService, service: RoutedService): string =>
  service.namespace === namespaceOf(virtualService) ? service.name : idOf(service)
