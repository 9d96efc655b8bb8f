import type { LabelSelector } from './autoscaling.ts'
import type { KubeObject } from './kube-object.ts'

/**
 * The objects of the Gateway API, as far as they are read or edited (https://gateway-api.sigs.k8s.io/reference/spec/).
 * Fields that are not listed travel unchanged.
 */

/** An HTTPRoute or a GRPCRoute; of the fields of a TLSRoute or TCPRoute those that are read. */
export interface ServiceRoute extends KubeObject {
  readonly spec?: {
    readonly parentRefs?: readonly ParentRef[]
    readonly hostnames?: readonly string[]
    readonly rules?: readonly RouteRule[]
  }
  readonly status?: { readonly parents?: readonly ParentStatus[] }
}

/** What a route is attached to (a Gateway where it says no kind), or sends requests to (a Service). */
export interface RouteRefTo {
  readonly group?: string
  readonly kind?: string
  readonly name?: string
  /** Left out means the namespace of the route. */
  readonly namespace?: string
}

/** A Gateway or one of its listeners; in the mesh a Service or one of its ports. */
export interface ParentRef extends RouteRefTo {
  readonly sectionName?: string
  readonly port?: number
}

/** A rule of an HTTPRoute or GRPCRoute: requests that one of its matches takes are shared among its backends. */
export interface RouteRule {
  /** Unique within the route; standard since v1.4. */
  readonly name?: string
  /** Left out: of an HTTPRoute the path prefix `/`, of a GRPCRoute every call. */
  readonly matches?: readonly RuleMatch[]
  readonly filters?: readonly RouteFilter[]
  readonly backendRefs?: readonly BackendRef[]
  /** HTTPRoute only. */
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string }
  readonly sessionPersistence?: object
  readonly retry?: object
}

/** All of one match must be met. */
export interface RuleMatch {
  /** HTTPRoute only; left out `PathPrefix` `/`. */
  readonly path?: {
    readonly type?: 'Exact' | 'PathPrefix' | 'RegularExpression'
    readonly value?: string
  }
  /** Of an HTTPRoute the method of the request, of a GRPCRoute the service and method that are called. */
  readonly method?: string | GrpcMethodMatch
  readonly headers?: readonly ValueMatch[]
  /** HTTPRoute only. */
  readonly queryParams?: readonly ValueMatch[]
}

/** The call of a GRPCRoute's match; one of both at least. */
export interface GrpcMethodMatch {
  readonly type?: 'Exact' | 'RegularExpression'
  readonly service?: string
  readonly method?: string
}

/** A header or a query parameter; `Exact` where it says no type. */
export interface ValueMatch {
  readonly type?: 'Exact' | 'RegularExpression'
  readonly name: string
  readonly value: string
}

/** Where a part of the requests goes: a Service of the route's namespace where nothing else is said. */
export interface BackendRef extends RouteRefTo {
  readonly port?: number
  /** A proportion among the backends of the rule; 1 where it is left out. */
  readonly weight?: number
  readonly filters?: readonly RouteFilter[]
}

/** What is done to requests or responses. Each type has its settings under a field of its own. */
export interface RouteFilter {
  readonly type?: string
  readonly requestMirror?: {
    readonly backendRef?: BackendRef
    /** Of the requests; standard since v1.3. All where neither is said. */
    readonly percent?: number
    readonly fraction?: { readonly numerator?: number; readonly denominator?: number }
  }
  readonly requestHeaderModifier?: HeaderFilter
  readonly responseHeaderModifier?: HeaderFilter
  readonly requestRedirect?: RedirectFilter
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier }
  readonly extensionRef?: RouteRefTo
}

/** Headers that are set, added and removed. */
export interface HeaderFilter {
  readonly set?: readonly { readonly name: string; readonly value: string }[]
  readonly add?: readonly { readonly name: string; readonly value: string }[]
  readonly remove?: readonly string[]
}

/** An answer that sends the client elsewhere; 302 where it says no status. */
export interface RedirectFilter {
  readonly scheme?: string
  readonly hostname?: string
  readonly path?: PathModifier
  readonly port?: number
  readonly statusCode?: number
}

/** What is put in the place of the whole path, or of its matched prefix. */
export interface PathModifier {
  readonly type?: 'ReplaceFullPath' | 'ReplacePrefixMatch'
  readonly replaceFullPath?: string
  readonly replacePrefixMatch?: string
}

/** What a controller says of a route at one parent. */
export interface ParentStatus {
  readonly parentRef?: ParentRef
  readonly controllerName?: string
  readonly conditions?: readonly RouteCondition[]
}

/** `Accepted`, `ResolvedRefs`. */
export interface RouteCondition {
  readonly type?: string
  readonly status?: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  /** The generation of the route that it is about. */
  readonly observedGeneration?: number
}

/** A Gateway of the Gateway API: the listeners of a load balancer. */
export interface RouteGateway extends KubeObject {
  readonly spec?: {
    readonly gatewayClassName?: string
    readonly listeners?: readonly RouteListener[]
  }
}

/** A port, protocol and hostname at which a Gateway takes requests, and the routes that may attach. */
export interface RouteListener {
  readonly name?: string
  /** Exact, or `*.` and a domain; every host where it is left out. */
  readonly hostname?: string
  readonly port?: number
  /** `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`, or a controller's own. */
  readonly protocol?: string
  readonly tls?: { readonly mode?: string }
  readonly allowedRoutes?: {
    readonly namespaces?: {
      /** `Same` where it is left out. */
      readonly from?: 'All' | 'Selector' | 'Same' | 'None'
      readonly selector?: LabelSelector
    }
    readonly kinds?: readonly { readonly group?: string; readonly kind?: string }[]
  }
}

/** In the namespace of a target: which objects of other namespaces may refer to it. */
export interface ReferenceGrant extends KubeObject {
  readonly spec?: {
    readonly from?: readonly RouteRefTo[]
    readonly to?: readonly Omit<RouteRefTo, 'namespace'>[]
  }
}
