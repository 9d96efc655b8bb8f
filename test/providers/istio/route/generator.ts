import { expandHost } from '../../../../shared/objects/hosts.ts'
import { namespaceOf } from '../../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../../shared/objects/virtual-service.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import type { Client } from '../../../../shared/providers/istio/resolve/clients.ts'
import { delegatedRoutes } from '../../../../shared/providers/istio/resolve/delegates.ts'
import { httpRoutes } from '../../../../shared/providers/istio/resolve/mesh.ts'
import { portOn } from '../../../../shared/providers/istio/resolve/mesh/scope.ts'
import { listenerFor, scopeOf } from '../../../../shared/providers/istio/resolve/mesh/sidecars.ts'
import { inPrecedence } from '../../../../shared/providers/istio/resolve/mesh/owners.ts'
import {
  hostOfService,
  hostsOfEntry,
  type HostProvider,
  type ProviderPort,
} from '../../../../shared/providers/istio/resolve/objects/providers.ts'
import { hostsMeet } from '../../../../shared/providers/istio/resolve/indexes/routing.ts'

/** One virtual host of a route configuration: who has the routes, or the host that everything goes to. */
export interface Generated {
  readonly domains: readonly string[]
  readonly by: string
}

interface Offered {
  readonly host: string
  readonly provider: HostProvider
  readonly on: ProviderPort
}

/**
 * All virtual hosts of a sidecar without a Sidecar object on one port, built one after the other as Istio's generator does it
 * (BuildSidecarOutboundVirtualHosts, BuildSidecarVirtualHostWrapper): slow, but in the generator's own order.
 */
export function generate(view: ClusterView, client: Client, port: number): readonly Generated[] {
  const offered = offeredOn(view, client, port)
  const registry = new Map(offered.map(one => [one.host, one]))
  const objects = inPrecedence(view, view.list('VirtualService'), client.namespace)
  const wrappers = objects.flatMap(object => wrapperOf(view, object, { objects, registry, client, port }))
  const claimed = new Set(wrappers.flatMap(({ services }) => services.map(({ host }) => host)))
  const defaults = offered
    .filter(({ host, provider, on }) => on.takesHttp && provider.form !== 'alias' && !claimed.has(host))
    .map(service => ({ by: `default ${service.host}`, bare: [] as string[], services: [service] }))
  return domainsOf(view, [...wrappers, ...defaults], client)
}

function offeredOn(view: ClusterView, client: Client, port: number): readonly Offered[] {
  const scope = scopeOf(view, client)
  const within = { scope, listener: listenerFor(scope, port)! }
  const hosts = [
    ...view.list('Service').map(service => hostOfService(service, view.mesh.clusterDomain)),
    ...view.list('ServiceEntry').flatMap(hostsOfEntry),
  ]
  return [...new Set(hosts)].flatMap(host => {
    const found = portOn(view, within, { host, port })
    return found === undefined ? [] : [{ host, ...found }]
  })
}

interface World {
  readonly objects: readonly VirtualService[]
  readonly registry: ReadonlyMap<string, Offered>
  readonly client: Client
  readonly port: number
}

interface Wrapper {
  readonly by: string
  readonly bare: readonly string[]
  readonly services: readonly Offered[]
}

const saidBy = (view: ClusterView, object: VirtualService): readonly string[] =>
  (object.spec.hosts ?? []).map(host => expandHost(host, namespaceOf(object), view.mesh.clusterDomain))

function wrapperOf(
  view: ClusterView,
  object: VirtualService,
  { objects, registry, client, port }: World,
): readonly Wrapper[] {
  const { routes } = delegatedRoutes(view, object)
  if (!(object.spec.gateways ?? ['mesh']).includes('mesh')) return []
  if (httpRoutes(routes, { client, gateway: 'mesh', port }).length === 0) return []
  const services: Offered[] = []
  const bare: string[] = []
  for (const host of saidBy(view, object)) {
    const matching = host.startsWith('*')
      ? [...registry.values()].filter(one => hostsMeet(one.host, host))
      : [...registry.values()].filter(one => one.host === host)
    if (matching.length === 0) bare.push(host)
    for (const one of matching)
      if (!host.startsWith('*') || nearestFor(view, one.host, objects) === object) services.push(one)
  }
  const http = services.filter(({ on }) => on.takesHttp)
  return http.length > 0 || port === 80 ? [{ by: object.metadata.name, bare, services: http }] : []
}

