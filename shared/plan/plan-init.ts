import { CanaryError } from '../objects/canary-error.ts'
import type { VirtualService } from '../objects/virtual-service.ts'
import { formatPath } from '../objects/paths.ts'
import { writtenRoute } from '../providers/istio/edit/placing/cohort-table.ts'
import { effectOfNewRoutes } from '../providers/istio/edit/placing/new-routes.ts'
import { describeBlocks } from '../providers/istio/resolve/objects/match.ts'
import type { RouteRef } from '../routing/decision.ts'
import { pinToStable } from '../providers/istio/edit/pin.ts'
import { withRecord } from '../providers/istio/edit/record.ts'
import { routesFor, routesTo } from '../providers/istio/read/routes/carriers.ts'
import { readService, type ServiceReading } from '../providers/istio/read/reading.ts'
import { recordOf } from '../providers/istio/read/record/record.ts'
import { idOf, listOf, type RoutedService } from '../providers/istio/read/routed-service.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { serviceEntriesByHost } from '../providers/istio/resolve/indexes/providers.ts'
import {
  providerOfEntry,
  providerOfService,
  type ProviderPort,
} from '../providers/istio/resolve/objects/providers.ts'
import { overlay } from '../view/overlay.ts'
import { inSession } from '../view/session.ts'
import { finish } from './finish.ts'
import type { InitIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { isForMesh, leadsElsewhere, refuseOwned } from './target/routes.ts'
import { completenessOf, findService } from './target/services.ts'
import { apiVersionIn, ensureSubsets } from './target/subsets.ts'
import { resolveVersion } from './target/versions.ts'

/**
 * Subsets from the workloads' version labels, and a route that gives everything to stable; what is there
 * already stays.
 */
export function planInit(given: ClusterView, intent: InitIntent): Plan {
  const view = inSession(given)
  const service = findService(view, intent.target, { version: intent.stable, routed: false })
  const ports = portsOf(view, service)
  const reading = readService(view, service, completenessOf(intent.target))
  const stable = resolveVersion(reading.versions, intent.stable, service)
  const subsets = ensureSubsets(reading, reading.versions)
  const subset = subsets.nameOf(stable)
  const there = routesTo(view, service)
  for (const route of [...there, ...routesFor(view, service)]) refuseOwned(view, route)
  const wanted = { service, ports, subset, intent, apiVersion: apiVersionIn(view) }
  const pinned = there.map(before => ({ before, after: pinForGood(before, service, subset) }))
  const made = newRoutes(view, wanted)
  return finish(reading, {
    title: `init ${service.name}, stable ${stable.name}`,
    notes: made.length === 0 ? [] : overrideNotes(reading, made, intent),
    changes: [...subsets.changes, ...pinned, ...made],
  })
}

/**
 * What the new routes override, said where a person insists. Throws a CanaryError `refused` where they
 * override routes of others, or would themselves be
 * behind a route that takes everything.
 */
function overrideNotes(
  reading: ServiceReading,
  made: readonly Change[],
  { force = false, target }: InitIntent,
): readonly string[] {
  const later = overlay(reading.view, made)
  const { overridden, before } = effectOfNewRoutes(reading, later)
  if (before !== undefined) {
    throw new CanaryError(
      'refused',
      `the new route would take no requests: ${nameOfRoute(before)} takes everything for this host before it`,
      { hints: ['Let that route lead to the Service, or name another --host.'] },
    )
  }
  const names = overridden.map(ref => `${nameOfRoute(ref)} (${whatOf(reading.view, ref)})`).join(', ')
  if (names === '') return []
  if (force) return [`Overridden by --force: ${names} no longer apply to ${reading.service.name}.`]
  throw new CanaryError(
    'refused',
    `a VirtualService for ${reading.service.name} would override ${names}: they would no longer apply to it`,
    {
      hints: [
        `Copy what is to go on into the new VirtualService afterwards, and insist: kubectl canary ${target.command} --force`,
      ],
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

interface Wanted {
  readonly service: RoutedService
  readonly ports: readonly ProviderPort[]
  readonly subset: string
  readonly intent: InitIntent
  readonly apiVersion: string
}

/**
 * One VirtualService for callers in the mesh, one for the gateways if any are named, each only where nothing
 * does it yet.
 */
function newRoutes(view: ClusterView, wanted: Wanted): readonly Change[] {
  const {
    service,
    intent: { gateways, hosts },
  } = wanted
  const existing = routesTo(view, service)
  const forHost = routesFor(view, service).find(route => !existing.includes(route) && isForMesh(route))
  // Of two VirtualServices for one host in the mesh Istio takes the older: another one would be without
  // effect.
  if (forHost !== undefined) throw leadsElsewhere(forHost, service)
  const mesh = existing.some(isForMesh) ? [] : [newRoute(view, wanted, { suffix: '', hosts: [service.name] })]
  const unserved = gateways.filter(
    gateway => !existing.some(({ spec }) => listOf(spec.gateways).includes(gateway)),
  )
  if (unserved.length === 0) return gateways.length === 0 && existing.length > 0 ? [] : mesh
  if (hosts.length === 0)
    throw new CanaryError('usage', 'a gateway needs the hosts that it is asked for', {
      hints: ['Add --host, as in: --gateway istio-system/public --host shop.example.com'],
    })
  const port = gatewayPort(wanted)
  return [...mesh, newRoute(view, wanted, { suffix: '-gateway', hosts, gateways: unserved, port })]
}

interface RouteShape {
  readonly suffix: string
  readonly hosts: readonly string[]
  readonly gateways?: readonly string[]
  readonly port?: number | undefined
}

function newRoute(
  view: ClusterView,
  { service, ports, subset, apiVersion }: Wanted,
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
function gatewayPort({ ports, service }: Wanted): number | undefined {
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
