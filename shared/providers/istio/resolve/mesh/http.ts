import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { intendedHost } from '../indexes/routing.ts'
import type { HostProvider } from '../objects/providers.ts'
import type { Client } from '../clients.ts'
import { delegatedRoutes } from '../delegates.ts'
import {
  hostsOf,
  httpRoutes,
  idOf,
  type Application,
  type Listener,
  type LostHost,
  type MeshUse,
} from '../mesh.ts'
import { hostsUnder } from '../registry.ts'
import { ordered, ownerByWildcard, ownerOf, wildcardsOver } from './owners.ts'
import { listensOn, portOn, providersOn, type Within } from './scope.ts'
import { listenerFor } from './sidecars.ts'

/** What a host of a VirtualService stands for, in the eyes of one client. */
export interface HostClaim {
  readonly host: string
  /** What it names, or all that lie under it. */
  readonly hosts: readonly string[]
  readonly providers: readonly HostProvider[]
}

/** Whose VirtualService is asked for, in which listener of which client's. */
export interface ClaimQuestion extends Within {
  readonly object: VirtualService
  readonly client: Client
}

/** What the hosts of a VirtualService stand for by one listener. */
export function claimsOf(view: ClusterView, { object, ...within }: ClaimQuestion): readonly HostClaim[] {
  return hostsOf(view, object).map(said => {
    const host = said.startsWith('*') ? said : said.toLowerCase()
    const found = (host.startsWith('*') ? hostsUnder(view, host, within.scope.namespace) : [host])
      .map(name => ({ name, providers: providersOn(view, within, name) }))
      .filter(({ providers }) => providers.length > 0)
    return {
      host,
      hosts: found.map(({ name }) => name),
      providers: found.flatMap(({ providers }) => providers),
    }
  })
}

interface HttpAsking extends ClaimQuestion {
  readonly claims: readonly HostClaim[]
}

/**
 * The http routes of a VirtualService on all the ports that a listener answers for; `withStrays` also where
 * nobody is meant to come.
 */
export function httpUse(
  view: ClusterView,
  { withStrays, ...asking }: HttpAsking & { readonly withStrays: boolean },
): MeshUse {
  const { scope, listener, claims } = asking
  if (listener.protocol === 'HTTP_PROXY' && listener.port !== undefined)
    return listenerFor(scope, listener.port) === listener
      ? httpByProxy(view, asking)
      : { applications: [], lost: [] }
  const served = claims.flatMap(({ providers }) =>
    providers.flatMap(({ ports }) => ports.filter(({ takesHttp }) => takesHttp).map(({ port }) => port)),
  )
  const on80 = withStrays || claims.some(({ providers }) => providers.length === 0) ? [80] : []
  const ports = [...new Set([...served, ...on80])].filter(port => listenerFor(scope, port) === listener)
  const uses = ports.map(port => httpOnPort(view, asking, port))
  return {
    applications: uses.flatMap(({ applications }) => applications),
    lost: uses.flatMap(({ lost }) => lost),
  }
}

function httpOnPort(view: ClusterView, asking: HttpAsking, port: number): MeshUse {
  const { object, client, claims, scope, listener: within } = asking
  const listener: Listener = { client, gateway: 'mesh', port }
  const routes = httpRoutes(delegatedRoutes(view, object).routes, listener)
  if (routes.length === 0) return { applications: [], lost: [] }
  const offered = claims.flatMap(({ host, hosts, providers }) =>
    hosts.flatMap(name => {
      const found = portOn(view, { scope, listener: within }, { host: name, port })
      return found === undefined ? [] : [{ ...found, said: host, host: name, providers }]
    }),
  )
  const isShared = (): boolean => listensOn(view, scope, { port, nearby: namespaceOf(object) })
  // By the listener of the other ports a Service brings its own; an ExternalName has none.
  const served = offered
    .filter(
      ({ host, on, provider }) =>
        on.takesHttp
        && ((within.port === undefined && provider.form !== 'alias')
          || isShared()
          || (on.isSniffed && isAlone(view, { scope, listener: within }, { host, port }))),
    )
    .flatMap(each => {
      const owner = each.said.startsWith('*')
        ? ownerByWildcard(view, asking, each.host)
        : ownerOf(view, asking, { host: each.host, listener })
      return each.said.startsWith('*') && owner !== undefined && idOf(owner) !== idOf(object)
        ? []
        : [{ ...each, owner: owner ?? object }]
    })
  // On port 80, and beside a host that is served, Istio takes the hosts that nothing provides there as they
  // are; not where it sniffs.
  const spoken = new Set(offered.map(({ said }) => said))
  const bare =
    (served.length > 0 || port === 80) && isShared()
      ? claims.filter(
          ({ host }) =>
            !spoken.has(host) && !isSpoken(view, asking, { host, listener: { ...listener, port } }),
        )
      : []
  const contested = [
    ...served,
    ...bare.map(claim => ({
      ...claim,
      on: undefined,
      owner: ownerOf(view, asking, { host: claim.host, listener }) ?? object,
    })),
  ]
  return useOf(contested, { ...listener, within, object, routes })
}

