import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import { matches } from '../../objects/labels.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../cluster-view.ts'
import { coveringHosts, virtualServicesByHost, virtualServicesByWildcard } from '../indexes.ts'
import type { Provider } from '../read/providers.ts'
import { routingOf, type Condition, type Route, type Section } from '../read/routes.ts'
import { textOf } from '../read/unchecked.ts'
import { once } from '../session.ts'
import { importsOf, type Client } from './clients.ts'
import { delegatedRoutes } from './delegates.ts'
import { hasListener, hostsUnder, providerFor } from './registry.ts'
import { byAge, reachOf, type Reach } from './visibility.ts'

/** Routes of a VirtualService that a client's proxy really has, on the listener of one port. */
export interface Application {
  readonly client: Client
  /** `mesh`, or a gateway's `namespace/name`. */
  readonly gateway: string
  readonly section: Section
  /** Undefined where the input does not say. */
  readonly port: number | undefined
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

/** The http routes that a proxy has, up to the first that leaves nothing for the next (BuildHTTPRoutesForVirtualService). */
export function httpRoutes(routes: readonly Route[], listener: Listener): readonly Route[] {
  const found: Route[] = []
  for (const route of routes) {
    if (route.section !== 'http') continue
    const met = route.conditions.filter(condition => meetsHttp(condition, listener))
    if (route.conditions.length === 0 || met.length > 0) found.push(route)
    if (route.conditions.length === 0 || met.some(({ isCatchAll }) => isCatchAll)) break
  }
  return found
}

function meetsHttp({ port, gateways, sourceLabels, sourceNamespace }: Condition, listener: Listener): boolean {
  if (port !== undefined && listener.port !== undefined && port !== listener.port) return false
  if (gateways.length > 0) return gateways.includes(listener.gateway)
  return matches(sourceLabels, listener.client.labels) && (sourceNamespace === undefined || sourceNamespace === listener.client.namespace)
}

/** Whether a tcp or tls route's block lets a proxy's connections in. */
export const meetsL4 = ({ port, gateways, sourceLabels, sourceNamespace }: Condition, listener: Listener): boolean =>
  (port === undefined || listener.port === undefined || port === listener.port)
  && (gateways.length === 0 || gateways.includes(listener.gateway))
  && matches(sourceLabels, listener.client.labels)
  && (sourceNamespace === undefined || sourceNamespace === listener.client.namespace)

const idOf = (object: VirtualService): string => `${namespaceOf(object)}/${object.metadata.name}`

/** The hosts of a VirtualService, expanded. */
export const hostsOf = (view: ClusterView, object: VirtualService): readonly string[] =>
  [...new Set(routingOf(object).hosts.map(host => expandHost(host, routingOf(object).namespace, view.mesh.clusterDomain)))]

/** How a namespace comes to see a VirtualService. */
export const reachOfRouting = (view: ClusterView, object: VirtualService, client: string): Reach | undefined =>
  reachOf(routingOf(object), client, view.mesh.defaultExportTo.virtualService)

/** The VirtualServices for exactly this host, in any case, that a client's sidecar has loaded, those that win first. */
function contenders(view: ClusterView, host: string, client: Client): readonly VirtualService[] {
  return ordered(view, client, view.find(virtualServicesByHost, host))
}

function ordered(view: ClusterView, client: Client, objects: readonly VirtualService[]): readonly VirtualService[] {
  const loaded = objects.flatMap(object => {
    const reach = reachOfRouting(view, object, client.namespace)
    return reach === undefined || !isLoaded(view, object, client) ? [] : [{ object, reach }]
  })
  return loaded.length < 2 ? loaded.map(({ object }) => object) : loaded.toSorted((one, other) => one.reach - other.reach
    || byAge(agedOf(one.object), agedOf(other.object))).map(({ object }) => object)
}

const agedOf = (object: VirtualService) => ({ created: textOf(object.metadata.creationTimestamp), name: object.metadata.name, namespace: namespaceOf(object) })

function isLoaded(view: ClusterView, object: VirtualService, client: Client): boolean {
  if (!routingOf(object).gateways.includes('mesh')) return false
  const imports = importsOf(view, client, undefined)
  return hostsOf(view, object).some(host => imports({ namespace: namespaceOf(object), host }))
}

/** The VirtualServices for wildcards over a host, the longest wildcard first. */
function wildcardsOver(view: ClusterView, host: string, client: Client): readonly VirtualService[] {
  return once(view, wildcardsOver, `${client.namespace} ${JSON.stringify(client.labels)} ${host}`, () => {
    const said = coveringHosts(host).filter(key => key.startsWith('*')).flatMap(key => view.find(virtualServicesByWildcard, key))
      .flatMap(object => hostsOf(view, object).filter(wildcard => wildcard.startsWith('*') && host.endsWith(wildcard.slice(1))).map(wildcard => ({ wildcard, object })))
    const groups = [...Map.groupBy(said, ({ wildcard }) => wildcard)].toSorted(([one], [other]) => other.length - one.length)
    return groups.flatMap(([, found]) => ordered(view, client, found.map(({ object }) => object)))
  })
}

/** The one VirtualService whose http routes a Service's host takes, where it is a wildcard's. */
const ownerByWildcard = (view: ClusterView, host: string, client: Client): VirtualService | undefined =>
  contenders(view, host, client)[0] ?? wildcardsOver(view, host, client)[0]

/** The one VirtualService for exactly this host whose routes apply on a port. */
const ownerOf = (view: ClusterView, host: string, listener: Listener): VirtualService | undefined =>
  contenders(view, host, listener.client).find(object => httpRoutes(delegatedRoutes(view, object).routes, listener).length > 0)

interface Claim {
  readonly host: string
  readonly provider: Provider | undefined
  /** Ours without contest: a wildcard of ours is the most specific one over it. */
  readonly isAssigned: boolean
}

/** What the hosts of a VirtualService stand for, in the eyes of one client. */
function claimsOf(view: ClusterView, object: VirtualService, client: Client): readonly Claim[] {
  const known = (host: string): Provider | undefined => {
    const provider = providerFor(view, host, client.namespace)
    return provider !== undefined && importsOf(view, client, undefined)({ namespace: provider.namespace, host, isProvided: true }) ? provider : undefined
  }
  return hostsOf(view, object).flatMap((host): readonly Claim[] => {
    if (!host.startsWith('*')) return [{ host: host.toLowerCase(), provider: known(host.toLowerCase()), isAssigned: false }]
    const under = hostsUnder(view, host, client.namespace).flatMap(name => known(name) === undefined ? [] : [{ host: name, provider: known(name), isAssigned: true }])
    if (under.length === 0) return [{ host, provider: undefined, isAssigned: false }]
    return under.filter(claim => idOf(ownerByWildcard(view, claim.host, client) ?? object) === idOf(object))
  })
}

/**
 * Where a VirtualService applies in the sidecars of a client. Where a host is provided by nothing and the input is not the whole world
 * (`complete`), somebody else's Service is taken to provide it, on ports unknown.
 */
export function meshUse(view: ClusterView, object: VirtualService, { client, complete, withStrays = false }: MeshAsking): MeshUse {
  if (reachOfRouting(view, object, client.namespace) === undefined || !isLoaded(view, object, client)) return { applications: [], lost: [] }
  const { routes } = delegatedRoutes(view, object)
  const claims = claimsOf(view, object, client)
  const isGuess = !complete && claims.length > 0 && claims.every(({ provider }) => provider === undefined)
  const http = isGuess ? httpOnPort(view, { object, client, claims, port: undefined }) : httpUse(view, { object, client, claims, withStrays })
  const l4 = routes.some(({ section }) => section !== 'http') ? l4Use(view, { object, client, claims, isGuess }) : []
  return { applications: [...http.applications, ...l4], lost: http.lost }
}

interface Asking {
  readonly object: VirtualService
  readonly client: Client
  readonly claims: readonly Claim[]
}

export interface MeshAsking {
  readonly client: Client
  readonly complete: boolean
  /** Also what is there only because port 80 takes routes for any host. */
  readonly withStrays?: boolean
}

function httpUse(view: ClusterView, { withStrays, ...asking }: Asking & { readonly withStrays: boolean }): MeshUse {
  const ports = new Set(asking.claims.flatMap(({ provider }) => provider?.ports.filter(({ takesHttp }) => takesHttp).map(({ port }) => port) ?? []))
  const asksFor80 = withStrays || asking.claims.some(({ provider }) => provider === undefined)
  const onOthers = asksFor80 && listensOn(view, asking.object, { client: asking.client, port: 80 }) ? [80] : []
  const uses = [...new Set([...ports, ...onOthers])].map(port => httpOnPort(view, { ...asking, port }))
  return { applications: uses.flatMap(({ applications }) => applications), lost: uses.flatMap(({ lost }) => lost) }
}

function httpOnPort(view: ClusterView, { object, client, claims, port }: Asking & { readonly port: number | undefined }): MeshUse {
  const listener: Listener = { client, gateway: 'mesh', port }
  const routes = httpRoutes(delegatedRoutes(view, object).routes, listener)
  if (routes.length === 0) return { applications: [], lost: [] }
  const standing = claims.map(claim => ({ ...claim, on: claim.provider?.ports.find(candidate => candidate.port === port) }))
  // An ExternalName has no listener of its own: it needs another's.
  const served = standing.filter(({ on, provider }) => on?.takesHttp === true && (provider!.form !== 'alias' || listensOn(view, object, listener)))
  // On port 80, and beside a host that is served, Istio takes the hosts that nothing provides there as they are; not where it sniffs.
  const isOpen = port === undefined || (served.length > 0 || port === 80) && listensOn(view, object, listener)
  const bare = isOpen ? standing.filter(({ on }) => on === undefined) : []
  const contested = [...served, ...bare].map(claim => ({ ...claim, owner: claim.isAssigned && claim.on !== undefined ? object : ownerOf(view, claim.host, listener) ?? object }))
  const own = contested.filter(({ owner }) => idOf(owner) === idOf(object))
  const lost = contested.filter(({ owner }) => idOf(owner) !== idOf(object)).map(({ host, owner }) => ({ host, client, owner }))
  if (own.length === 0) return { applications: [], lost }
  const isStray = own.every(({ on, provider }) => on === undefined && provider !== undefined)
  return { applications: [{ ...listener, section: 'http', isStray, routes }], lost: isStray ? [] : lost }
}

const listensOn = (view: ClusterView, object: VirtualService, { client, port }: Pick<Listener, 'client' | 'port'>): boolean => port !== undefined
  && hasListener(view, { port, client: client.namespace, nearby: namespaceOf(object), imports: importsOf(view, client, port) })

function l4Use(view: ClusterView, { object, client, claims, isGuess }: Asking & { readonly isGuess: boolean }): readonly Application[] {
  const base = { client, gateway: 'mesh', isStray: false }
  if (isGuess) {
    const listener: Listener = { client, gateway: 'mesh', port: undefined }
    return (['tcp', 'tls'] as const).map(section => ({ ...base, section, port: undefined, routes: l4Routes([object], { view, section, listener }).get(idOf(object)) ?? [] }))
  }
  const hosts = hostsOf(view, object).flatMap(host => host.startsWith('*') ? hostsUnder(view, host, client.namespace) : [host])
  const provided = hosts.flatMap(host => {
    const provider = claims.find(claim => claim.host === host)?.provider ?? providerFor(view, host, client.namespace)
    return provider === undefined || provider.form === 'alias' ? [] : [{ host, provider }]
  })
  return provided.flatMap(({ host, provider }) => {
    const exact = view.find(virtualServicesByHost, host).filter(rival => hostsOf(view, rival).includes(host))
    const rivals = ordered(view, client, [...new Set([...exact, ...wildcardsOver(view, host, client)])])
    return provider.ports.flatMap(({ port, protocol, takesHttp, isSniffed }) => {
      if (protocol === 'UDP' || takesHttp && !isSniffed) return []
      const section = protocol === 'TLS' || protocol === 'HTTPS' ? 'tls' : 'tcp'
      const routes = l4Routes(rivals, { view, section, listener: { client, gateway: 'mesh', port } }).get(idOf(object)) ?? []
      return routes.length === 0 ? [] : [{ ...base, section, port, routes }]
    })
  })
}

interface L4Asking {
  readonly view: ClusterView
  readonly section: 'tcp' | 'tls'
  readonly listener: Listener
}

/** The tcp or tls routes that a listener has, by VirtualService: for tcp up to the first that takes every connection, for tls one for each set of names. */
function l4Routes(objects: readonly VirtualService[], { view, section, listener }: L4Asking): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>()
  const taken = new Set<string>()
  for (const object of objects) {
    for (const route of delegatedRoutes(view, object).routes.filter(candidate => candidate.section === section)) {
      const met = route.conditions.filter(condition => meetsL4(condition, listener))
      const isWhole = section === 'tcp' && (route.conditions.length === 0 || met.some(({ subnets }) => subnets.length === 0))
      const fresh = met.map(({ sniHosts, subnets }) => `${sniHosts.join()}|${subnets.join()}`).filter(key => !taken.has(key))
      if (isWhole || fresh.length > 0) found.set(idOf(object), [...found.get(idOf(object)) ?? [], route])
      if (isWhole) return found
      if (section === 'tls') for (const key of fresh) taken.add(key)
    }
  }
  return found
}

