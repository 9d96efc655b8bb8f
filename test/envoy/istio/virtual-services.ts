import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { gatewayName } from './http-routes.ts'

/**
 * The VirtualServices that proxies of a namespace see of one gateway (`mesh`, or `namespace/name`), first come first:
 * `VirtualServicesForGateway` in pilot/pkg/model/push_context.go, which puts those for their own namespace before those for all.
 */
export function virtualServicesFor(
  objects: readonly KubeObject[],
  gateway: string,
  namespace: string,
): readonly VirtualService[] {
  const bound = byAge(objects.filter(isVirtualService)).filter(({ spec, ...object }) =>
    (spec.gateways ?? ['mesh']).some(name => gatewayName(name, namespaceOf(object)) === gateway),
  )
  const seenAs = (scope: Scope) => bound.filter(object => scopeOf(object, namespace) === scope)
  return [...seenAs('own'), ...seenAs('exported'), ...seenAs('public')]
}

/** Oldest first; of one age by name, then namespace (`sortConfigByCreationTime`). */
export const byAge = <Kind extends KubeObject>(objects: readonly Kind[]): readonly Kind[] =>
  objects.toSorted((one, other) => compare(ageOf(one), ageOf(other)))

type Scope = 'own' | 'exported' | 'public' | 'unseen'

function scopeOf({ spec, ...object }: VirtualService, namespace: string): Scope {
  const exportTo = spec.exportTo ?? []
  const own = namespaceOf(object)
  if (exportTo.length === 0 || exportTo.includes('*')) return 'public'
  if (own === namespace && (exportTo.includes('.') || exportTo.includes(own))) return 'own'
  return exportTo.includes(namespace) ? 'exported' : 'unseen'
}

const isVirtualService = (object: KubeObject): object is VirtualService => object.kind === 'VirtualService'

const ageOf = (object: KubeObject): readonly string[] => {
  const { creationTimestamp = '', name } = object.metadata
  return [creationTimestamp, name, namespaceOf(object)]
}

function compare(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((text, at) => text !== other[at])
  if (index < 0) return 0
  return one[index]! < other[index]! ? -1 : 1
}