/** The VirtualService whose host fits a service's host best (computeWildcardHostVirtualServiceIndex). */
function nearestFor(
  view: ClusterView,
  host: string,
  objects: readonly VirtualService[],
): VirtualService | undefined {
  const exact = objects.find(object => isForMesh(object) && saidBy(view, object).includes(host))
  if (exact !== undefined) return exact
  const wild = objects
    .filter(isForMesh)
    .flatMap(object => saidBy(view, object).map(said => ({ said, object })))
    .filter(({ said }) => said.startsWith('*') && host.endsWith(said.slice(1)))
  return wild.toSorted((one, other) => other.said.length - one.said.length)[0]?.object
}

const isForMesh = (object: VirtualService): boolean => (object.spec.gateways ?? ['mesh']).includes('mesh')

function domainsOf(
  view: ClusterView,
  wrappers: readonly Wrapper[],
  { namespace }: Client,
): readonly Generated[] {
  const known = new Set(wrappers.flatMap(({ services }) => services.map(({ host }) => host)))
  const [names, taken] = [new Set<string>(), new Set<string>()]
  const made: Generated[] = []
  const build = (name: string, { domains, by }: Generated, alternatives: readonly string[]): void => {
    if (names.has(name)) return
    names.add(name)
    const own = [...new Set(domains)].filter(
      domain => !taken.has(domain) && !(alternatives.includes(domain) && known.has(domain)),
    )
    for (const domain of own) taken.add(domain)
    if (own.length > 0) made.push({ domains: own, by })
  }
  for (const { by, bare, services } of wrappers) {
    for (const host of bare) build(host, { domains: [host], by }, [])
    for (const { host, provider } of services) {
      const all = [host, ...aliasesOf(view, host)]
      const alternatives = all.flatMap(one => spellings(one, namespace))
      const domains = all.flatMap(one => [one, ...spellings(one, namespace)])
      const wild =
        provider.form === 'headless' && provider.ref.kind === 'Service' ? domains.map(one => `*.${one}`) : []
      build(host, { domains: [...domains, ...wild], by }, alternatives)
    }
  }
  return made
}

const aliasesOf = (view: ClusterView, host: string): readonly string[] =>
  view
    .list('Service')
    .filter(({ spec }) => spec.type === 'ExternalName' && spec.externalName === host)
    .map(service => hostOfService(service, view.mesh.clusterDomain))

/** GenerateAltVirtualHosts, for a proxy in `namespace.svc.cluster.local`. */
function spellings(host: string, namespace: string): readonly string[] {
  const dotted = [`${host}.`]
  const cut = host.indexOf('.svc.')
  if (cut < 0 || !host.endsWith('.svc.cluster.local')) return dotted
  const short = host.slice(0, cut)
  const own = host.slice(host.indexOf('.') + 1, cut) === namespace ? [host.slice(0, host.indexOf('.'))] : []
  return [...dotted, ...own, short, `${short}.svc`]
}

/** The virtual host that Envoy takes for a host: by name, else by the longest wildcard. */
export function matchHost(hosts: readonly Generated[], host: string): string | undefined {
  const exact = hosts.find(({ domains }) => domains.includes(host))
  if (exact !== undefined) return exact.by
  const wild = hosts
    .flatMap(({ domains, by }) => domains.map(domain => ({ domain, by })))
    .filter(
      ({ domain }) =>
        domain.startsWith('*') && host.length >= domain.length && host.endsWith(domain.slice(1)),
    )
  return wild.toSorted((one, other) => other.domain.length - one.domain.length)[0]?.by
}
