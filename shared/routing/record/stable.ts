import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { idOf, type RoutedService } from '../service.ts'
import { stableAnnotation } from './record.ts'

/**
 * The stable version that is written down for a service, if one is. A value without a service's name holds
 * for whatever the object routes to.
 */
export function stableOf(object: KubeObject, service: RoutedService): string | undefined {
  const entries = stableEntries(object)
  return entries.get(keyIn(object, service)) ?? entries.get(idOf(service)) ?? entries.get('')
}

/**
 * The entries of the annotation: the version by the service that it is of, by the empty key where it names
 * none.
 */
export function stableEntries({ metadata }: KubeObject): ReadonlyMap<string, string> {
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
export const keyIn = (object: KubeObject, service: RoutedService): string =>
  service.namespace === namespaceOf(object) ? service.name : idOf(service)

/** A version as a label or subset is named, and the short or full name of a Service, or a host, before it. */
const stablePart = /^(?:([a-z0-9][a-z0-9.-]*)=)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/

/**
 * Whether the annotation of the stable version, where there is one, has the form that is written: one version
 * for all services, one for each, or both.
 */
export function isStableReadable({ metadata }: KubeObject): boolean {
  const text: unknown = metadata.annotations?.[stableAnnotation]
  if (text === undefined) return true
  if (typeof text !== 'string') return false
  const parts = text.split(',').map(part => stablePart.exec(part.trim()))
  const services = parts.map(part => part?.[1] ?? '')
  return parts.every(part => part !== null) && new Set(services).size === services.length
}
