import { namespaceOf } from '../../../objects/kube-object.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type {
  Following,
  FollowingCaller,
  GatewayEntrance,
  NamedDestination,
  MeantHost,
  UnseenGateway,
} from '../../../routing/request/request-routing.ts'
import type { DecidedDestination } from '../../../routing/request/decision.ts'
import { readyOf, type Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { readService } from '../read/reading.ts'
import { externalService, serviceAt } from '../read/services.ts'
import { targetTo } from '../read/version-target.ts'
import { versionAt, versionNamed } from '../read/versions.ts'
import { gatewayAt, gatewayClients, gatewayReadingOf, hostsFor } from '../resolve/gateways.ts'
import {
  coveringHosts,
  virtualServicesByHost,
  virtualServicesByWildcard,
} from '../resolve/indexes/routing.ts'
import { hostsOf } from '../resolve/mesh.ts'
import { isWithin } from '../resolve/mesh/sidecars.ts'
import { membershipOf, membershipOfWorkload, waypointOf } from '../resolve/membership.ts'
import { routingOf } from '../resolve/objects/routes.ts'
import { providersAt } from '../resolve/registry.ts'
import { spellings } from './mesh-host.ts'

/** A Gateway in view, `NAMESPACE/NAME`, with its proxies. */
export function gatewayNamed(view: ClusterView, name: string): GatewayEntrance | undefined {
  const gateway = gatewayAt(view, name)
  if (gateway === undefined) return undefined
  return {
    name,
    proxies: gatewayClients(view, name).map(({ namespace, labels }) => ({
      kind: 'gateway',
      namespace,
      labels,
    })),
    ports: gatewayReadingOf(gateway)
      .servers.filter(({ port, section }) => port !== undefined && section === 'http')
      .map(({ port, hasTls, redirectsToHttps }) => ({ number: port!, tls: hasTls && !redirectsToHttps })),
  }
}

/** The Gateways that VirtualServices for a host are bound to, and one of whose servers has the host. */
export function gatewaysFor(view: ClusterView, host: string): readonly GatewayEntrance[] {
  const names = routesFor(view, host).flatMap(object =>
    routingOf(object).gateways.filter(name => name !== 'mesh' && serves(view, name, { host, object })),
  )
  return [...new Set(names)].toSorted().flatMap(name => gatewayNamed(view, name) ?? [])
}

/** The VirtualServices that have a host, by its name or by a wildcard. */
const routesFor = (view: ClusterView, host: string): readonly VirtualService[] =>
  [
    ...new Set(
      coveringHosts(host).flatMap(key => [
        ...view.find(virtualServicesByHost, key),
        ...(key.startsWith('*') ? view.find(virtualServicesByWildcard, key) : []),
      ]),
    ),
  ].filter(object => hostsOf(view, object).some(said => isWithin(host, said.toLowerCase())))

/** The VirtualServices for a host that are bound to Gateways that are not in view. */
export const unseenGateways = (view: ClusterView, host: string): readonly UnseenGateway[] =>
  routesFor(view, host).flatMap(object =>
    routingOf(object)
      .gateways.filter(name => name !== 'mesh' && gatewayAt(view, name) === undefined)
      .map(gateway => ({ route: refOf(object), gateway })),
  )

interface Bound {
  readonly host: string
  readonly object: Parameters<typeof namespaceOf>[0]
}

function serves(view: ClusterView, name: string, { host, object }: Bound): boolean {
  const gateway = gatewayAt(view, name)
  return (
    gateway !== undefined
    && gatewayReadingOf(gateway).servers.some(server =>
      hostsFor(server, namespaceOf(object)).some(said => isWithin(host, said.toLowerCase())),
    )
  )
}

/** What provides a host, or the Service that callers of a namespace mean by a shorter name. */
export function meantBy(view: ClusterView, host: string, namespace: string): MeantHost | undefined {
  const found = spellings(view, host, namespace).find(each => providersAt(view, each).length > 0)
  if (found === undefined) return undefined
  const ports = providersAt(view, found).flatMap(provider => provider.ports.map(({ port }) => port))
  return { host: found, ports: [...new Set(ports)] }
}

/** The service and the version that a destination leads to. */
export function named(
  view: ClusterView,
  { host, subset }: Pick<DecidedDestination, 'host' | 'subset'>,
  completeness: Completeness,
): NamedDestination {
  const said = serviceAt(view, host) ?? externalService(view, host, '')
  if (said === undefined) return { service: host, namespace: '', version: subset }
  const { service, versions } = readService(view, said, completeness)
  const target = targetTo(service, { host, subset })
  const found = versionAt(versions, target)
  const those = found === undefined ? versions : [found]
  const isKnown = versions.length > 0 || subset !== undefined
  const isCounted = completeness.complete && those.some(({ workloads }) => workloads.length > 0)
  return {
    service: service.name,
    namespace: service.namespace,
    version: isKnown ? versionNamed(target, versions) : undefined,
    ...(isCounted && { ready: those.reduce((sum, each) => sum + readyOf(each), 0) }),
  }
}

/** Whether requests of a caller follow the http routes of a service. */
export function follows(
  view: ClusterView,
  { namespace, workload }: FollowingCaller,
  called: Omit<NamedDestination, 'version'>,
): Following {
  const { sidecar, ambient } =
    workload === undefined ? membershipOf(view, namespace) : membershipOfWorkload(view, workload)
  if (sidecar === 'yes') return 'yes'
  if (ambient) {
    const waypoint = waypointOf(view, called.namespace, called.service)
    return waypoint === 'yes' ? 'waypoint' : waypoint === 'no' ? 'no-waypoint' : 'unknown'
  }
  return sidecar === 'no' ? 'no-sidecar' : 'unknown'
}
