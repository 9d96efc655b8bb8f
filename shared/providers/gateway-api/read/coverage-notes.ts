import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import type { Note } from '../../../routing/note.ts'
import type { EntryPoint } from '../../../routing/traffic.ts'
import type { RouteReading } from './reading.ts'
import { isService, parentOf, type ReferencedParent } from '../resolve/references.ts'
import { parentsOf } from '../resolve/routes.ts'

/** The routes of a service that take no requests, and why. */
export function coverageNotes(
  { service, complete }: RouteReading,
  points: readonly EntryPoint[],
): readonly Note[] {
  return points.flatMap(({ idle, ref }): readonly Note[] =>
    idle === undefined || !complete || service.host !== undefined
      ? []
      : [{ kind: 'idle', object: ref, reason: idle.reason, rule: idle.rule }],
  )
}

/**
 * Routes of other namespaces than the Services that they name as parents: they are for callers of their own namespace,
 * and all others follow the routes of the Service's own namespace (https://gateway-api.sigs.k8s.io/geps/gep-1294/).
 */
export function consumerNotes(routes: readonly ServiceRoute[]): readonly Note[] {
  const attached = routes.flatMap(route =>
    parentsOf(route)
      .map(parent => parentOf(route, parent))
      .filter(isService)
      .map(parent => ({ route, parent, isOwn: parent.namespace === namespaceOf(route) })),
  )
  const covered = new Set(attached.filter(({ isOwn }) => isOwn).map(({ parent }) => nameOf(parent)))
  return attached
    .filter(({ parent, isOwn }) => !isOwn && !covered.has(nameOf(parent)))
    .map(({ route, parent: { namespace, name } }) => ({
      kind: 'consumer-route',
      object: refOf(route),
      parent: { kind: 'Service', namespace, name },
    }))
}

/** Whether a route is for callers of its own namespace alone: each of its parents is a Service of another. */
export function isForConsumers(route: ServiceRoute): boolean {
  const parents = parentsOf(route).map(parent => parentOf(route, parent))
  const isOfOther = (parent: ReferencedParent): boolean =>
    isService(parent) && parent.namespace !== namespaceOf(route)
  return parents.length > 0 && parents.every(isOfOther)
}

const nameOf = ({ namespace, name }: ReferencedParent): string => `${namespace}/${name}`
