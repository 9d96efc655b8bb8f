import { refOf } from '../../../objects/kinds.ts'
import { formatLabels } from '../../../objects/labels.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { RouteRef } from '../../../routing/request/decision.ts'
import { anything, type Match, type Unmet } from '../../../routing/match.ts'
import type { RequestCaller } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import type { Client } from '../resolve/clients.ts'
import { delegatedRoutes } from '../resolve/delegates.ts'
import { gatewayConnectionsOf, wholly } from '../resolve/gateways/gateway-connections.ts'
import { gatewayHostOf, serversFor, type Entrance } from '../resolve/gateways/gateway-host.ts'
import { httpBlocks, idOf, type Block } from '../resolve/mesh.ts'
import { l4Routes, rivalsFor, sectionOf } from '../resolve/mesh/l4.ts'
import { listensOn } from '../resolve/mesh/scope.ts'
import { isWithin, listenerFor, scopeOf, type SidecarScope } from '../resolve/mesh/sidecars.ts'
import { meshHostOf, providedHostOf, type At } from './mesh-host.ts'
import { ofRequest } from '../resolve/objects/match.ts'
import type { Route } from '../resolve/objects/routes.ts'
import type { Asker } from '../resolve/outcome.ts'

/** Whose routes, for which host and port. */
export interface TableKey {
  readonly caller: RequestCaller
  /** The Host header, with or without a port. */
  readonly host: string
  readonly port: number
  readonly tls?: boolean
  /** Whether what is not in view does not exist; true when left out. */
  readonly complete?: boolean
}

/** One block of a route as the proxy has it. */
export interface TableRoute {
  readonly ref: RouteRef
  /** What it requires of a request, as far as the proxy is not already known to meet it. */
  readonly match: Match
  /** As it is read, and the listener that has it: what it does with a request rests on both. */
  readonly route: Route
  readonly asker: Asker
}

/** A block that the proxy does not have, and why. */
export interface SkippedRoute {
  readonly ref: RouteRef
  readonly unmet: Unmet
  /** How many of the table's routes come before it. */
  readonly after: number
}

/** The routes that a proxy has for a host on a port. */
export interface RouteTable {
  /**
   * `default`: everything goes to what is provided. `opaque`: the same by connection, unless a tcp or tls route
   * takes it. `passthrough`: nothing in the mesh answers for the host. `blocked`: and it is not let through.
   * `gone`: nothing listens for such requests. `unknown`: nothing answers for the host.
   */
  readonly kind:
    'routes' | 'default' | 'opaque' | 'passthrough' | 'blocked' | 'https-only' | 'gone' | 'unknown'
  /** In the order in which they are tried. */
  readonly routes: readonly TableRoute[]
  readonly skipped: readonly SkippedRoute[]
  /** The host that a Service or ServiceEntry provides and everything goes to, where no VirtualService has routes for it. */
  readonly provided: string | undefined
  readonly asker: Asker
}

/** The routes that a proxy has for a host on a port; derived once per session. */
export function routeTable(view: ClusterView, key: TableKey): RouteTable {
  const { caller, port, tls = false, complete = true } = key
  const host = hostWithoutPort(key.host)
  const text = `${caller.kind} ${caller.namespace} ${formatLabels(caller.labels)} ${host} ${port} ${tls} ${complete}`
  return once(view, [routeTable, text], () => {
    const client = {
      namespace: caller.namespace,
      labels: caller.labels,
      isGateway: caller.kind === 'gateway',
    }
    return client.isGateway
      ? gatewayTable(view, { client, port, tls }, host)
      : meshTable(view, { client, port, tls, complete }, host)
  })
}

/** A Host header as virtual hosts are looked up: without a port, in lower case. */
function hostWithoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  const hasPort = colon >= 0 && (host.indexOf(':') === colon || host[colon - 1] === ']')
  return (hasPort ? host.slice(0, colon) : host).toLowerCase()
}

interface MeshPort {
  readonly client: Client
  readonly port: number
  readonly tls: boolean
  readonly complete: boolean
}

function meshTable(view: ClusterView, { client, port, tls, complete }: MeshPort, host: string): RouteTable {
  const scope = scopeOf(view, client)
  const listener = listenerFor(scope, port)
  const beyond = (): RouteTable => ({
    ...emptyFor({ client, port }),
    kind: beyondIn(view, scope, { port, tls }),
  })
  if (listener === undefined) return beyond()
  const isProxy = listener.port !== undefined && listener.protocol === 'HTTP_PROXY'
  const at: At = {
    scope,
    listener,
    client,
    complete,
    port: isProxy ? 80 : port,
    routesPort: isProxy ? 0 : port,
  }
  const found = tls ? undefined : meshHostOf(view, at, host)
  if (found === undefined) return opaqueTable(view, at, { host, tls }) ?? beyond()
  const { owner, provided } = found
  const asker: Asker = { client, gateway: 'mesh', section: 'http', port: at.routesPort, within: listener }
  if (owner === undefined) return { ...emptyFor({ client, port: at.port }), kind: 'default', provided }
  const blocks = httpBlocks(delegatedRoutes(view, owner).routes, {
    client,
    gateway: 'mesh',
    port: at.routesPort,
  })
  return {
    ...emptyFor(asker),
    kind: 'routes',
    ...tableOf(blocks.map(block => ({ ...block, object: owner, asker }))),
  }
}

