import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import type { Note } from '../../../routing/note.ts'
import type { EntryPoint } from '../../../routing/traffic.ts'
import { confirmationOf } from './confirmation.ts'
import type { RouteReading } from './reading.ts'
import { isService, parentOf, type ReferencedParent } from '../resolve/references.ts'
import { parentsOf } from '../resolve/routes.ts'

/** The routes of a service that take no requests, and why; and those that their controllers do not carry out. */
export function coverageNotes(reading: RouteReading, points: readonly EntryPoint[]): readonly Note[] {
  const { service, complete } = reading
  const routes = new Set(reading.rules.map(({ route }) => route))
  const idle = points.flatMap(({ idle, ref }): readonly Note[] =>
    idle === undefined || !complete || service.host !== undefined
      ? []
      : [{ kind: 'idle', object: ref, reason: idle.reason, rule: idle.rule }],
  )
  return complete ? [...idle, ...[...routes].flatMap(refusedNotes)] : idle
}

/** Reasons that rules find by themselves, each with its fix. */
const explained =
  /=False: (BackendNotFound|RefNotPermitted|InvalidKind|NoMatchingParent|NotAllowedByListeners|NoMatchingListenerHostname)\b/

/** What of a route its controller refuses, as filters and values that it does not support. */
function refusedNotes(route: ServiceRoute): readonly Note[] {
  const said = confirmationOf(route)
  return said.state !== 'refused' || explained.test(said.reason)
    ? []
    : [{ kind: 'route-refused', object: refOf(route), by: said.by, reason: said.reason }]
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
