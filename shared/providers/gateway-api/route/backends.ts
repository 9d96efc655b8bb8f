import type { BackendRef, RouteFilter, RouteRule, ServiceRoute } from '../../../objects/gateway-api.ts'
import type { Service } from '../../../objects/core.ts'
import { fieldsOf, isFields, numberOf } from '../../../objects/unchecked.ts'
import type { DecidedDestination, Failure } from '../../../routing/request/decision.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import {
  isCertain,
  resolveBackend,
  resolveMeshBackend,
  type BackendFault,
  type ResolvedBackend,
} from '../resolve/backends.ts'
import { isService } from '../resolve/references.ts'
import { backendsOf, filtersOf, weightOf } from '../resolve/routes.ts'
import { hasReadyEndpoint, hostOf } from '../resolve/services.ts'
import { hasUnknownFilter, headersOf } from './effects.ts'

/** Whether a Service has endpoints that are ready; undefined where that is not known. */
export type HasEndpoints = (view: ClusterView, service: Service) => boolean | undefined

/** How backends are asked. */
export interface BackendAsking {
  readonly route: ServiceRoute
  readonly isMesh: boolean
  /** The implementation may have filters of its own. */
  readonly mayExtend: boolean
  readonly complete: boolean
  /** What the reader knows beyond EndpointSlices. */
  readonly hasEndpoints: HasEndpoints | undefined
}

/**
 * Where the requests of a rule go: its backends that have a weight, each with its part of all, those that are not
 * valid among them (https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec, backendRefs).
 */
export function destinationsOf(
  view: ClusterView,
  rule: RouteRule,
  asking: BackendAsking,
): readonly DecidedDestination[] {
  const weighted = backendsOf(rule).map(backend => ({ backend, weight: Math.max(0, weightOf(backend)) }))
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0)
  return weighted
    .filter(({ weight }) => weight > 0)
    .map(({ backend, weight }) => destinationOf(view, { backend, percent: (weight * 100) / total }, asking))
}

/** Where copies of the requests of a rule go; a mirror that is not valid is left out. */
export function mirrorsOf(
  view: ClusterView,
  rule: RouteRule,
  asking: BackendAsking,
): readonly DecidedDestination[] {
  const backends = backendsOf(rule)
  const total = backends.reduce((sum, backend) => sum + Math.max(0, weightOf(backend)), 0)
  return [
    ...copiesOf(filtersOf(rule), 1),
    ...backends.flatMap(backend =>
      copiesOf(filtersOf(backend), total === 0 ? 0 : Math.max(0, weightOf(backend)) / total),
    ),
  ]
    .filter(({ percent }) => percent > 0)
    .map(copy => destinationOf(view, copy, asking))
    .filter(({ failure }) => failure?.flag !== 'NC')
}

interface AskedBackend {
  readonly backend: BackendRef
  readonly percent: number
}

function copiesOf(filters: readonly RouteFilter[], share: number): readonly AskedBackend[] {
  return filters.flatMap(({ type, requestMirror }): readonly AskedBackend[] => {
    const { backendRef, percent, fraction } = fieldsOf(requestMirror)
    if (type !== 'RequestMirror' || !isFields(backendRef)) return []
    const { numerator, denominator } = fieldsOf(fraction)
    const said = isFields(fraction)
      ? ((numberOf(numerator) ?? 0) * 100) / (numberOf(denominator) || 100)
      : (numberOf(percent) ?? 100)
    return [{ backend: backendRef, percent: Math.min(100, Math.max(0, said)) * share }]
  })
}

function destinationOf(
  view: ClusterView,
  { backend, percent }: AskedBackend,
  asking: BackendAsking,
): DecidedDestination {
  const { route, isMesh } = asking
  const resolved = (isMesh ? resolveMeshBackend : resolveBackend)(view, route, backend)
  const filters = filtersOf(backend)
  return {
    host: isService(resolved)
      ? hostOf(view, resolved)
      : `${resolved.kind}.${resolved.group} ${resolved.namespace}/${resolved.name}`,
    subset: undefined,
    port: resolved.port,
    percent,
    failure: hasUnknownFilter(filters, asking.mayExtend)
      ? { flag: 'NC', missing: 'filter', status: errorOf(route) }
      : failureOf(view, resolved, asking),
    headers: headersOf(filters),
  }
}

const missing: Readonly<Record<BackendFault, 'kind' | 'permission' | 'host' | 'port'>> = {
  InvalidKind: 'kind',
  RefNotPermitted: 'permission',
  BackendNotFound: 'host',
  PortNotFound: 'port',
}

function failureOf(
  view: ClusterView,
  resolved: ResolvedBackend,
  { route, complete, hasEndpoints }: BackendAsking,
): Failure | undefined {
  const { fault, service } = resolved
  if (fault !== undefined && isCertain(view, route, { ...resolved, complete }))
    return { flag: 'NC', missing: missing[fault], status: errorOf(route) }
  if (!complete || service === undefined) return undefined
  const isServed = hasEndpoints?.(view, service) ?? hasReadyEndpoint(view, service)
  return isServed === false ? { flag: 'UH' } : undefined
}

/** The status of what a route cannot answer: 500, and 503 for a GRPCRoute, which gRPC reads as `UNAVAILABLE`. */
export const errorOf = ({ kind }: ServiceRoute): number => (kind === 'GRPCRoute' ? 503 : 500)
