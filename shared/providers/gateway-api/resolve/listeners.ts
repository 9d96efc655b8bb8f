import { namespaceOf } from '../../../objects/kube-object.ts'
import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  numberOf,
  textOf,
} from '../../../objects/unchecked.ts'
import { matchesSelector } from '../../../objects/labels.ts'
import type { Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { gatewayGroup } from './references.ts'

/** A listener of a Gateway, read. */
export interface ReadListener {
  /** Its place in `spec.listeners`. */
  readonly index: number
  readonly name: string
  readonly port: number | undefined
  /** `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`, or a controller's own. */
  readonly protocol: string
  /** In lower case; `*` for every host. */
  readonly hostname: string
  /** As it is written: which routes may attach. */
  readonly allowed: Readonly<Record<string, unknown>>
}

/** The listeners of a Gateway in their order. */
export const listenersOf: (gateway: RouteGateway) => readonly ReadListener[] = derivedOnce(gateway =>
  itemsOf(fieldsOf(gateway.spec)['listeners'])
    .map(fieldsOf)
    .map((listener, index) => ({
      index,
      name: textOf(listener['name']) ?? '',
      port: numberOf(listener['port']),
      protocol: textOf(listener['protocol']) ?? '',
      hostname: textOf(listener['hostname'])?.toLowerCase() ?? '*',
      allowed: fieldsOf(listener['allowedRoutes']),
    })),
)

/** Whether requests to a listener are read: only such have HTTPRoutes and GRPCRoutes. */
export const readsRequests = ({ protocol }: ReadListener): boolean =>
  protocol === 'HTTP' || protocol === 'HTTPS'

/** Whether a listener ends TLS, or passes it on. */
export const isEncrypted = ({ protocol }: ReadListener): boolean => protocol === 'HTTPS' || protocol === 'TLS'

/** Whether a listener lets routes of this kind and namespace attach; one that says nothing those of its Gateway's. */
export function allows(
  view: ClusterView,
  { gateway, listener, complete }: Allowing,
  route: ServiceRoute,
): boolean {
  if (!readsRequests(listener)) return false
  const { kinds, namespaces } = listener.allowed
  const named = itemsOf(kinds).filter(isFields)
  const isKind = named.some(
    ({ group, kind }) => (group ?? gatewayGroup) === gatewayGroup && kind === route.kind,
  )
  return (
    (named.length === 0 || isKind)
    && allowsNamespace(view, { gateway, complete, said: fieldsOf(namespaces) }, route)
  )
}

/** A listener that is asked. */
export interface Allowing extends Completeness {
  readonly gateway: RouteGateway
  readonly listener: ReadListener
}

interface AllowedNamespaces extends Completeness {
  readonly gateway: RouteGateway
  readonly said: Readonly<Record<string, unknown>>
}

function allowsNamespace(
  view: ClusterView,
  { gateway, said, complete }: AllowedNamespaces,
  route: ServiceRoute,
): boolean {
  const name = namespaceOf(route)
  switch (said['from'] ?? 'Same') {
    case 'All':
      return true
    case 'Same':
      return name === namespaceOf(gateway)
    case 'Selector': {
      const namespace = view.get({ kind: 'Namespace', namespace: '', name })
      // Its labels are not known: nobody can say that the selector leaves it out.
      if (namespace === undefined && (!complete || view.unread.has('Namespace'))) return true
      const labels = { ...labelsOf(namespace?.metadata.labels), 'kubernetes.io/metadata.name': name }
      return matchesSelector(said['selector'], labels)
    }
    default:
      return false
  }
}
