import type { BackendRef, ParentRef, RouteRefTo } from '../../../objects/gateway-api.ts'
import { namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import { numberOf, textOf } from '../../../objects/unchecked.ts'

/** The group of the Gateway API's own kinds. */
export const gatewayGroup = 'gateway.networking.k8s.io'

/** What a reference names, its defaults filled in. */
export interface Referenced {
  /** Empty for the core group, which some write as `core`. */
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A Gateway or Service that a route attaches to, as a whole or one listener or port of it. */
export interface ReferencedParent extends Referenced {
  readonly sectionName?: string
  readonly port?: number
}

/** A backend, and the port that it is asked on. */
export interface ReferencedBackend extends Referenced {
  readonly port?: number
}

/** What a parent reference of an object names: a Gateway where it says nothing else. */
export function parentOf(object: KubeObject, reference: ParentRef): ReferencedParent {
  const [sectionName, port] = [textOf(reference.sectionName), numberOf(reference.port)]
  return {
    ...referenced(object, reference, { group: gatewayGroup, kind: 'Gateway' }),
    ...(sectionName !== undefined && { sectionName }),
    ...(port !== undefined && { port }),
  }
}

/** What a backend reference of an object names: a Service where it says nothing else. */
export function backendOf(object: KubeObject, reference: BackendRef): ReferencedBackend {
  const port = numberOf(reference.port)
  return {
    ...referenced(object, reference, { group: '', kind: 'Service' }),
    ...(port !== undefined && { port }),
  }
}

/** Whether a reference names a Service of Kubernetes. */
export const isService = ({ group, kind }: Referenced): boolean => group === '' && kind === 'Service'

/** Whether a reference names a Gateway of the Gateway API. */
export const isGateway = ({ group, kind }: Referenced): boolean =>
  group === gatewayGroup && kind === 'Gateway'

function referenced(
  object: KubeObject,
  { group, kind, name, namespace }: RouteRefTo,
  defaults: Pick<Referenced, 'group' | 'kind'>,
): Referenced {
  const said = typeof group === 'string' ? group : defaults.group
  return {
    group: said === 'core' ? '' : said,
    kind: textOf(kind) ?? defaults.kind,
    namespace: textOf(namespace) ?? namespaceOf(object),
    name: textOf(name) ?? '',
  }
}

/**
 * The group that a parent of one of these kinds belongs to, where it says the other one: `group: ""` is easily left out
 * of a reference to a Service.
 */
export function groupMeant({ group, kind }: Referenced): string | undefined {
  if (kind === 'Service' && group === gatewayGroup) return ''
  return kind === 'Gateway' && group === '' ? gatewayGroup : undefined
}

/**
 * Whether a parent is of a kind that is not read, and may take routes: a ListenerSet, or one of an implementation. A Gateway or
 * Service of another group takes none.
 */
export const isUnknownKind = ({ kind }: Referenced): boolean => kind !== 'Gateway' && kind !== 'Service'

/** `Service.gateway.networking.k8s.io`, as kubectl names a kind of a group. */
export const formatGroupKind = ({ group, kind }: Referenced): string =>
  group === '' ? kind : `${kind}.${group}`

/** `shop/public`; of another kind than a Gateway, with the kind: `ListenerSet shop/team`. */
export const formatGateway = (parent: ReferencedParent): string =>
  `${isGateway(parent) ? '' : `${parent.kind} `}${parent.namespace}/${parent.name}`

/** `Gateway shop/public`, with the listener or port that is meant: `Service shop/catalog port 80`. */
export const formatParent = ({ kind, namespace, name, sectionName, port }: ReferencedParent): string =>
  [
    `${kind} ${namespace}/${name}`,
    ...(sectionName === undefined ? [] : [`section ${sectionName}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ].join(' ')
