import type { KubeObject, Ref } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { DecidedDestination, Decision } from './decision.ts'
import type { Request, RequestCaller } from './request.ts'
import type { Completeness } from '../service.ts'
import type { Regex } from '../text-test.ts'

/** How a request is decided. */
export interface RouteOptions {
  /** A linear engine that compiles each pattern once (`cachedRegex`). */
  readonly regex: Regex
  /** Whether what is not in view does not exist; true when left out. */
  readonly complete?: boolean
}

/** A gateway, and its proxies that differ. */
export interface GatewayEntrance {
  /** `NAMESPACE/NAME` */
  readonly name: string
  readonly proxies: readonly RequestCaller[]
  /** The ports that it listens on. */
  readonly ports: readonly { readonly number: number; readonly tls: boolean }[]
}

/** A routing object for a host, and a gateway that it is bound to and nobody sees. */
export interface UnseenGateway {
  readonly route: Ref
  /** `NAMESPACE/NAME`; `default` for all those that a controller has by default. */
  readonly gateway: string
  /** What it is if not one Gateway: a ListenerSet, which is not read, or the default Gateways. */
  readonly kind?: string
}

/** A host in full that is provided, and its ports. */
export interface MeantHost {
  readonly host: string
  readonly ports: readonly number[]
}

/** A destination as people call it. */
export interface NamedDestination {
  /** The Service, or a host outside the cluster. */
  readonly service: string
  readonly namespace: string
  /** Undefined where it leads to a host of which no version is known. */
  readonly version: string | undefined
  /** Pods that are ready; left out where that is not known. */
  readonly ready?: number
}

/**
 * Whether a caller's requests to a service follow its http routes: `no-sidecar` without a proxy, `no-waypoint` where
 * only connections are carried; `waypoint` where the service's waypoint decides, and not the caller's proxy.
 */
export type Following = 'yes' | 'no-sidecar' | 'no-waypoint' | 'waypoint' | 'unknown'

/** The part of a routing API that says what happens to one request. */
export interface RequestRouting {
  /** What the caller's proxy does with one request. */
  route(view: ClusterView, request: Request, options: RouteOptions): Decision
  /** The gateways that answer for a host, on any port. */
  gatewaysFor(view: ClusterView, host: string): readonly GatewayEntrance[]
  /** The routes for a host at gateways that are not in view; left out where gateways are no objects. */
  readonly unseenGateways?: (view: ClusterView, host: string) => readonly UnseenGateway[]
  /** One gateway, `NAMESPACE/NAME`; undefined where it is not in view. */
  gatewayNamed(view: ClusterView, name: string): GatewayEntrance | undefined
  /** What callers of a namespace in the mesh mean by a host; undefined where nothing provides it. */
  meantBy(view: ClusterView, host: string, namespace: string): MeantHost | undefined
  /** Who a destination of a decision is, as people call it. */
  named(
    view: ClusterView,
    destination: Pick<DecidedDestination, 'host' | 'subset'>,
    completeness: Completeness,
  ): NamedDestination
  /** Whether requests of a workload, or of an unknown one of a namespace, follow the http routes of a service. */
  follows(view: ClusterView, caller: FollowingCaller, service: Omit<NamedDestination, 'version'>): Following
}

/** A workload of a namespace, or any of it. */
export interface FollowingCaller {
  readonly namespace: string
  readonly workload?: KubeObject | undefined
}