/**
 * Whether a host that nothing provides is another spelling of one that an older VirtualService has routes
 * for: `name.namespace` is the Service's too (GenerateAltVirtualHosts).
 */
function isSpoken(
  view: ClusterView,
  asking: HttpAsking,
  { host, listener }: { readonly host: string; readonly listener: Listener & { readonly port: number } },
): boolean {
  const full = intendedHost(host, view.mesh.clusterDomain)
  if (full === host || portOn(view, asking, { host: full, port: listener.port })?.on.takesHttp !== true)
    return false
  const owner = ownerOf(view, asking, { host: full, listener }) ?? wildcardsOver(view, asking, full)[0]
  return (
    owner !== undefined
    && idOf(owner) !== idOf(asking.object)
    && ordered(view, asking, [asking.object, owner])[0] === owner
  )
}

/**
 * Whether a port that is sniffed has a listener of its own at the address of its Service: not of an
 * ExternalName, nor where the Sidecar's own listener has it.
 */
function isAlone(
  view: ClusterView,
  { scope, listener }: Within,
  { host, port }: { readonly host: string; readonly port: number },
): boolean {
  const rest = scope.listeners.find(other => other.port === undefined)
  if (rest === undefined || (listener !== rest && providersOn(view, { scope, listener }, host).length > 0))
    return false
  const found = portOn(view, { scope, listener: rest }, { host, port })
  return found !== undefined && found.on.isSniffed && found.provider.form !== 'alias'
}

/** By a listener for a generic proxy: the requests name their hosts and ports themselves. */
function httpByProxy(
  view: ClusterView,
  { object, client, claims, scope, listener: within }: HttpAsking,
): MeshUse {
  const listener: Listener = { client, gateway: 'mesh', port: 0 }
  const routes = httpRoutes(delegatedRoutes(view, object).routes, listener)
  const hasServed = claims.some(({ providers }) =>
    providers.some(({ ports }) => ports.some(({ takesHttp }) => takesHttp)),
  )
  if (routes.length === 0 || !hasServed) return { applications: [], lost: [] }
  const contested = claims.map(claim => ({
    ...claim,
    on: claim.providers[0],
    owner: claim.host.startsWith('*')
      ? object
      : (ownerOf(view, { scope, listener: within }, { host: claim.host, listener }) ?? object),
  }))
  return useOf(contested, { ...listener, within, object, routes })
}

type Contested = Pick<HostClaim, 'host' | 'providers'> & {
  readonly on: unknown
  readonly owner: VirtualService
}

function useOf(
  contested: readonly Contested[],
  { object, ...application }: Omit<Application, 'section' | 'isStray'> & { readonly object: VirtualService },
): MeshUse {
  const own = contested.filter(({ owner }) => idOf(owner) === idOf(object))
  const lost = contested
    .filter(({ owner }) => idOf(owner) !== idOf(object))
    .map(({ host, owner }): LostHost => ({ host, client: application.client, owner }))
  if (own.length === 0) return { applications: [], lost }
  const isStray = own.every(({ on, providers }) => on === undefined && providers.length > 0)
  return { applications: [{ ...application, section: 'http', isStray }], lost: isStray ? [] : lost }
}
