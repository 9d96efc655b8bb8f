import { expandHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { matches } from '../../../objects/labels.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { Unmet } from '../../../routing/match.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { routingOf, type MatchBlock, type Route, type RouteSection } from './objects/routes.ts'
import type { Client } from './clients.ts'
import type { EgressListener } from './mesh/sidecars.ts'
import { reachOf, type Reach } from './visibility.ts'

/** Routes of a VirtualService that a client's proxy really has, on the listener of one port. */
export interface Application {
  readonly client: Client
  /** `mesh`, or a gateway's `namespace/name`. */
  readonly gateway: string
  readonly section: RouteSection
  /** Undefined where the input does not say; 0 for a generic proxy, whose requests say it themselves. */
  readonly port: number | undefined
  /** The Sidecar's listener in the mesh, where it is known. */
  readonly within?: EgressListener
  /** It is there only because port 80 takes routes for any host: nobody is meant to come this way. */
  readonly isStray: boolean
  readonly routes: readonly Route[]
}

/** A host of a VirtualService that another one has for the same client. */
export interface LostHost {
  readonly host: string
  readonly client: Client
  readonly owner: VirtualService
}

export interface MeshUse {
  readonly applications: readonly Application[]
  readonly lost: readonly LostHost[]
}

/** What a route is asked by: whose proxy, on behalf of which gateway, on which port. */
export interface Listener {
  readonly client: Client
  readonly gateway: string
  readonly port: number | undefined
}

/**
 * The http routes that a proxy has, up to the first that leaves nothing for the next
 * (BuildHTTPRoutesForVirtualService).
 */
export function httpRoutes(routes: readonly Route[], listener: Listener): readonly Route[] {
  const found: Route[] = []
  for (const route of routes) {
    if (route.section !== 'http') continue
    const met = route.conditions.filter(condition => meetsHttp(condition, listener))
    if (route.conditions.length === 0 || met.length > 0) found.push(route)
    if (leavesNothing(route, listener)) break
  }
  return found
}

/** Whether a proxy has no http route after this one: without conditions, or by a block that asks nothing of the request. */
export const leavesNothing = ({ conditions }: Pick<Route, 'conditions'>, listener: Listener): boolean =>
  conditions.length === 0
  || conditions.some(condition => condition.isCatchAll && meetsHttp(condition, listener))

const meetsHttp = (condition: MatchBlock, listener: Listener): boolean =>
  unmetSource(condition, listener) === undefined

/**
 * Why a proxy does not have an http route for a block: what the block asks beside the request and is not met
 * (sourceMatchHTTP).
 */
function unmetSource(
  { port, gateways, sourceLabels, sourceNamespace }: MatchBlock,
  listener: Listener,
): Unmet | undefined {
  if (port !== undefined && listener.port !== undefined && port !== listener.port)
    return { on: 'port', expected: String(port), actual: String(listener.port) }
  if (gateways.length > 0)
    return gateways.includes(listener.gateway)
      ? undefined
      : { on: 'entrance', expected: gateways.join(' or '), actual: listener.gateway }
  const { labels, namespace } = listener.client
  for (const [name, expected] of Object.entries(sourceLabels))
    if (labels[name] !== expected) return { on: 'caller-label', name, expected, actual: labels[name] }
  return sourceNamespace === undefined || sourceNamespace === namespace
    ? undefined
    : { on: 'caller-namespace', expected: sourceNamespace, actual: namespace }
}

/** One block of a route's match as a proxy has it; a route without blocks is one by itself. */
export interface Block {
  readonly route: Route
  readonly condition: MatchBlock | undefined
  /** Why the proxy does not have it, if it has not. */
  readonly unmet: Unmet | undefined
}

/**
 * The blocks of http routes in the order in which a proxy has them, up to the first that leaves nothing for
 * the next (BuildHTTPRoutesForVirtualService).
 */
export function httpBlocks(routes: readonly Route[], listener: Listener): readonly Block[] {
  const blocks: Block[] = []
  for (const route of routes) {
    if (route.section !== 'http') continue
    if (route.conditions.length === 0) return [...blocks, { route, condition: undefined, unmet: undefined }]
    for (const condition of route.conditions) {
      const unmet = unmetSource(condition, listener)
      blocks.push({ route, condition, unmet })
      if (unmet === undefined && condition.isCatchAll) return blocks
    }
  }
  return blocks
}

/** Whether a tcp or tls route's block lets a proxy's connections in. */
export const meetsL4 = (
  { port, gateways, sourceLabels, sourceNamespace }: MatchBlock,
  listener: Listener,
): boolean =>
  (port === undefined || listener.port === undefined || port === listener.port)
  && (gateways.length === 0 || gateways.includes(listener.gateway))
  && matches(sourceLabels, listener.client.labels)
  && (sourceNamespace === undefined || sourceNamespace === listener.client.namespace)

/** A VirtualService by its `namespace/name`. */
export const idOf = (object: VirtualService): string => `${namespaceOf(object)}/${object.metadata.name}`

/** The hosts of a VirtualService, expanded. */
export const hostsOf = (view: ClusterView, object: VirtualService): readonly string[] => [
  ...new Set(
    routingOf(object).hosts.map(host =>
      expandHost(host, routingOf(object).namespace, view.mesh.clusterDomain),
    ),
  ),
]

/** How a namespace comes to see a VirtualService. */
export const reachOfRouting = (
  view: ClusterView,
  object: VirtualService,
  client: string,
): Reach | undefined => reachOf(routingOf(object), client, view.mesh.defaultExportTo.virtualService)
