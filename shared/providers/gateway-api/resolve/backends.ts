import type { Service } from '../../../objects/core.ts'
import type { BackendRef, ReferenceGrant, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backendOf, gatewayGroup, isService, parentOf, type ReferencedBackend } from './references.ts'
import { parentsOf } from './routes.ts'

/**
 * Why a backend is no valid reference, by the reasons of the condition `ResolvedRefs`
 * (https://gateway-api.sigs.k8s.io/reference/spec/#routeconditionreason): its part of the requests gets an answer
 * of 500. `PortNotFound` is ours, for a Service without the port: the specification counts it as
 * `BackendNotFound`.
 */
export type BackendFault = 'InvalidKind' | 'RefNotPermitted' | 'BackendNotFound' | 'PortNotFound'

/** What a backend of a route leads to. */
export interface ResolvedBackend extends ReferencedBackend {
  /** Undefined where it is no Service, or is not in view. */
  readonly service: Service | undefined
  readonly fault: BackendFault | undefined
}

/** What a backend of a route leads to in a view in which what is absent does not exist. */
export function resolveBackend(
  view: ClusterView,
  route: ServiceRoute,
  reference: BackendRef,
): ResolvedBackend {
  const backend = backendOf(route, reference)
  const service = isService(backend)
    ? view.get({ kind: 'Service', namespace: backend.namespace, name: backend.name })
    : undefined
  return { ...backend, service, fault: faultOf(view, route, { ...backend, service }) }
}

function faultOf(
  view: ClusterView,
  route: ServiceRoute,
  backend: Omit<ResolvedBackend, 'fault'>,
): BackendFault | undefined {
  // Other kinds of backends are a controller's own (a ServiceImport, an InferencePool).
  if (!isService(backend)) return undefined
  if (backend.namespace !== namespaceOf(route) && !isGranted(view, route, backend)) return 'RefNotPermitted'
  return absenceOf(view, backend)
}

function absenceOf(
  view: ClusterView,
  { service, port }: Omit<ResolvedBackend, 'fault'>,
): BackendFault | undefined {
  if (service === undefined) return view.unread.has('Service') ? undefined : 'BackendNotFound'
  // Its ports say nothing, and most have none.
  if (isAlias(service)) return undefined
  return port === undefined || portsOf(service).includes(port) ? undefined : 'PortNotFound'
}

/** Whether a Service is an ExternalName, another name of a host. */
export const isAlias = ({ spec }: Service): boolean => fieldsOf(spec)['type'] === 'ExternalName'

/**
 * What a backend of a route in the mesh leads to: it needs no ReferenceGrant, as routes of the mesh expose nothing
 * that could not be reached without them (https://gateway-api.sigs.k8s.io/geps/gep-1294/).
 */
export function resolveMeshBackend(
  view: ClusterView,
  route: ServiceRoute,
  reference: BackendRef,
): ResolvedBackend {
  const resolved = resolveBackend(view, route, reference)
  return resolved.fault === 'RefNotPermitted' ? { ...resolved, fault: absenceOf(view, resolved) } : resolved
}

/** Whether a route is attached to Services alone, so that it is for the mesh and for no gateway. */
export function isForMeshAlone(route: ServiceRoute): boolean {
  const parents = parentsOf(route).map(parent => parentOf(route, parent))
  return parents.length > 0 && parents.every(isService)
}

/** The numbers of a Service's ports. */
export const portsOf = ({ spec }: Service): readonly number[] =>
  itemsOf(fieldsOf(spec)['ports']).flatMap(item => numberOf(fieldsOf(item)['port']) ?? [])

/** Those for TCP, at which routes may be attached. */
export const tcpPortsOf = ({ spec }: Service): readonly number[] =>
  itemsOf(fieldsOf(spec)['ports'])
    .map(fieldsOf)
    .filter(each => (textOf(each['protocol']) ?? 'TCP') === 'TCP')
    .flatMap(each => numberOf(each['port']) ?? [])

/** Whether a ReferenceGrant in the backend's namespace lets the route's kind and namespace refer to it. */
export const isGranted = (
  view: ClusterView,
  route: ServiceRoute,
  { group, kind, namespace, name }: ReferencedBackend,
): boolean =>
  view.unread.has('ReferenceGrant')
  || grantsTo(view, route, namespace).some(({ spec }) =>
    itemsOf(fieldsOf(spec)['to'])
      .map(fieldsOf)
      .some(
        each =>
          (each['group'] ?? '') === group
          && each['kind'] === kind
          && (textOf(each['name']) === undefined || each['name'] === name),
      ),
  )

/** The ReferenceGrants of a namespace that let routes of this kind and namespace refer to something there. */
const grantsTo = (view: ClusterView, route: ServiceRoute, namespace: string): readonly ReferenceGrant[] =>
  view.list('ReferenceGrant', namespace).filter(({ spec }) =>
    itemsOf(fieldsOf(spec)['from'])
      .map(fieldsOf)
      .some(
        each =>
          each['group'] === gatewayGroup
          && each['kind'] === route.kind
          && each['namespace'] === namespaceOf(route),
      ),
  )

/**
 * Whether a fault holds for certain. In files a Service or a grant that is absent may be elsewhere; not a grant where the
 * Service is here, and a grant for such routes that leaves it out.
 */
export const isCertain = (
  view: ClusterView,
  route: ServiceRoute,
  { fault, service, namespace, complete }: ResolvedBackend & { readonly complete: boolean },
): boolean => {
  if (complete || fault === 'InvalidKind' || fault === 'PortNotFound') return true
  return fault === 'RefNotPermitted' && service !== undefined && grantsTo(view, route, namespace).length > 0
}
