import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { coveringHosts, virtualServicesByHost } from '../indexes/routing.ts'
import { serviceEntriesByHost } from '../indexes/providers.ts'
import type { HostProvider, ProviderPort } from '../objects/providers.ts'
import type { Route } from '../objects/routes.ts'
import { delegatedRoutes } from '../delegates.ts'
import { hostsOf, idOf, meetsL4, type Application, type Listener } from '../mesh.ts'
import type { PortProtocol } from '../../../../workloads/mesh/port-protocol.ts'
import { hostsUnder } from '../registry.ts'
import type { ClaimQuestion } from './http.ts'
import { ordered, wildcardsOver } from './owners.ts'
import { providersOn, type Within } from './scope.ts'

/** The tcp and tls routes of a VirtualService by one listener, on the ports that are not for HTTP. */
export function l4Use(
  view: ClusterView,
  { object, client, ...within }: ClaimQuestion,
): readonly Application[] {
  const hosts = [
    ...new Set(
      hostsOf(view, object).flatMap(host =>
        host.startsWith('*')
          ? hostsUnder(view, host, client.namespace)
          : [host, ...wildcardEntries(view, host)],
      ),
    ),
  ]
  return hosts.flatMap(host => {
    const bound = providersOn(view, within, host).flatMap(provider =>
      provider.form === 'alias' ? [] : portsOf(view, within, { host, provider }),
    )
    if (bound.length === 0) return []
    const rivals = rivalsFor(view, within, { host, others: host.startsWith('*') ? [object] : [] })
    return bound.flatMap(({ port, section }) => {
      const routes =
        l4Routes(rivals, { view, section, listener: { client, gateway: 'mesh', port } }).get(idOf(object))
        ?? []
      return routes.length === 0
        ? []
        : [{ client, gateway: 'mesh', isStray: false, within: within.listener, section, port, routes }]
    })
  })
}

/** The VirtualServices that may have tcp or tls routes for a host, in the order in which Istio reads them. */
export function rivalsFor(
  view: ClusterView,
  within: Within,
  { host, others }: { readonly host: string; readonly others: readonly VirtualService[] },
): readonly VirtualService[] {
  const exact = view.find(virtualServicesByHost, host).filter(rival => hostsOf(view, rival).includes(host))
  const wild = host.startsWith('*') ? [] : wildcardsOver(view, within, host)
  return ordered(view, within, [...new Set([...exact, ...others, ...wild])])
}

/** The wildcard hosts of ServiceEntries that cover a host. */
const wildcardEntries = (view: ClusterView, host: string): readonly string[] =>
  coveringHosts(host).filter(key => key.startsWith('*') && view.find(serviceEntriesByHost, key).length > 0)

interface Bound {
  readonly port: number
  readonly section: 'tcp' | 'tls'
}

/**
 * The ports on which a listener takes connections to a host: its own, whatever it speaks, else those of the
 * Service that no listener before has.
 */
function portsOf(
  view: ClusterView,
  { scope, listener }: Within,
  { host, provider }: { readonly host: string; readonly provider: HostProvider },
): readonly Bound[] {
  const bound = (port: number, protocol: PortProtocol): readonly Bound[] => {
    const section = sectionOf(protocol)
    return section === undefined ? [] : [{ port, section }]
  }
  if (listener.port !== undefined) return bound(listener.port, listener.protocol)
  const isTaken = (port: number): boolean =>
    scope.listeners.some(
      other =>
        other.port === port
        && sectionOf(other.protocol) !== undefined
        && providersOn(view, { scope, listener: other }, host).length > 0,
    )
  return provider.ports
    .filter(({ port }) => !isTaken(port))
    .flatMap(({ port, protocol }) => bound(port, protocol))
}

/** The routes that a port takes which is not for HTTP: by the names of TLS, or by address. */
export function sectionOf(protocol: PortProtocol): 'tcp' | 'tls' | undefined {
  if (protocol === 'TLS' || protocol === 'HTTPS') return 'tls'
  return ['UDP', 'HTTP', 'HTTP2', 'GRPC', 'GRPC-Web', 'HTTP_PROXY'].includes(protocol) ? undefined : 'tcp'
}

/** Whether all ports are for TLS that the proxy does not end: only tls routes apply there. */
export const areForTls = (ports: readonly Pick<ProviderPort, 'protocol'>[]): boolean =>
  ports.length > 0 && ports.every(({ protocol }) => sectionOf(protocol) === 'tls')

interface L4Asking {
  readonly view: ClusterView
  readonly section: 'tcp' | 'tls'
  readonly listener: Listener
}

/**
 * The tcp or tls routes that a listener has, by VirtualService: for tcp up to the first that takes every
 * connection, for tls one for each set of names.
 */
export function l4Routes(
  objects: readonly VirtualService[],
  { view, section, listener }: L4Asking,
): ReadonlyMap<string, readonly Route[]> {
  const found = new Map<string, Route[]>()
  const taken = new Set<string>()
  for (const object of objects) {
    for (const route of delegatedRoutes(view, object).routes.filter(
      candidate => candidate.section === section,
    )) {
      const met = route.conditions.filter(condition => meetsL4(condition, listener))
      const isWhole =
        section === 'tcp'
        && (route.conditions.length === 0 || met.some(({ subnets }) => subnets.length === 0))
      const fresh = met
        .map(({ sniHosts, subnets }) => `${sniHosts.join()}|${subnets.join()}`)
        .filter(key => !taken.has(key))
      if (isWhole || fresh.length > 0) found.set(idOf(object), [...(found.get(idOf(object)) ?? []), route])
      if (isWhole) return found
      if (section === 'tls') for (const key of fresh) taken.add(key)
    }
  }
  return found
}
