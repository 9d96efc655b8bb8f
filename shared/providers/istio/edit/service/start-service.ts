import { CanaryError } from '../../../../objects/canary-error.ts'
import { formatPath } from '../../../../objects/paths.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { RouteRef } from '../../../../routing/decision.ts'
import { refuseOwned, type ServiceEdit, type ServiceReading } from '../../../../routing/provider.ts'
import type { Note } from '../../../../routing/note.ts'
import type { WantedStart } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { overlay } from '../../../../view/overlay.ts'
import { ownedObjects } from '../../read/owners.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { recordOf } from '../../read/record/record.ts'
import { idOf, listOf, type RoutedService } from '../../read/routed-service.ts'
import { entriesOf, routesFor, routesTo } from '../../read/routes/carriers.ts'
import { serviceEntriesByHost } from '../../resolve/indexes/providers.ts'
import { coveringHosts } from '../../resolve/indexes/routing.ts'
import { describeBlocks, gatewayName } from '../../resolve/objects/match.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { providerOfEntry, providerOfService, type ProviderPort } from '../../resolve/objects/providers.ts'
import { pinToStable } from '../pin.ts'
import { writtenRoute } from '../../read/routes/cohort-table.ts'
import { effectOfNewRoutes } from '../placing/new-routes.ts'
import { withRecord } from '../record.ts'
import { isForMesh, leadsElsewhere } from './editable.ts'
import { apiVersionIn, ensureSubsets } from './ensure-subsets.ts'

/**
 * Subsets for all versions, and a route that gives everything to stable; what is there already stays. `insist`
 * is the command with `--force`. Throws a CanaryError where that cannot be.
 */
export function startService(given: ServiceReading, wanted: WantedStart, insist: string): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  const { view, service, versions } = reading
  const stable = versions.find(({ name }) => name === wanted.stable)!
  const subsets = ensureSubsets(reading, versions)
  const subset = subsets.nameOf(stable)
  const there = routesTo(view, service)
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const pinned = there.map(before => ({ before, after: pinForGood(before, service, subset) }))
  const made = newRoutes(view, {
    service,
    ports: portsOf(view, service),
    subset,
    wanted,
    apiVersion: apiVersionIn(view),
  })
  return {
    changes: [...subsets.changes, ...pinned, ...made],
    notes: made.length === 0 ? [] : overrideNotes(reading, made, { force: wanted.force, insist }),
  }
}

/** Throws a CanaryError `not-found` where what a first route needs of the Service is not in view. */
export const requireProvided = (view: ClusterView, service: RoutedService): void => {
  portsOf(view, service)
}

/**
 * What the new routes override, said where a person insists. Throws a CanaryError `refused` where they
 * override routes of others, or would themselves be
 * behind a route that takes everything.
 */
function overrideNotes(
  reading: IstioReading,
  made: readonly Change[],
  { force, insist }: { readonly force: boolean; readonly insist: string },
): readonly Note[] {
  const later = overlay(reading.view, made)
  const { overridden, before } = effectOfNewRoutes(reading, later)
  if (before !== undefined) {
    throw new CanaryError(
      'refused',
      `the new route would take no requests: ${nameOfRoute(before)} takes everything for this host before it`,
      { hints: ['Let that route lead to the Service, or name another --host.'] },
    )
  }
  if (overridden.length === 0) return []
  const routes = overridden.map(ref => ({
    object: { ...ref.object, kind: 'VirtualService' as const },
    place: formatPath(ref.place),
    does: whatOf(reading.view, ref),
  }))
  if (force) return [{ kind: 'overridden', service: reading.service.name, routes }]
  const names = overridden.map(ref => `${nameOfRoute(ref)} (${whatOf(reading.view, ref)})`).join(', ')
  throw new CanaryError(
    'refused',
    `a VirtualService for ${reading.service.name} would override ${names}: they would no longer apply to it`,
    {
      hints: [`Copy what is to go on into the new VirtualService afterwards, and insist: ${insist}`],
    },
  )
}

const nameOfRoute = ({ object, place }: RouteRef): string =>
  `VirtualService ${object.namespace}/${object.name} ${formatPath(place)}`

/** What a route takes, and what it does that is no routing. */
function whatOf(view: ClusterView, ref: RouteRef): string {
  const route = writtenRoute(view, ref)
  const takes = describeBlocks(listOf(route?.match)) || 'everything'
  const answer: unknown = Reflect.get(route?.directResponse ?? {}, 'status')
  return typeof answer === 'number' ? `${takes}: answers ${answer}` : takes
}

