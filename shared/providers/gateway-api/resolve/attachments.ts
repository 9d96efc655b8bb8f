import type { Service } from '../../../objects/core.ts'
import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { commonHostnames, hostnamesMeet } from './hostnames.ts'
import { allows, listenersOf, type ReadListener } from './listeners.ts'
import { isGateway, isService, isUnknownKind, parentOf, type ReferencedParent } from './references.ts'
import { hostnamesOf, parentsOf } from './routes.ts'

/** Why a route is not attached to a parent that it names. */
export type AttachmentRefusal =
  | 'no-such-gateway'
  /** No listener of the Gateway has the name and the port that the route asks for. */
  | 'no-such-listener'
  /** None of those listeners reads requests and lets routes of this kind and namespace attach. */
  | 'not-allowed'
  | 'no-matching-hostname'
  | 'no-such-service'
  | 'no-such-port'
  /** An ExternalName is nothing that requests are sent to (GEP-1294). */
  | 'unsupported-service'
  /** A Gateway or Service of a group that has none. */
  | 'unsupported-parent'

/** A listener that a route is attached to, and the hostnames that it has there; `*` is every host. */
export interface AttachedListener {
  readonly gateway: RouteGateway
  readonly listener: ReadListener
  readonly hostnames: readonly string[]
}

/** A Service that a route is attached to in the mesh. */
export interface AttachedService {
  readonly service: Service
  /** The numbers of its ports that the route is for. */
  readonly ports: readonly number[]
  /** A consumer's route is of another namespace than the Service, and for callers of its own namespace only. */
  readonly role: 'producer' | 'consumer'
  /**
   * It has no address of its own: the specification advises against such parents (GEP-1294), which Istio takes by
   * their names, and Linkerd and Kuma refuse.
   */
  readonly isHeadless: boolean
}

/** What happens to one parent reference of a route. */
export interface Attachment {
  readonly parent: ReferencedParent
  /** Its place in `spec.parentRefs`, those that are no mappings not counted. */
  readonly index: number
  /** Those of a Gateway that have the route; none where it is not attached. */
  readonly listeners: readonly AttachedListener[]
  readonly service: AttachedService | undefined
  readonly refusal: AttachmentRefusal | undefined
  /** The parent is not in view, and may be elsewhere, or is of a kind that is not read (ListenerSet). */
  readonly isAssumed: boolean
}

const [whole, partial] = [{}, {}]

/** What happens to each parent reference of a route; derived once per session. */
export const attachmentsOf = (
  view: ClusterView,
  route: ServiceRoute,
  { complete }: Completeness,
): readonly Attachment[] =>
  once(view, [complete ? whole : partial, route], () =>
    parentsOf(route)
      .map(reference => parentOf(route, reference))
      .map((parent, index) => ({
        ...unattached,
        ...attachmentTo(view, { parent, complete }, route),
        parent,
        index,
      })),
  )

const unattached = { listeners: [], service: undefined, refusal: undefined, isAssumed: false }

/** The reason of the condition `Accepted` that the specification has for a refusal. */
export const conditionReasonOf: Readonly<Record<AttachmentRefusal, string>> = {
  'no-such-gateway': 'NoMatchingParent',
  'no-such-listener': 'NoMatchingParent',
  'not-allowed': 'NotAllowedByListeners',
  'no-matching-hostname': 'NoMatchingListenerHostname',
  'no-such-service': 'NoMatchingParent',
  'no-such-port': 'NoMatchingParent',
  'unsupported-service': 'NoMatchingParent',
  'unsupported-parent': 'NoMatchingParent',
}

interface Asked extends Completeness {
  readonly parent: ReferencedParent
}

type Attaching = Partial<Omit<Attachment, 'parent' | 'index'>>

function attachmentTo(view: ClusterView, asked: Asked, route: ServiceRoute): Attaching {
  if (isGateway(asked.parent)) return atGateway(view, asked, route)
  if (isService(asked.parent)) return atService(view, asked, route)
  return isUnknownKind(asked.parent) ? { isAssumed: true } : { refusal: 'unsupported-parent' }
}

