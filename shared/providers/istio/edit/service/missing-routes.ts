import { CanaryError } from '../../../../objects/canary-error.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { WantedStart } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { freeName } from '../../../../workloads/routes/free-name.ts'
import { overlay } from '../../../../view/overlay.ts'
import { previewOf } from '../../read/record/preview.ts'
import { hostOf, type RoutedService } from '../../read/routed-service.ts'
import { entriesOf, routesFor, routesTo } from '../../read/routes/carriers.ts'
import type { VersionTarget } from '../../read/version-target.ts'
import { shortHost } from '../destinations.ts'
import { coveringHosts } from '../../resolve/indexes/routing.ts'
import { hostsOf } from '../../resolve/mesh.ts'
import { providersAt } from '../../resolve/registry.ts'
import { gatewayName } from '../../resolve/objects/match.ts'
import { areForTls } from '../../resolve/mesh/l4.ts'
import type { ProviderPort } from '../../resolve/objects/providers.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { isForMesh, leadsElsewhere } from './editable.ts'

export interface NewRoutes {
  readonly service: RoutedService
  readonly ports: readonly ProviderPort[]
  readonly target: VersionTarget
  readonly wanted: WantedStart
  readonly apiVersion: string
}

/**
 * One VirtualService for callers in the mesh, one for the gateways if any are named, each only where nothing
 * does it yet.
 */
export function newRoutes(view: ClusterView, start: NewRoutes): readonly Change[] {
  const {
    service,
    wanted: { gateways, hosts, mesh: wantsMesh = false },
  } = start
  const existing = routesTo(view, service).filter(route => previewOf(route) === undefined)
  const forHost = routesFor(view, service).find(route => !existing.includes(route) && isForMesh(route))
  // Of two VirtualServices for one host in the mesh Istio takes the older: another one would be without
  // effect.
  if (forHost !== undefined) throw leadsElsewhere(forHost, service)
  const entries = existing.flatMap(route => entriesOf(view, route))
  // A route for another host leaves those who call this one with any version.
  const isCovered = (entry: VirtualService): boolean =>
    isForMesh(entry)
    && (!wantsMesh || hostsOf(view, entry).some(said => coveringHosts(hostOf(service)).includes(said)))
  const mesh =
    entries.some(isCovered) || !mayBeAsked(view, start)
      ? []
      : [newRoute(view, start, { suffix: '', hosts: [service.name] })]
  if (gateways.length > 0 && hosts.length === 0)
    throw new CanaryError('usage', '--gateway needs --host: the host that clients ask the gateway for', {
      hints: ['For example: --gateway istio-system/public --host shop.example.com'],
    })
  const missing = missingAt(entries, start.wanted, service.namespace)
  if (missing.length === 0) return gateways.length === 0 && existing.length > 0 && !wantsMesh ? [] : mesh
  const port = gatewayPort(start)
  const shapes = [...Map.groupBy(missing, ({ host }) => host)].map(([host, those]) => ({
    hosts: [host],
    gateways: those.map(({ gateway }) => gateway),
  }))
  const together = [...Map.groupBy(shapes, shape => shape.gateways.join())].map(([, alike]) => ({
    suffix: '-gateway',
    hosts: alike.flatMap(shape => shape.hosts),
    gateways: alike[0]!.gateways,
    port,
  }))
  const made = [...mesh]
  for (const shape of together) made.push(newRoute(overlay(view, made), start, shape))
  return made
}

/**
 * Whether callers in the mesh can ask for the service. Throws a CanaryError `refused` where only they could be meant,
 * and it is but the name that its versions have in common.
 */
function mayBeAsked(view: ClusterView, { service, wanted: { gateways, mesh = false } }: NewRoutes): boolean {
  if (service.hosts === undefined || providersAt(view, hostOf(service)).length > 0) return true
  if (gateways.length > 0 && !mesh) return false
  const { name, namespace } = service
  throw new CanaryError(
    'refused',
    `there is no Service ${name} in namespace ${namespace} that callers in the mesh could ask for: `
      + `its versions are the Services ${service.hosts.map(({ host }) => host.split('.')[0]).join(', ')}`,
    {
      hints: [
        `Create a Service ${name} with their selector but for the version, and repeat this command.`,
        'Or route it at a gateway only, with --gateway and --host.',
      ],
    },
  )
}

/** Which host no route of the service is for at which gateway yet. */
const missingAt = (
  entries: readonly VirtualService[],
  { gateways, hosts }: WantedStart,
  namespace: string,
): readonly { readonly gateway: string; readonly host: string }[] =>
  gateways.flatMap(gateway => {
    const full = gatewayName(gateway, namespace)
    const served = entries.flatMap(entry =>
      routingOf(entry).gateways.includes(full) ? routingOf(entry).hosts : [],
    )
    return hosts
      .filter(host => !coveringHosts(host).some(covering => served.includes(covering)))
      .map(host => ({ gateway, host }))
  })

export interface RouteShape {
  readonly suffix: string
  readonly hosts: readonly string[]
  readonly gateways?: readonly string[]
  readonly port?: number | undefined
}

/** A new VirtualService that leads to the subset alone. */
export function newRoute(
  view: ClusterView,
  start: NewRoutes,
  { suffix, hosts, gateways, port }: RouteShape,
): Change {
  const { service, apiVersion } = start
  const { namespace } = service
  if (areForTls(start.ports)) throw tlsOnly(service.name, hosts)
  const name = freeName(view, { kind: 'VirtualService', namespace, name: `${service.name}${suffix}` })
  return {
    after: {
      apiVersion,
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts,
        ...(gateways === undefined ? {} : { gateways }),
        ...routesToTarget(start, port),
      },
    } as VirtualService,
  }
}

/** The routes of a new VirtualService: all requests go to the subset. */
export function routesToTarget(
  { service, ports, target }: NewRoutes,
  port: number | undefined,
): Pick<VirtualService['spec'], 'http' | 'tcp'> {
  const destination = {
    host: target.host === undefined ? service.name : shortHost(target.host, service.namespace, service),
    ...(target.subset !== undefined && { subset: target.subset }),
    ...(port === undefined ? {} : { port: { number: port } }),
  }
  const list = ports.some(({ takesHttp }) => takesHttp) ? 'http' : 'tcp'
  return { [list]: [{ route: [{ destination }] }] }
}

/** A route by the names of TLS lists the names that callers ask for, which the Service does not tell. */
const tlsOnly = (name: string, hosts: readonly string[]): CanaryError =>
  new CanaryError('refused', `every port of ${name} is for TLS, which only tls routes with sniHosts route`, {
    hints: [
      `Write a VirtualService for ${hosts.join(', ')} by hand: spec.tls with match.sniHosts, the names that callers ask for. Then weight finds it.`,
    ],
  })

/**
 * On a gateway the port of a Service with several cannot be left out; in the mesh it must be, for every
 * port's listener has its own.
 */
export function gatewayPort({ ports, service }: NewRoutes): number | undefined {
  const http = ports.filter(({ takesHttp }) => takesHttp)
  if (ports.length === 1) return undefined
  if (http.length === 1) return http[0]!.port
  throw new CanaryError(
    'usage',
    `Service ${service.name} has ${http.length} http ports (${http.map(({ port }) => port).join(', ')}), `
      + "and a gateway's route must name one",
    {
      hints: [
        "Write the gateway's VirtualService by hand with destination.port.number; then cohort and weight find it.",
      ],
    },
  )
}
