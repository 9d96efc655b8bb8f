import type { KubeObject } from './kube-object.ts'

/** An HTTPRoute or GRPCRoute of the Gateway API, as far as it says which Services it routes. */
export interface ServiceRoute extends KubeObject {
  readonly spec?: {
    readonly parentRefs?: readonly RouteRefTo[]
    readonly rules?: readonly { readonly backendRefs?: readonly RouteRefTo[] }[]
  }
}

/** What a route is attached to (a Gateway where it says nothing), or sends requests to (a Service). */
export interface RouteRefTo {
  readonly group?: string
  readonly kind?: string
  readonly name?: string
  /** Left out means the namespace of the route. */
  readonly namespace?: string
}