const gatewayKind = 'Gateway.gateway.networking.k8s.io'

function atGateway(view: ClusterView, { parent, complete }: Asked, route: ServiceRoute): Attaching {
  const { namespace, name, sectionName, port } = parent
  const gateway = view.get({ kind: gatewayKind, namespace, name })
  if (gateway === undefined)
    return !complete || view.unread.has(gatewayKind) ? { isAssumed: true } : { refusal: 'no-such-gateway' }
  const asked = listenersOf(gateway).filter(
    listener =>
      (sectionName === undefined || listener.name === sectionName)
      && (port === undefined || listener.port === port),
  )
  if (asked.length === 0) return { refusal: 'no-such-listener' }
  const allowing = asked.filter(listener => allows(view, { gateway, listener, complete }, route))
  if (allowing.length === 0) return { refusal: 'not-allowed' }
  const listeners = allowing
    .map(listener => ({
      gateway,
      listener,
      hostnames: commonHostnames(listener.hostname, hostnamesOf(route)),
    }))
    .filter(({ hostnames }) => hostnames.length > 0)
  return listeners.length === 0 ? { refusal: 'no-matching-hostname' } : { listeners }
}

function atService(view: ClusterView, { parent, complete }: Asked, route: ServiceRoute): Attaching {
  const { namespace, name, sectionName, port } = parent
  const service = view.get({ kind: 'Service', namespace, name })
  if (service === undefined)
    return !complete || view.unread.has('Service') ? { isAssumed: true } : { refusal: 'no-such-service' }
  const { type, ports, clusterIP } = fieldsOf(service.spec)
  if (type === 'ExternalName') return { refusal: 'unsupported-service' }
  const asked = itemsOf(ports)
    .map(fieldsOf)
    .filter(each => (textOf(each['protocol']) ?? 'TCP') === 'TCP')
    .filter(each => sectionName === undefined || each['name'] === sectionName)
    .flatMap(each => numberOf(each['port']) ?? [])
    .filter(number => port === undefined || number === port)
  if (asked.length === 0) return { refusal: 'no-such-port' }
  const role = namespaceOf(service) === namespaceOf(route) ? 'producer' : 'consumer'
  return { service: { service, ports: asked, role, isHeadless: clusterIP === 'None' } }
}

/**
 * The hostnames for which the listeners of its Gateways have a route: those that it shares with them, the narrower of
 * two each; `*` is every host. As they are written where a Gateway is not in view, or no listener has the route.
 */
export function servedHostnames(
  view: ClusterView,
  route: ServiceRoute,
  completeness: Completeness,
): readonly string[] {
  const attached = attachmentsOf(view, route, completeness).filter(({ parent }) => !isService(parent))
  const served = attached.flatMap(({ listeners }) => listeners.flatMap(({ hostnames }) => hostnames))
  const isKnown = served.length > 0 && !attached.some(({ isAssumed }) => isAssumed)
  const hostnames = isKnown ? served : hostnamesOf(route)
  const isOfAll = hostnames.includes('*') || (hostnames.length === 0 && attached.length > 0)
  return isOfAll ? ['*'] : [...new Set(hostnames)]
}

/**
 * The hostnames of a route that no listener has, with their places; the others of the route are served. None where no
 * listener has the route at all, or where a Gateway is not in view, or where it is attached in the mesh, too.
 */
export function unservedHostnames(
  view: ClusterView,
  route: ServiceRoute,
  completeness: Completeness,
): readonly { readonly hostname: string; readonly index: number }[] {
  const attached = attachmentsOf(view, route, completeness)
  if (attached.some(({ isAssumed, parent }) => isAssumed || !isGateway(parent))) return []
  const served = attached.flatMap(({ listeners }) => listeners.flatMap(({ hostnames }) => hostnames))
  return served.length === 0
    ? []
    : hostnamesOf(route)
        .map((hostname, index) => ({ hostname, index }))
        .filter(({ hostname }) => !hostnamesMeet([hostname], served))
}