const emptyFor = (asker: Pick<Asker, 'client' | 'port'>): Omit<RouteTable, 'kind'> => ({
  routes: [],
  skipped: [],
  provided: undefined,
  asker: { gateway: 'mesh', section: 'http', ...asker },
})

/** The table for a host that nothing answers for: where such requests are blocked, only plain HTTP gets an answer. */
function beyondIn(
  view: ClusterView,
  scope: SidecarScope,
  { port, tls }: { readonly port: number; readonly tls: boolean },
): RouteTable['kind'] {
  if (!scope.isRegistryOnly) return 'passthrough'
  return !tls && listensOn(view, scope, { port, nearby: scope.namespace }) ? 'blocked' : 'gone'
}

/** Connections to a port that does not speak HTTP, or to one whose requests are encrypted before they come to the proxy. */
function opaqueTable(
  view: ClusterView,
  at: At,
  { host, tls }: { readonly host: string; readonly tls: boolean },
): RouteTable | undefined {
  const found = providedHostOf(view, at, host)
  if (found === undefined) return undefined
  const { client, port, listener } = at
  const { provided, protocol } = found
  const section = sectionOf(protocol)
  const asker: Asker = { client, gateway: 'mesh', section: section ?? 'tcp', port, within: listener }
  if (section === undefined) return { ...emptyFor(asker), kind: 'gone' }
  const rivals = rivalsFor(view, at, { host: provided, others: [] })
  const taking = l4Routes(rivals, { view, section, listener: { client, gateway: 'mesh', port } })
  const routes = rivals.flatMap(object =>
    (taking.get(idOf(object)) ?? []).map(route => ({ ...wholly(object, route), asker })),
  )
  const first = routes.find(({ route }) => section === 'tcp' || (tls && takesName(route, host)))
  return {
    ...emptyFor(asker),
    kind: 'opaque',
    provided,
    ...(first === undefined ? {} : tableOf([first])),
  }
}

/** Whether a tls route is for a server name. */
const takesName = ({ conditions }: Route, name: string): boolean =>
  conditions.some(({ sniHosts }) => sniHosts.some(said => isWithin(name, said.toLowerCase())))

function gatewayTable(view: ClusterView, entrance: Entrance, host: string): RouteTable {
  const { client, port } = entrance
  const asker: Asker = { client, gateway: '', section: 'http', port }
  const empty = emptyFor(asker)
  const connections = gatewayConnectionsOf(view, entrance, host)
  if (connections !== undefined) {
    const { first, ...place } = connections
    const at = { ...asker, ...place }
    // Without a route there is no listener.
    if (first === undefined) return { ...emptyFor(at), kind: 'gone' }
    return { ...emptyFor(at), kind: 'opaque', ...tableOf([{ ...first, asker: at }]) }
  }
  if (serversFor(view, entrance, host).length === 0) return { ...empty, kind: 'gone' }
  const found = gatewayHostOf(view, entrance, host)
  if (found === undefined) return { ...empty, kind: 'unknown' }
  if (found.redirectsToHttps) return { ...empty, kind: 'https-only' }
  return {
    ...empty,
    kind: 'routes',
    ...tableOf(found.blocks.map(block => ({ ...block, asker: { ...asker, gateway: block.gateway } }))),
  }
}

type AskedBlock = Block & { readonly object: VirtualService; readonly asker: Asker }

function tableOf(blocks: readonly AskedBlock[]): Pick<RouteTable, 'routes' | 'skipped'> {
  const routes: TableRoute[] = []
  const skipped: SkippedRoute[] = []
  for (const { object, route, condition, unmet, asker } of blocks) {
    const ref = routeRefOf(object, { route, block: condition?.name })
    if (unmet !== undefined) skipped.push({ ref, unmet, after: routes.length })
    else
      routes.push({
        ref,
        match: condition === undefined ? anything : ofRequest(condition.match),
        route,
        asker,
      })
  }
  return { routes, skipped }
}

function routeRefOf(
  object: VirtualService,
  { route, block }: { readonly route: Route; readonly block: string | undefined },
): RouteRef {
  const owner = refOf(object)
  const { delegate, written, name } = route
  return {
    owner,
    object: delegate === undefined || written === undefined ? owner : { kind: 'VirtualService', ...delegate },
    place: (written ?? route).place,
    name: block === undefined ? name : `${name ?? ''}.${block}`,
  }
}
