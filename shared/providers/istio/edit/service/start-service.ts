import { CanaryError } from '../../../../objects/canary-error.ts'
import { serviceOfHost } from '../../../../objects/hosts.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { serviceWord } from '../../../../objects/text/kubectl-commands.ts'
import { formatPath } from '../../../../objects/paths.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { RouteRef } from '../../../../routing/request/decision.ts'
import { refuseOwned, type ServiceEdit, type ServiceReading } from '../../../../routing/provider.ts'
import type { Note } from '../../../../routing/note.ts'
import type { WantedStart } from '../../../../routing/wanted.ts'
import { merged, type Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { overlay } from '../../../../view/overlay.ts'
import { canaryOf } from '../../read/canary-state.ts'
import { ownedObjects } from '../../read/owners.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { recordOf } from '../../read/record/record.ts'
import { hostOf, idOf, listOf, type RoutedService } from '../../read/routed-service.ts'
import { nameOf, routesTo } from '../../read/routes/carriers.ts'
import { serviceEntriesByHost } from '../../resolve/indexes/providers.ts'
import { providersAt } from '../../resolve/registry.ts'
import type { VersionTarget } from '../../read/version-target.ts'
import { describeBlocks } from '../../resolve/objects/match.ts'
import { sectionOf } from '../../resolve/mesh/l4.ts'
import { providerOfEntry, providerOfService, type ProviderPort } from '../../resolve/objects/providers.ts'
import { pinToStable } from '../pin.ts'
import { writtenRoute } from '../../read/routes/cohort-table.ts'
import { effectOfNewRoutes } from '../placing/new-routes.ts'
import { withRecord } from '../../../../routing/record/write-record.ts'
import { apiVersionIn, ensureSubsets, type Subsets } from './ensure-subsets.ts'
import { newRoutes, type NewRoutes } from './missing-routes.ts'
import { previewRoutes } from './preview-routes.ts'

/**
 * Subsets for all versions, and a route that gives everything to stable; what is there already stays. `insist`
 * is the command with `--force`. Throws a CanaryError where that cannot be.
 */
export function startService(given: ServiceReading, wanted: WantedStart, insist: string): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  const { view, service, versions } = reading
  const stable = versions.find(({ name }) => name === wanted.stable)!
  const subsets = ensureSubsets(reading, versions)
  const target = subsets.targetFor(stable)
  const there = routesTo(view, service)
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const pinned = there.map(before => ({ before, after: pinForGood(before, service, target) }))
  const ports = portsOf(view, service, target)
  const first = { service, ports, target, wanted, apiVersion: apiVersionIn(view) }
  const made = newRoutes(view, first)
  const previews = previewsToAdd(reading, subsets, { first, made })
  const fresh = [...made, ...previews]
  const rest = [...pinned, ...fresh]
  const others = fresh.length === 0 ? noSubsets : subsetsOfNewCallers(given, [...subsets.changes, ...rest])
  return {
    changes: merged([...subsets.changes, ...others.changes, ...rest]),
    notes: [
      ...subsets.notes,
      ...others.notes,
      ...headlessNotes(reading),
      ...portNotes(service, ports, made),
      ...(made.length === 0 || there.length === 0 ? [] : cohortsToSet(reading, made)),
      ...(fresh.length === 0 ? [] : overrideNotes(reading, fresh, { force: wanted.force, insist })),
    ],
  }
}

/** The VirtualService that shows the version that is to be previewed, where one is. */
function previewsToAdd(
  { view, versions }: IstioReading,
  subsets: Pick<Subsets, 'targetFor'>,
  { first, made }: { readonly first: NewRoutes; readonly made: readonly Change[] },
): readonly Change[] {
  const { preview } = first.wanted
  const version = versions.find(({ name }) => name === preview?.version)
  return preview === undefined || version === undefined
    ? []
    : previewRoutes(overlay(view, made), { ...first, target: subsets.targetFor(version) }, preview)
}

const noSubsets = { changes: [], notes: [] } as const

/** A new route may have callers that no other route has, as at a gateway, and they another DestinationRule. */
function subsetsOfNewCallers(
  given: ServiceReading,
  begun: readonly Change[],
): Pick<ServiceEdit, 'changes' | 'notes'> {
  const reading = readService(overlay(given.view, begun), given.service, given)
  return ensureSubsets(reading, reading.versions)
}

/**
 * A headless Service of one version: its route changes nothing yet, so that no rule speaks before a second
 * version is there.
 */
const headlessNotes = ({ view, service, versions }: IstioReading): readonly Note[] =>
  versions.length === 1 && providersAt(view, hostOf(service)).some(({ form }) => form === 'headless')
    ? [{ kind: 'not-split', service: service.name, rule: 'headless-not-split' }]
    : []

/** The ports at which the new http routes of callers in the mesh do not apply. */
function portNotes(
  { name }: RoutedService,
  ports: readonly ProviderPort[],
  made: readonly Change[],
): readonly Note[] {
  const left = ports
    .filter(({ takesHttp, protocol }) => !takesHttp && sectionOf(protocol) !== undefined)
    .map(({ port }) => port)
  const routes = made.flatMap(({ after }) => (after === undefined ? [] : [after as VirtualService]))
  const inMesh = routes.find(({ spec }) => spec.gateways === undefined && spec.http !== undefined)
  return left.length === 0 || inMesh === undefined
    ? []
    : [{ kind: 'ports-not-routed', object: refOf(inMesh), service: name, ports: left }]
}

/** The cohorts of the service that the new routes are without, each with the command that sets it there, too. */
function cohortsToSet({ view, service }: IstioReading, made: readonly Change[]): readonly Note[] {
  const places = made.flatMap(({ after }) =>
    after === undefined ? [] : [`VirtualService ${nameOf(after as VirtualService)}`],
  )
  return canaryOf(view, service).cohorts.map(({ name, to }) => ({
    kind: 'cohort-lacks-routes',
    cohort: name,
    places,
    fix: `kubectl canary cohort ${name} ${serviceWord(service.name)} --to ${to} -n ${service.namespace}`,
  }))
}

/** Throws a CanaryError `not-found` where what a first route needs of the Service is not in view. */
export const requireProvided = (view: ClusterView, service: RoutedService): void => {
  if (service.hosts === undefined) portsOf(view, service)
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
      hints: [
        `To make it anyway, run this command and then copy the routes that are still needed into it: ${insist}`,
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

function portsOf(
  view: ClusterView,
  { name, namespace, host, clusterDomain }: RoutedService,
  target: VersionTarget = {},
): readonly ProviderPort[] {
  if (target.host !== undefined) {
    const version = serviceOfHost(target.host, clusterDomain)!
    return portsOf(view, { ...version, clusterDomain })
  }
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
function pinForGood(route: VirtualService, service: RoutedService, stable: VersionTarget): VirtualService {
  const { pinned = {}, ...restore } = recordOf(route).restore ?? {}
  const after = pinToStable(route, service, { stable })
  if (after === route) return route
  const { [idOf(service)]: _, ...others } = pinned
  return withRecord(after, { ...recordOf(after), restore: { ...restore, pinned: others } })
}
