import type { RouteRef } from '../../../../routing/request/decision.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { expandHost } from '../../../../objects/hosts.ts'
import { keyOf } from '../../../../objects/kube-object.ts'
import { isCatchAll } from '../../../../routing/match.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { cohortsIn } from '../../../../routing/record/record.ts'
import { recordOf } from '../../read/record/record.ts'
import { routeKeys } from '../../read/record/route-keys.ts'
import { idOf, listOf } from '../../read/routed-service.ts'
import { entriesOf, nameOf } from '../../read/routes/carriers.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../../route/service-tables.ts'
import { routeTable } from '../../route/table.ts'
import { sampleHost } from '../../resolve/gateways/gateway-host.ts'
import { baseRouteTest } from '../cohort.ts'
import { besidesOf } from './beside.ts'
import type { Entered } from './entered-routes.ts'
import { writtenRoute } from '../../read/routes/cohort-table.ts'
import type { Disturbance } from './effect.ts'

/** The VirtualService beside one that is edited, for the copies of its routes that take everything at gateways. */
export interface PlaceBeside {
  /** The keys of the base routes whose copies are there. */
  readonly keys: ReadonlySet<string>
  /**
   * The hosts that it is for, by the VirtualService by which requests come: those where routes of the one that
   * is edited take what no other route takes.
   */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** Exported to all: what is exported to some is read by Istio before everything else. */
  readonly isPublic: boolean
  /** Made again, because others are sorted behind it by now. */
  readonly isRenamed: boolean
}

/** No copy is beside. */
export const notBeside: PlaceBeside = {
  keys: new Set(),
  hosts: new Map(),
  isPublic: false,
  isRenamed: false,
}

/** Where the routes of a cohort are put, as far as it is not before their base routes. */
export interface CohortPlaces {
  /** By the VirtualService that is edited. */
  readonly beside: ReadonlyMap<string, PlaceBeside>
  /** Behind the routes of other cohorts, also where the cohort had a place among them. */
  readonly isLast: boolean
}

/** Before their base routes, and where the cohort has a place, there. */
export const inPlace: CohortPlaces = { beside: new Map(), isLast: false }

/** A cohort as it has been put somewhere. */
export interface Tried {
  readonly reading: IstioReading
  readonly routes: readonly VirtualService[]
  readonly name: string
  readonly places: CohortPlaces
  readonly disturbance: Disturbance
  /** The view without the cohort, and with it. */
  readonly before: ClusterView
  readonly after: ClusterView
}

/** The next places to try; undefined where there are none. */
export function nextPlaces(tried: Tried): CohortPlaces | undefined {
  const { disturbance, places, reading, name } = tried
  const { is, key, base } = disturbance
  if (is === 'changes-others')
    return places.isLast || !isAnywhere(reading, name) ? undefined : { ...places, isLast: true }
  if (is !== 'overtakes' || key.caller.kind !== 'gateway' || base === undefined) return undefined
  const found = overtakingBase(tried, base)
  if (found === undefined) return undefined
  const place = nextBeside(tried, found)
  return place && { ...places, beside: new Map([...places.beside, [nameOf(found.object), place]]) }
}

const isAnywhere = ({ view, service }: IstioReading, name: string): boolean =>
  view.list('VirtualService').some(object => cohortsIn(object, service).some(cohort => cohort.name === name))

interface Overtaking {
  readonly object: VirtualService
  readonly routeKey: string
}

/** The base route of a disturbance, by its VirtualService and key. */
function overtakingBase({ routes, reading, after }: Tried, base: RouteRef): Overtaking | undefined {
  const object = routes.find(route => nameOf(route) === `${base.object.namespace}/${base.object.name}`)
  const now = after.get({ ...base.object, kind: 'VirtualService' })
  const written = writtenRoute(after, base)
  if (object === undefined || now === undefined || written === undefined) return undefined
  const bases = listOf(now.spec.http).filter(baseRouteTest(now, reading.service))
  const routeKey = routeKeys(bases).get(written)
  return routeKey === undefined ? undefined : { object, routeKey }
}

/** The place beside for one more route, or behind more of the others than before. */
function nextBeside(tried: Tried, { object, routeKey }: Overtaking): PlaceBeside | undefined {
  const { places, reading } = tried
  const place = places.beside.get(nameOf(object))
  if (place === undefined)
    return { ...notBeside, keys: new Set([routeKey]), hosts: hostsByEntry(tried, object) }
  if (!place.keys.has(routeKey)) return { ...place, keys: new Set([...place.keys, routeKey]) }
  if (!place.isPublic && !isPublic(reading.view, object)) return { ...place, isPublic: true }
  return place.isRenamed || !canRename(reading, object) ? undefined : { ...place, isRenamed: true }
}

/** Whether the VirtualServices by which requests come to one are exported to all. */
const isPublic = (view: ClusterView, object: VirtualService): boolean =>
  entriesOf(view, object).every(entry => {
    const { exportTo } = routingOf(entry)
    const isDefault = exportTo.size === 0 && view.mesh.defaultExportTo.virtualService.includes('*')
    return exportTo.has('*') || isDefault
  })

/** Whether there are VirtualServices beside, and they carry cohorts of this service alone. */
function canRename({ view, service }: IstioReading, object: VirtualService): boolean {
  const made = besidesOf(view, object)
  const all = made.flatMap(each => recordOf(each).cohorts)
  return made.length > 0 && all.every(cohort => cohort.service === idOf(service))
}

const hostsByEntry = (tried: Tried, object: VirtualService): PlaceBeside['hosts'] =>
  new Map(
    entriesOf(tried.before, object).map(entry => [nameOf(entry), reachedHosts(tried, { object, entry })]),
  )

/**
 * The hosts of a VirtualService where one of its routes, or of those that it delegates to, is the first at the
 * gateways to take everything: elsewhere a copy would be before the route of another one.
 */
function reachedHosts({ reading, before }: Tried, { object, entry }: Entered): readonly string[] {
  const view = withAssumedGateways(before, gatewaysOf(reading))
  const keys = tableKeysOf(readService(view, reading.service, reading)).filter(
    ({ caller }) => caller.kind === 'gateway',
  )
  const isReached = (host: string): boolean => {
    const said = sampleHost(expandHost(host, routingOf(entry).namespace, view.mesh.clusterDomain))
    const tables = keys.filter(key => key.host === said).map(key => routeTable(view, key))
    const first = tables.map(({ routes }) => routes.find(({ match }) => isCatchAll(match)))
    return (
      tables.every(({ routes }) => routes.length === 0)
      || first.some(
        route =>
          route !== undefined
          && keyOf(route.ref.owner) === `VirtualService ${nameOf(entry)}`
          && keyOf(route.ref.object) === `VirtualService ${nameOf(object)}`,
      )
    )
  }
  return listOf(entry.spec.hosts).filter(isReached)
}
