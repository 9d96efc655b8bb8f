import type { KubeObject } from '../kube-object.ts'
import type { ApisixPlugin } from './apisix-plugin-config.ts'

/**
 * The objects of the APISIX ingress controller (apisix.apache.org/v2), as far as they are read or edited
 * (https://apisix.apache.org/docs/ingress-controller/reference/api-reference/). Fields that are not listed travel unchanged.
 */

/** An ApisixRoute: rules for HTTP requests, and for TCP and UDP streams. */
export interface ApisixRoute extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string
    readonly http?: readonly ApisixRule[]
    readonly stream?: readonly ApisixStreamRule[]
  }
  readonly status?: { readonly conditions?: readonly object[] }
}

/** A rule: requests that it takes are shared among its backends and upstreams. */
export interface ApisixRule {
  /** Unique within the route. */
  readonly name?: string
  /** Among rules of one path the highest is tried first; 0 where it is left out. */
  readonly priority?: number
  readonly match?: ApisixMatch
  readonly backends?: readonly ApisixBackend[]
  /** ApisixUpstreams that get a part of the requests, too. */
  readonly upstreams?: readonly { readonly name?: string; readonly weight?: number }[]
  readonly plugins?: readonly ApisixPlugin[]
  readonly plugin_config_name?: string
  readonly plugin_config_namespace?: string
}

/** A rule for TCP or UDP: all connections to a port go to one backend. */
export interface ApisixStreamRule {
  readonly name?: string
  readonly protocol?: string
  readonly match?: { readonly ingressPort?: number; readonly host?: string }
  readonly backend?: ApisixBackend
}

/** All of it must be met: one of the paths, hosts, methods and addresses, and all expressions. */
export interface ApisixMatch {
  /** Exact, or a prefix of the text with a `*` at its end. */
  readonly paths?: readonly string[]
  readonly hosts?: readonly string[]
  readonly methods?: readonly string[]
  readonly remoteAddrs?: readonly string[]
  readonly exprs?: readonly ApisixExpr[]
  readonly filter_func?: string
}

/** What a header, query parameter, cookie or variable must be. */
export interface ApisixExpr {
  readonly subject?: { readonly scope?: string; readonly name?: string }
  readonly op?: string
  readonly value?: string
  readonly set?: readonly string[]
}

/** A Service of the route's own namespace. */
export interface ApisixBackend {
  readonly serviceName?: string
  /** The number of a port, or its name. */
  readonly servicePort?: number | string
  /** A proportion among the backends of the rule; 100 where it is left out. */
  readonly weight?: number
  readonly resolveGranularity?: string
  /** Of the ApisixUpstream of the Service's name; controllers since 2.0 refuse two backends of one Service. */
  readonly subset?: string
}