function portsOf(view: ClusterView, { name, namespace, host }: RoutedService): readonly ProviderPort[] {
  const service = host === undefined ? view.get({ kind: 'Service', namespace, name }) : undefined
  const entry = host === undefined ? undefined : view.find(serviceEntriesByHost, host)[0]
  if (service !== undefined) return providerOfService(service).ports
  if (entry !== undefined) return providerOfEntry(entry).ports
  const what =
    host === undefined ? `Service ${name} in namespace ${namespace}` : `ServiceEntry with the host ${host}`
  throw new CanaryError('not-found', `no ${what}`, {
    hints: ['init reads its selector and ports: name the file that has it with -f as well.'],
  })
}

/** As for a cohort, but nothing has to be put back later. */
function pinForGood(route: VirtualService, service: RoutedService, subset: string): VirtualService {
  const { pinned = {}, ...restore } = recordOf(route).restore ?? {}
  const after = pinToStable(route, service, subset)
  if (after === route) return route
  const { [idOf(service)]: _, ...others } = pinned
  return withRecord(after, { ...recordOf(after), restore: { ...restore, pinned: others } })
}

interface NewRoutes {
  readonly service: RoutedService
  readonly ports: readonly ProviderPort[]
  readonly subset: string
  readonly wanted: WantedStart
  readonly apiVersion: string
}

/**
 * One VirtualService for callers in the mesh, one for the gateways if any are named, each only where nothing
 * does it yet.
 */
function newRoutes(view: ClusterView, start: NewRoutes): readonly Change[] {
  const {
    service,
    wanted: { gateways, hosts },
  } = start
  const existing = routesTo(view, service)
  const forHost = routesFor(view, service).find(route => !existing.includes(route) && isForMesh(route))
  // Of two VirtualServices for one host in the mesh Istio takes the older: another one would be without
  // effect.
  if (forHost !== undefined) throw leadsElsewhere(forHost, service)
  const entries = existing.flatMap(route => entriesOf(view, route))
  const mesh = entries.some(isForMesh) ? [] : [newRoute(view, start, { suffix: '', hosts: [service.name] })]
  if (gateways.length > 0 && hosts.length === 0)
    throw new CanaryError('usage', 'a gateway needs the hosts that it is asked for', {
      hints: ['Add --host, as in: --gateway istio-system/public --host shop.example.com'],
    })
  const missing = missingAt(entries, start.wanted, service.namespace)
  if (missing.length === 0) return gateways.length === 0 && existing.length > 0 ? [] : mesh
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
  return together.reduce<readonly Change[]>(
    (made, shape) => [...made, newRoute(overlay(view, made), start, shape)],
    mesh,
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

interface RouteShape {
  readonly suffix: string
  readonly hosts: readonly string[]
  readonly gateways?: readonly string[]
  readonly port?: number | undefined
}

function newRoute(
  view: ClusterView,
  { service, ports, subset, apiVersion }: NewRoutes,
  { suffix, hosts, gateways, port }: RouteShape,
): Change {
  const { namespace } = service
  const name = [`${service.name}${suffix}`, `${service.name}${suffix}-canary`].find(
    free => view.get({ kind: 'VirtualService', namespace, name: free }) === undefined,
  )
  if (name === undefined)
    throw new CanaryError(
      'refused',
      `VirtualServices ${service.name}${suffix} and ${service.name}${suffix}-canary in namespace ${namespace} are for something else`,
      { hints: ['Write the route by hand under another name, then go on with cohort or weight.'] },
    )
  const destination = {
    host: service.name,
    subset,
    ...(port === undefined ? {} : { port: { number: port } }),
  }
  const list = ports.some(({ takesHttp }) => takesHttp) ? 'http' : 'tcp'
  return {
    after: {
      apiVersion,
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts,
        ...(gateways === undefined ? {} : { gateways }),
        [list]: [{ route: [{ destination }] }],
      },
    } as VirtualService,
  }
}

/**
 * On a gateway the port of a Service with several cannot be left out; in the mesh it must be, for every
 * port's listener has its own.
 */
function gatewayPort({ ports, service }: NewRoutes): number | undefined {
  const http = ports.filter(({ takesHttp }) => takesHttp)
  if (ports.length === 1) return undefined
  if (http.length === 1) return http[0]!.port
  throw new CanaryError(
    'usage',
    `Service ${service.name} has ${http.length} http ports (${http.map(({ port }) => port).join(', ')}), and a gateway's route must name one`,
    {
      hints: [
        "Write the gateway's VirtualService by hand with destination.port.number; then cohort and weight find it.",
      ],
    },
  )
}
