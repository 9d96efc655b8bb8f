import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { merged, type Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { overlay } from '../../../../view/overlay.ts'
import { inSession } from '../../../../view/session.ts'
import { entriesOf, nameOf } from '../../read/routes/carriers.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { cohortsIn, type CohortRecord } from '../../../../routing/record/record.ts'
import { createdFor } from '../../read/record/record.ts'
import type { RoutedService } from '../../read/routed-service.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../../route/service-tables.ts'
import type { TableKey } from '../../route/table.ts'
import { endCohort, startCohort, type NamedTarget } from '../canary.ts'
import type { Cohort } from '../cohort-route.ts'
import type { ChosenRoutes } from '../split.ts'
import { removeCohort } from '../cohort.ts'
import { besideOf, cohortBeside, endCohortsBeside, nameBeside, type Beside } from './beside.ts'
import type { CohortCheck } from './copies.ts'
import { disturbancesOf, type Disturbance } from './effect.ts'
import { inPlace, nextPlaces, notBeside, type CohortPlaces, type PlaceBeside } from './places.ts'
import { leftOut, unreachedBases, withLabels } from './reach.ts'

/** A cohort that is to be set on the VirtualServices of a service. */
export interface CohortPlacing {
  readonly reading: IstioReading
  readonly routes: readonly VirtualService[]
  /** The cohort on one of them. */
  readonly cohortFor: (object: VirtualService) => Cohort
  readonly stable: NamedTarget
  /** What is changed before the routes: subsets. */
  readonly first: readonly Change[]
  /** The routes of one of them that a person chose; undefined for all. */
  readonly chosenAt?: (object: VirtualService) => ChosenRoutes | undefined
}

/** The changes of the routes, and what is wrong with them in the mesh where no place could be found. */
export interface Placed {
  readonly changes: readonly Change[]
  readonly disturbance: Disturbance | undefined
  /** The view with the changes. */
  readonly after: ClusterView
}

/**
 * Sets a cohort where it overtakes nothing: before its base routes; where that would take requests from the
 * routes of other VirtualServices of a gateway's host, in a VirtualService of its own that Istio sorts behind
 * all of them.
 */
export function placeCohort(given: CohortPlacing): Placed {
  const unreached = unreachedBases(given)
  const placing: CohortPlacing = {
    ...given,
    cohortFor: object => ({
      ...given.cohortFor(object),
      unreached: new Map([
        ...(unreached.get(object) ?? []),
        ...leftOut(given, object, given.chosenAt?.(object)),
      ]),
    }),
  }
  const { reading, routes } = placing
  const { name } = placing.cohortFor(routes[0]!)
  // What is overtaken says more than that a copy elsewhere has no effect.
  let overtaking: Disturbance | undefined
  for (let places = inPlace; ;) {
    const placed = placedWith(placing, places)
    const { disturbance, before, after } = placed
    if (disturbance?.is === 'overtakes') overtaking = disturbance
    const next = disturbance && nextPlaces({ reading, routes, name, places, disturbance, before, after })
    if (next === undefined) return { ...placed, disturbance: disturbance && (overtaking ?? disturbance) }
    places = next
  }
}

interface Attempt extends Placed {
  /** The view without the cohort. */
  readonly before: ClusterView
}

function placedWith(placing: CohortPlacing, places: CohortPlaces): Attempt {
  const { reading, routes, cohortFor, first } = placing
  const { view, service } = reading
  const given = new Set<string>()
  const { name, when, sticky } = cohortFor(routes[0]!)
  const set = routes.flatMap(before => changesAt(placing, places, { before, given }))
  const changes = [...set, ...leftBehind(reading, name, set)]
  const after = inSession(overlay(view, merged([...first, ...changes])))
  // Cohorts that are moved along are held against what they were themselves.
  const moved = [...places.beside].flatMap(([of, { isRenamed }]) => (isRenamed ? [of] : []))
  const before = without(moved.length === 0 ? view : after, service, name)
  const disturbance =
    disturbanceOf(reading, { service, name, when, sticky, before, after })
    ?? disturbanceOfMoved(reading, after, { name, moved })
  return { changes, disturbance, before, after }
}

function disturbanceOf(reading: IstioReading, check: CohortCheck): Disturbance | undefined {
  const gateways = gatewaysOf(reading)
  const [before, after] = [check.before, check.after].map(side => withAssumedGateways(side, gateways)) as [
    ClusterView,
    ClusterView,
  ]
  const keys = [before, after].flatMap(side => tableKeysOf(readService(side, reading.service, reading)))
  // Where Istio drops the cohort's routes, nothing else names the labels of its callers.
  const all = distinct([...keys, ...keys.map(key => withLabels(key, check.when))])
  return disturbancesOf({ ...check, before, after }, all)[0]
}

/** What the other cohorts of VirtualServices that are made again take that is not theirs. */
function disturbanceOfMoved(
  reading: IstioReading,
  after: ClusterView,
  { name, moved }: { readonly name: string; readonly moved: readonly string[] },
): Disturbance | undefined {
  const { service } = reading
  const others = after
    .list('VirtualService')
    .filter(object => moved.includes(createdFor(object) ?? ''))
    .flatMap(object => cohortsIn(object, service).filter(cohort => cohort.name !== name))
  return others
    .map(({ name: other, when, sticky }) =>
      disturbanceOf(reading, {
        service,
        name: other,
        when,
        sticky,
        before: without(after, service, other),
        after,
      }),
    )
    .find(found => found !== undefined && found.is !== 'no-effect')
}

interface Site {
  readonly before: VirtualService
  /** The names of new VirtualServices of the plan. */
  readonly given: Set<string>
}

/** The changes of one VirtualService and of those beside it. */
function changesAt(
  { reading: { view }, cohortFor, stable, chosenAt }: CohortPlacing,
  { beside, isLast }: CohortPlaces,
  { before, given }: Site,
): readonly Change[] {
  const cohort = cohortFor(before)
  const place = beside.get(nameOf(before)) ?? notBeside
  const places = { elsewhere: place.keys, isLast }
  const after = startCohort(before, { cohort, stable, places, chosen: chosenAt?.(before) })
  const later = overlay(view, [{ before, after }])
  const besides = entriesOf(view, before).flatMap(entry => {
    const own = nameOf(entry) === nameOf(before) ? after : entry
    return changesBeside(view, {
      beside: { ...place, view: later, object: after, entry: own },
      cohort,
      given,
    })
  })
  return [{ before, after }, ...besides]
}

/**
 * The cohort's routes that are left where it is not set any more: their base routes, or the VirtualServices
 * that they were made for, have gone.
 */
function leftBehind(
  { view, service }: IstioReading,
  name: string,
  set: readonly Change[],
): readonly Change[] {
  const handled = new Set(set.map(({ before }) => before))
  return endingCohort(view, { service, name, end: endCohort }).filter(({ before }) => !handled.has(before))
}

interface SiteBeside {
  readonly beside: Omit<Beside, 'name' | 'made' | 'hosts'> & PlaceBeside
  readonly cohort: Cohort
  readonly given: Set<string>
}

/** The changes of the VirtualService beside one that is edited, for the requests that come by one entry. */
function changesBeside(view: ClusterView, { beside, cohort, given }: SiteBeside): readonly Change[] {
  const { entry, keys, isRenamed } = beside
  const made = besideOf(view, beside)
  if (made !== undefined && !isRenamed) return [{ before: made, after: besideAs(made.metadata.name, made) }]
  if (keys.size === 0) return []
  const name = nameBeside(view, beside, given)
  const object = besideAs(name, made && renamed(made, name))
  if (object !== undefined) given.add(`${namespaceOf(entry)}/${name}`)
  return [
    ...(object === undefined ? [] : [{ after: object }]),
    ...(made === undefined ? [] : [{ before: made, after: undefined }]),
  ]

  function besideAs(name: string, kept?: VirtualService): VirtualService | undefined {
    const hosts = beside.hosts.get(nameOf(entry)) ?? []
    return cohortBeside({ ...beside, name, made: kept, hosts }, cohort)
  }
}

/** A VirtualService under another name, without what its old one had from the cluster. */
function renamed(made: VirtualService, name: string): VirtualService {
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, generation: _g, ...metadata } = made.metadata
  return { ...made, metadata: { ...metadata, name } }
}

/**
 * The view as it is without a cohort of the service: what its routes are held against, also where it is set
 * again.
 */
function without(view: ClusterView, service: RoutedService, name: string): ClusterView {
  const changes = endingCohort(view, { service, name, end: removeCohort })
  return changes.length === 0 ? view : inSession(overlay(view, changes))
}

interface CohortToEnd {
  readonly service: RoutedService
  readonly name: string
  /** What takes it from a VirtualService with routes of its own. */
  readonly end: typeof removeCohort
}

/** The changes that take a cohort of the service away. */
function endingCohort(view: ClusterView, { service, name, end }: CohortToEnd): readonly Change[] {
  const isThis = (cohort: CohortRecord): boolean => cohort.name === name
  return view
    .list('VirtualService')
    .filter(object => cohortsIn(object, service).some(isThis))
    .map(before => ({
      before,
      after:
        createdFor(before) === undefined
          ? end(before, service, name)
          : endCohortsBeside(before, service, isThis),
    }))
}

const distinct = (keys: readonly TableKey[]): readonly TableKey[] => [
  ...new Map(keys.map(key => [JSON.stringify(key), key])).values(),
]
