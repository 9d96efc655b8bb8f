import type { Ref } from '../../objects/kube-object.ts'
import type { Unmet } from '../match.ts'
import type { UnknownTarget } from '../traffic.ts'

/** A route of a routing object, as the proxy that decides has it. */
export interface RouteRef {
  /** The object whose routes the proxy has. */
  readonly owner: Ref
  /** The object in which the route is written: the owner, or one that it delegates to. */
  readonly object: Ref
  /** The place of the route in that object, from the root: `['spec', 'http', 0]`. */
  readonly place: readonly (string | number)[]
  /**
   * As the proxy's access log has it: the route's name, and after a dot the name of the block of its match.
   */
  readonly name: string | undefined
  /** What a record calls it, where that is not its name. */
  readonly key?: string | undefined
}

/** A route that did not take the request, or that the proxy does not even have, and why. */
export interface Considered {
  readonly route: RouteRef
  readonly unmet: Unmet
}

/** What a header operation does to a request or a response. */
export interface HeaderChanges {
  readonly set: Readonly<Record<string, string>>
  readonly add: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/** Header operations of a route, or of one of its destinations. */
export interface HeaderOperations {
  readonly request: HeaderChanges
  readonly response: HeaderChanges
}

/**
 * Why the client would get a 503: there is no such cluster (NC) for want of this, or the cluster has no
 * endpoints (UH). A routing API may say another status for a reference that it refuses.
 */
export type Failure =
  | {
      readonly flag: 'NC'
      /** `permission`: the reference is not granted. `kind`, `filter`: it is of one that nobody knows. */
      readonly missing: 'host' | 'subset' | 'port' | 'permission' | 'kind' | 'filter'
      /** Of the answer; 503 where it is left out. */
      readonly status?: number
    }
  | { readonly flag: 'UH' }

/** The status of the answer that a failure makes. */
export const statusOfFailure = (failure: Failure): number =>
  failure.flag === 'NC' ? (failure.status ?? 503) : 503

/** Where requests go. */
export interface DecidedDestination {
  /** In full, as the proxy calls it. */
  readonly host: string
  readonly subset: string | undefined
  readonly port: number | undefined
  /** Of the requests that the route takes; a mirror's is of the copies. */
  readonly percent: number
  readonly failure: Failure | undefined
  /** Set where the files leave open whether there is such a destination. */
  readonly unknown?: UnknownTarget
  readonly headers: HeaderOperations | undefined
}

/** How the proxy changes the request line. */
export interface Rewrite {
  /**
   * Put in the place of the path's matched prefix, or of the whole path where it was not matched by a prefix.
   */
  readonly prefix?: string
  readonly regex?: { readonly match: string; readonly substitution: string }
  /** The whole path that the request continues with. */
  readonly path?: string
  readonly authority?: string
}

/** The answer of a route that sends the client elsewhere; what is left out stays as it was asked. */
export interface Redirect {
  readonly code: number
  readonly scheme?: string
  readonly host?: string
  readonly port?: number
  readonly path?: string
  /** Put in the place of the path's matched prefix. */
  readonly prefixRewrite?: string
}

/** A failure that is injected on purpose; shares in percent, the delay in milliseconds. */
export interface InjectedFault {
  readonly delay?: { readonly milliseconds: number; readonly percent: number }
  readonly abort?: { readonly httpStatus?: number; readonly grpcStatus?: string; readonly percent: number }
}

/** How often a request is tried again; the time for each try in milliseconds. */
export interface Retries {
  readonly attempts: number
  readonly perTryTimeout?: number
  /** Conditions and statuses, as the routing API has them. */
  readonly on?: string
}

/** What a proxy does with one request. */
export interface Decision {
  /** `direct`: an answer of the route's own. `none`: there is no route. */
  readonly kind: 'route' | 'redirect' | 'direct' | 'none'
  /**
   * The route that decided; undefined for what a proxy does without one: the default route to a Service,
   * traffic that leaves the mesh.
   */
  readonly route: RouteRef | undefined
  /** Every route that was asked before, in order. */
  readonly considered: readonly Considered[]
  readonly destinations: readonly DecidedDestination[]
  /** A weight of the route that is no number, such as `${WEIGHT}`: it has no destinations, as its shares are not known. */
  readonly unknownWeight?: string
  readonly mirrors: readonly DecidedDestination[]
  /** Nothing in the mesh answers for the host: the request goes where the client sent it. */
  readonly isPassedThrough: boolean
  /** The port does not speak HTTP as far as the mesh knows: it is connections that are routed. */
  readonly isOpaque: boolean
  /**
   * Of a `none`: nothing listens there for such requests, nothing answers for the host, or no route takes the
   * request (404 NR).
   */
  readonly reason?: 'no-listener' | 'no-host' | 'no-route'
  readonly status?: number
  readonly redirect?: Redirect
  readonly rewrite?: Rewrite
  readonly fault?: InjectedFault
  /** In milliseconds; left out where there is none. */
  readonly timeout?: number
  /** Left out where the mesh's default holds. */
  readonly retries?: Retries
  readonly headers?: HeaderOperations
}
