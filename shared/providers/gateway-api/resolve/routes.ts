import type {
  BackendRef,
  ParentRef,
  RouteFilter,
  RouteRule,
  ServiceRoute,
} from '../../../objects/gateway-api.ts'
import type { KubeObject } from '../../../objects/kube-object.ts'
import { derivedOnce, fieldsOf, isFields, itemsOf, textOf, textsOf } from '../../../objects/unchecked.ts'

/** The kinds of routes that send requests to Services. */
export const routeKinds = ['HTTPRoute', 'GRPCRoute'] as const

/** One of them. */
export type RouteKind = (typeof routeKinds)[number]

/** A backend of a route, its place from the root (`['spec', 'rules', 0, 'backendRefs', 1]`), and what it is for. */
export interface PlacedBackend {
  readonly value: BackendRef
  readonly place: readonly (string | number)[]
  /** The index of its rule. */
  readonly rule: number
  readonly isMirror: boolean
}

/** The rules of a route; what is no mapping is an empty rule, so that places stay right. */
export const rulesOf = (route: ServiceRoute): readonly RouteRule[] =>
  itemsOf(fieldsOf(route.spec)['rules']).map(rule => fieldsOf(rule) as RouteRule)

/** The parents of a route that are mappings. */
export const parentsOf = (route: ServiceRoute): readonly ParentRef[] =>
  itemsOf(fieldsOf(route.spec)['parentRefs']).filter(isFields)

/** Whether a route is attached to the Gateways that its controller has by default (GEP-3793, experimental). */
export const usesDefaultGateways = (route: ServiceRoute): boolean =>
  !['', 'None'].includes(textOf(fieldsOf(route.spec)['useDefaultGateways']) ?? '')

/** The hostnames of a route, in lower case; none is all. */
export const hostnamesOf = (route: ServiceRoute): readonly string[] =>
  textsOf(fieldsOf(route.spec)['hostnames']).map(name => name.toLowerCase())

/** The backends of one rule, without mirrors. */
export const backendsOf = (rule: RouteRule): readonly BackendRef[] =>
  itemsOf(rule.backendRefs).map(backend => fieldsOf(backend) as BackendRef)

/** The filters of a rule or of a backend. */
export const filtersOf = ({
  filters,
}: {
  readonly filters?: readonly RouteFilter[]
}): readonly RouteFilter[] => itemsOf(filters).map(filter => fieldsOf(filter) as RouteFilter)

/** Every backend of a route in order, those of mirrors too. */
export const placedBackends: (route: ServiceRoute) => readonly PlacedBackend[] = derivedOnce(route =>
  rulesOf(route).flatMap((rule, i) => {
    const place = ['spec', 'rules', i]
    return [
      ...mirrorsIn(rule, { rule: i, place }),
      ...backendsOf(rule).flatMap((value, j): readonly PlacedBackend[] => [
        { value, rule: i, isMirror: false, place: [...place, 'backendRefs', j] },
        ...mirrorsIn(value, { rule: i, place: [...place, 'backendRefs', j] }),
      ]),
    ]
  }),
)

const mirrorsIn = (
  holder: { readonly filters?: readonly RouteFilter[] },
  { rule, place }: Pick<PlacedBackend, 'rule' | 'place'>,
): readonly PlacedBackend[] =>
  filtersOf(holder).flatMap((filter, i) => {
    const mirror = fieldsOf(filter.requestMirror)
    return isFields(mirror['backendRef'])
      ? [
          {
            value: mirror['backendRef'],
            rule,
            isMirror: true,
            place: [...place, 'filters', i, 'requestMirror', 'backendRef'],
          },
        ]
      : []
  })

/**
 * The proportion of a backend among those of its rule: 1 where it says none
 * (https://gateway-api.sigs.k8s.io/reference/spec/#backendref).
 */
export const weightOf = ({ weight }: Pick<BackendRef, 'weight'>): number =>
  typeof weight === 'number' ? weight : 1

/** Whether an object is a route of the Gateway API. */
export const isRoute = (object: KubeObject): object is ServiceRoute =>
  object.apiVersion.startsWith('gateway.networking.k8s.io/')
  && (routeKinds as readonly string[]).includes(object.kind)
