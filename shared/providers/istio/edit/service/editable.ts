import { CanaryError } from '../../../../objects/canary-error.ts'
import { expandHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { type EditPurpose, refuseOwned } from '../../../../routing/provider.ts'
import { isMarked } from '../../read/canary-state.ts'
import { ownedObjects } from '../../read/owners.ts'
import type { IstioReading } from '../../read/reading.ts'
import { previewOf } from '../../read/record/preview.ts'
import { createdFor } from '../../read/record/record.ts'
import { hostOf, listOf, servedHosts, type RoutedService } from '../../read/routed-service.ts'
import { nameOf, type Carrier } from '../../read/routes/carriers.ts'
import { idleOf } from '../../read/routes/idle.ts'
import { destinationsOf } from '../../resolve/indexes/routing.ts'
import { baseRouteTest } from '../../read/record/keyed-bases.ts'
import { misspellingsOf } from '../../resolve/objects/host-meant.ts'
import { providersAt } from '../../resolve/registry.ts'
import { shortHost } from '../destinations.ts'

/** Whether a VirtualService is for callers inside the mesh, too. */
export const isForMesh = ({ spec }: VirtualService): boolean =>
  listOf(spec.gateways).length === 0 || listOf(spec.gateways).includes('mesh')

/** Whether a VirtualService is for callers at gateways, too. */
export const isForGateways = ({ spec }: VirtualService): boolean =>
  listOf(spec.gateways).some(name => name !== 'mesh')

/**
 * The VirtualServices to edit: those that lead to the Service, save those that the mesh ignores because an
 * older one has their host, unless something of this canary is recorded on them. Throws a CanaryError:
 * `not-found` when nothing routes to the Service, `refused` when a controller owns what does, or when cohorts
 * are meant and requests cannot be distinguished.
 */
export function routesToEdit(reading: IstioReading, purpose: EditPurpose): readonly VirtualService[] {
  const { view, service, carriers } = reading
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const leading = carriers.filter(
    ({ leadsElsewhere, object }) =>
      !leadsElsewhere && createdFor(object) === undefined && previewOf(object) === undefined,
  )
  const inForce = leading.filter(
    carrier =>
      idleOf(view, carrier, reading)?.rule !== 'conflicting-virtual-services'
      || awaitsGateway(carrier)
      || isMarked(carrier.object, service),
  )
  if (inForce.length > 0)
    return forPurpose(
      inForce.map(({ object }) => object),
      service,
      purpose,
    )
  const taken = carriers.find(({ leadsElsewhere, object }) => leadsElsewhere && isForMesh(object))
  if (taken !== undefined) throw leadsElsewhere(taken.object, service, purpose.inits)
  throw nothingRoutes(reading, purpose.inits)
}

/** Whether a VirtualService is for a gateway that is not there yet. */
const awaitsGateway = ({ entries }: Carrier): boolean =>
  entries.some(({ evaluation }) => evaluation.bindings.some(({ gateway }) => gateway === undefined))

/** The VirtualServices of ours that carry routes of the Service's cohorts and nothing else. */
export const createdRoutes = ({ carriers }: IstioReading): readonly VirtualService[] =>
  carriers.map(({ object }) => object).filter(object => createdFor(object) !== undefined)

/** Only http routes can tell requests apart, or copy them. */
function forPurpose(
  routes: readonly VirtualService[],
  service: RoutedService,
  { needs, byWeight }: EditPurpose,
): readonly VirtualService[] {
  if (needs === 'weights') return routes
  const http = routes.filter(route => listOf(route.spec.http).some(baseRouteTest(route, service)))
  if (http.length > 0) return http
  throw new CanaryError(
    'refused',
    `${service.name} is routed by tcp or tls only (VirtualService ${routes.map(nameOf).join(', ')}), `
      + `where requests cannot be ${needs === 'mirrors' ? 'copied' : 'told apart'}`,
    {
      hints: byWeight === undefined ? [] : [`Split it by weight instead: ${byWeight}`],
    },
  )
}

function nothingRoutes(reading: IstioReading, inits: readonly string[]): CanaryError {
  const { view, service } = reading
  const misspelled = view.list('VirtualService').flatMap(route =>
    destinationsOf(route)
      .filter(({ host }) => isMisspelled(host, service))
      .map(({ host }) => ({ route, host })),
  )
  const hints = [
    ...misspelled.map(
      ({ route, host }) =>
        `VirtualService ${nameOf(route)} names the host ${host}, which Istio takes literally; `
        + `write ${service.name} or ${hostOf(service)}.`,
    ),
    ...servedHosts(service)
      .flatMap(host => misspellingsOf(view, host))
      .filter(({ written }) => !isMisspelled(written, service))
      .map(
        ({ route, written, meant }) =>
          `VirtualService ${nameOf(route)} names the host ${written}, which nothing provides; did you mean ${meant}?`,
      ),
  ]
  return new CanaryError(
    'not-found',
    `no VirtualService routes to ${service.name} in namespace ${service.namespace}`,
    { hints: hints.length > 0 ? hints : initHints(reading, inits) },
  )
}

/** How the service gets its first route. */
const initHints = (
  { view, service, wildcardCarriers }: IstioReading,
  inits: readonly string[],
): readonly string[] =>
  wildcardCarriers.length > 0
    ? commandHints(
        `Its requests in the mesh follow VirtualService ${wildcardCarriers.map(({ object }) => nameOf(object)).join(', ')}, `
          + `which has a wildcard host. To override it for ${service.name} (copy the routes that are still needed)`,
        inits.map(init => `${init} --force`),
      )
    : service.hosts === undefined || providersAt(view, hostOf(service)).length > 0
      ? commandHints('Make one, all on the version that is stable', inits)
      : commandHints(
          `Callers in the mesh need a Service ${service.name} of that name. Make a route at a gateway, all on the version that is stable`,
          inits.map(init => `${init} --gateway NAME --host HOST`),
        )

const isMisspelled = (host: string, { name, namespace }: RoutedService): boolean =>
  host.toLowerCase() === `${name}.${namespace}` || host.toLowerCase() === `${name}.${namespace}.svc`

/** The error for a route that leads to other Services: only the subsets of one Service can share its requests. */
export function leadsElsewhere(
  route: VirtualService,
  service: RoutedService,
  inits: readonly string[] = [],
): CanaryError {
  const { name, namespace, clusterDomain } = service
  const own = namespaceOf(route)
  // A name without a namespace is that of another Service in another namespace.
  const written = (host: string): string => (own === namespace ? host : expandHost(host, own, clusterDomain))
  const others = [...new Set(destinationsOf(route).map(({ host }) => written(host)))]
  return new CanaryError(
    'refused',
    `VirtualService ${nameOf(route)} takes the requests of ${own === namespace ? name : hostOf(service)} `
      + `and sends them to ${others.join(', ') || 'no Service'} instead`,
    {
      hints: [
        'kubectl canary shifts requests between the versions of one Service: '
          + `let that route lead to ${name} itself (destination.host: ${shortHost(hostOf(service), own, service)}).`,
        ...(inits.length === 0 ? ['Then repeat this command.'] : commandHints('Then give it subsets', inits)),
      ],
    },
  )
}

/** A sentence with a command, or with several to choose from. */
const commandHints = (sentence: string, commands: readonly string[]): readonly string[] =>
  commands.length === 1
    ? [`${sentence}: ${commands[0]}`]
    : [`${sentence}, one of:`, ...commands.map(command => `  ${command}`)]
