import type { Service } from '../../../shared/objects/core.ts'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { echoClusters } from '../bootstrap.ts'
import type { Client } from './client.ts'
import { expandHost, isWildcard, isWithin } from './hosts.ts'
import { httpRoutesOf, type EnvoyRoute } from './http-routes.ts'
import { virtualServicesFor } from './virtual-services.ts'

interface VirtualHost {
  readonly name: string
  readonly domains: readonly string[]
  readonly routes: readonly EnvoyRoute[]
}

/**
 * The virtual hosts of a sidecar's outbound port (`BuildSidecarOutboundVirtualHosts` in pilot/pkg/networking/core/httproute.go):
 * the first VirtualService of a Service has it alone, and a Service without one has a route of its own. For Services with
 * HTTP ports and a cluster IP, in the cluster domain `cluster.local`.
 */
export function sidecarHosts(objects: readonly KubeObject[], client: Client): readonly object[] {
  const services = new Map(
    objects
      .filter((object): object is Service => object.kind === 'Service')
      .filter(({ spec }) => spec.ports?.some(({ port }) => port === client.port))
      .map(service => [expandHost(service.metadata.name, namespaceOf(service)), service]),
  )
  const owners = virtualServicesFor(objects, 'mesh', client.namespace).map(withFullHosts)
  const taken = new Set<string>()
  const domains = new Set<string>()
  const add = (host: string, routes: readonly EnvoyRoute[]): readonly VirtualHost[] => {
    if (taken.has(host)) return []
    taken.add(host)
    const service = services.get(host)
    const own = [host, ...(service ? shortNames(service, client.namespace) : [])]
    const free = own.filter(domain => !domains.has(domain))
    for (const domain of free) domains.add(domain)
    return free.length === 0 ? [] : [{ name: host, domains: free, routes }]
  }
  const routed = owners.flatMap(owner => {
    const routes = httpRoutesOf(owner, { ...client, gateway: 'mesh' })
    if (routes.length === 0) return []
    return hostsOf(owner, { owners, services: [...services.keys()], port: client.port }).flatMap(host =>
      add(host, routes),
    )
  })
  const rest = [...services.keys()].flatMap(host => add(host, [defaultRoute]))
  return [...routed, ...rest]
}

const defaultRoute = {
  match: { prefix: '/' },
  response_headers_to_add: [{ header: { key: 'x-answer', value: JSON.stringify({ route: 'default' }) } }],
  route: { cluster: echoClusters[0] },
}

interface Registry {
  readonly owners: readonly VirtualService[]
  readonly services: readonly string[]
  readonly port: number
}

// A host that no Service has is routed on port 80 alone, and only where none of the VirtualService's hosts has one.
function hostsOf(
  { spec, metadata }: VirtualService,
  { owners, services, port }: Registry,
): readonly string[] {
  const own = spec.hosts ?? []
  const matched = own.flatMap(host =>
    isWildcard(host)
      ? services.filter(
          service => isWithin(service, host) && mostSpecific(service, owners)?.metadata === metadata,
        )
      : services.filter(service => service === host),
  )
  const unknown = own.filter(host => !services.some(service => isWithin(service, host)))
  if (matched.length > 0) return [...unknown, ...matched]
  return port === 80 ? unknown : []
}

function mostSpecific(service: string, owners: readonly VirtualService[]): VirtualService | undefined {
  const lengths = (owner: VirtualService) =>
    (owner.spec.hosts ?? [])
      .filter(host => isWithin(service, host))
      .map(host => (isWildcard(host) ? host.length : Number.POSITIVE_INFINITY))
  const best = Math.max(...owners.flatMap(lengths))
  return owners.find(owner => lengths(owner).includes(best))
}

const withFullHosts = (owner: VirtualService): VirtualService => ({
  ...owner,
  spec: { ...owner.spec, hosts: owner.spec.hosts?.map(host => expandHost(host, namespaceOf(owner))) ?? [] },
})

// `generateAltVirtualHosts`: the name alone is only for clients of the Service's namespace.
function shortNames(service: Service, namespace: string): readonly string[] {
  const { name } = service.metadata
  const own = namespaceOf(service)
  const names = [`${name}.${own}`, `${name}.${own}.svc`]
  return [
    ...(own === namespace ? [name] : []),
    ...names,
    ...(service.spec.clusterIP ? [service.spec.clusterIP] : []),
  ]
}
