import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { expandHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { formatLabels } from '../../../../objects/labels.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { virtualServicesByDestination } from '../indexes/routing.ts'
import type { HostProvider, ProviderPort } from '../objects/providers.ts'
import { routingOf, type Route } from '../objects/routes.ts'
import { once } from '../../../../view/session.ts'
import { delegatedRoutes, rootsOf } from '../delegates.ts'
import { hostsOf, reachOfRouting } from '../mesh.ts'
import {
  entryPorts,
  hasListener,
  hostsUnder,
  inOrderFor,
  isEntry,
  providersAt,
  withKin,
} from '../registry.ts'
import {
  importsProvided,
  importsRouted,
  isAllNamed,
  listenerFor,
  type EgressListener,
  type SidecarScope,
} from './sidecars.ts'

/** A listener, and the scope that it is of. */
export interface Within {
  readonly scope: SidecarScope
  readonly listener: EgressListener
}

/**
 * What provides a host by one listener, all of one namespace: the client's own, else the Service's, else the
 * oldest's (selectServices). A listener
 * with a port lends them that port only.
 */
export function providersOn(
  view: ClusterView,
  { scope, listener }: Within,
  host: string,
): readonly HostProvider[] {
  return once(view, [listener, host], () => {
    const seen = inOrderFor(view, host, {
      namespace: scope.namespace,
      byAgeOnly: !listener.isOpen && isAllNamed(listener),
    })
      .filter(({ namespace }) => importsProvided(listener, { namespace, host }))
      .flatMap(provider => trimmed(provider, listener))
    const first =
      seen.find(({ namespace }) => namespace === scope.namespace)
      ?? seen.find(provider => !isEntry(provider))
      ?? seen[0]
    return seen.filter(({ namespace }) => namespace === first?.namespace)
  })
}

/** A generic proxy for HTTP takes Services as they are. */
const isForItsPortOnly = ({ port, protocol }: EgressListener): boolean =>
  port !== undefined && protocol !== 'HTTP_PROXY'

function trimmed(provider: HostProvider, listener: EgressListener): readonly HostProvider[] {
  if (!isForItsPortOnly(listener)) return [provider]
  const ports = provider.ports.filter(({ port }) => port === listener.port).slice(0, 1)
  return ports.length === 0
    ? []
    : ports.length === provider.ports.length
      ? [provider]
      : [{ ...provider, ports }]
}

/** A port of a host as a listener's http routes know it: where several provide it, the last has its word. */
export const portOn = (
  view: ClusterView,
  within: Within,
  { host, port }: { readonly host: string; readonly port: number },
): { readonly provider: HostProvider; readonly on: ProviderPort } | undefined =>
  providersOn(view, within, host)
    .flatMap(provider => {
      const on = provider.ports.find(offered => offered.port === port)
      return on === undefined ? [] : [{ provider, on }]
    })
    .at(-1)

/** Whether a listener has loaded a VirtualService of the mesh (SelectVirtualServices). */
export function loads(view: ClusterView, { scope, listener }: Within, object: VirtualService): boolean {
  if (
    !routingOf(object).gateways.includes('mesh')
    || reachOfRouting(view, object, scope.namespace) === undefined
  )
    return false
  return (
    listener.isOpen
    || hostsOf(view, object).some(host => importsRouted(listener, { namespace: namespaceOf(object), host }))
  )
}

/**
 * What a host is to the proxies of a scope, over all their listeners: what these import, and where the routes
 * that they have loaded lead
 * (collectImportedServices).
 */
export function providerIn(view: ClusterView, scope: SidecarScope, host: string): HostProvider | undefined {
  return once(view, [scope, host], () => {
    let found: HostProvider | undefined
    for (const listener of scope.listeners) {
      for (const provider of [
        ...providersOn(view, { scope, listener }, host),
        ...broughtBy(view, { scope, listener }, host),
      ])
        found = appended(found, provider)
    }
    return found === undefined ? undefined : withKin(view, host, found)
  })
}

/**
 * What two providers of one host make together: a Service goes before ServiceEntries, and what is of one kind
 * lends its ports (appendSidecarServices).
 */
function appended(found: HostProvider | undefined, next: HostProvider): HostProvider {
  if (found === undefined || (isEntry(found) && !isEntry(next))) return next
  const canMerge =
    isEntry(found) === isEntry(next)
    && found.namespace === next.namespace
    && found.form === next.form
    && formatLabels(found.selector ?? {}) === formatLabels(next.selector ?? {})
    && [...found.exportTo].sort().join() === [...next.exportTo].sort().join()
  return canMerge ? { ...found, ports: entryPorts([found, next]) } : found
}

/**
 * What the routes of a listener bring along without an import: what the client's own namespace provides, be
 * it hidden, else what it sees.
 */
function broughtBy(view: ClusterView, within: Within, host: string): readonly HostProvider[] {
  const { scope, listener } = within
  const own = providersAt(view, host).find(({ namespace }) => namespace === scope.namespace)
  const seen = inOrderFor(view, host, { namespace: scope.namespace, byAgeOnly: true })
  const candidate = own ?? seen[0]
  if (candidate === undefined || (listener.isOpen && seen.includes(candidate))) return []
  const leading = view
    .find(virtualServicesByDestination, host)
    .flatMap(object => (routingOf(object).hosts.length > 0 ? [object] : rootsOf(view, object)))
  const ports = [...new Set(leading)]
    .filter(object => loads(view, within, object))
    .flatMap(object => portsAsked(view, object, { host, namespace: scope.namespace }))
  if (ports.length === 0) return []
  if (isForItsPortOnly(listener)) return trimmed(candidate, listener)
  const asked = ports.includes(undefined)
    ? candidate.ports
    : candidate.ports.filter(({ port }) => ports.includes(port))
  return asked.length === 0 && candidate.ports.length > 0
    ? []
    : [asked.length === candidate.ports.length ? candidate : { ...candidate, ports: asked }]
}

/**
 * The ports on which a VirtualService leads to a host, as far as it does for clients of a namespace;
 * undefined among them is any port.
 */
function portsAsked(
  view: ClusterView,
  object: VirtualService,
  { host, namespace }: { readonly host: string; readonly namespace: string },
): readonly (number | undefined)[] {
  const isFor = ({ section, conditions }: Route): boolean => {
    const said = conditions.flatMap(({ sourceNamespace }) => sourceNamespace ?? [])
    return section !== 'http' || said.length === 0 || said.includes(namespace)
  }
  return delegatedRoutes(view, object)
    .routes.filter(isFor)
    .flatMap(({ targets }) => targets)
    .filter(target => expandHost(target.host, target.namespace, view.mesh.clusterDomain) === host)
    .map(({ port }) => port)
}

/**
 * Whether the proxies of a scope listen on a port for plain HTTP of whatever host. Asked for by a
 * VirtualService: what is in its namespace is looked at first.
 */
export function listensOn(
  view: ClusterView,
  scope: SidecarScope,
  { port, nearby }: { readonly port: number; readonly nearby: string },
): boolean {
  const listener = listenerFor(scope, port)
  const isHttp =
    listener?.port !== undefined
    && ['HTTP', 'HTTP2', 'GRPC', 'GRPC-Web', 'HTTP_PROXY'].includes(listener.protocol)
  if (isHttp && hasServices(view, { scope, listener })) return true
  const rest = scope.listeners.find(other => other.port === undefined)
  return (
    rest !== undefined
    && hasListener(view, {
      port,
      client: scope.namespace,
      nearby,
      imports: ({ ref }, host) => isImported(view, { scope, listener: rest }, { ref, host }),
    })
  )
}

/** Whether it is what a listener takes a host to be, where several provide it. */
const isImported = (
  view: ClusterView,
  within: Within,
  { ref, host }: Pick<HostProvider, 'ref'> & { readonly host: string },
): boolean =>
  (within.listener.isOpen && providersAt(view, host).length < 2)
  || providersOn(view, within, host).some(
    ({ ref: { kind, namespace, name } }) =>
      name === ref.name && namespace === ref.namespace && kind === ref.kind,
  )

/** Whether a listener has any Service at all: without one it does not exist. */
function hasServices(view: ClusterView, within: Within): boolean {
  const { listener, scope } = within
  return once(view, [hasServices, listener], () =>
    listener.imports.some(({ host }) =>
      (host.startsWith('*') ? hostsUnder(view, host, scope.namespace) : [host]).some(each =>
        providersOn(view, within, each).some(({ form }) => form !== 'alias'),
      ),
    ),
  )
}
