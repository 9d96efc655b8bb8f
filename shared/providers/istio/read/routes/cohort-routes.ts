import { formatPath } from '../../../../objects/paths.ts'
import type { HttpMatch, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { entranceOf, type Condition } from '../../../../routing/condition.ts'
import { roundPercent } from '../../../../routing/shares.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import type { CohortRoute, Share, StickySplit } from '../../../../routing/traffic.ts'
import { isFields } from '../../../../objects/unchecked.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { baseRoutesOf, takenBy, type EntryQuestion } from './base-routes.ts'
import { carriedRoutes, getsRequests, httpRouteAt, nameOf } from './carriers.ts'
import type { CarriedRoute, Carrier } from './carriers.ts'
import { faultOf } from './faults.ts'
import { idleOf } from './idle.ts'
import { isOnRoute } from '../record/chosen-routes.ts'
import { cohortsIn, type CohortRecord } from '../../../../routing/record/record.ts'
import { createdFor } from '../record/record.ts'
import { isOfPeople } from '../../../../routing/record/record.ts'
import { stickyIn } from '../record/sticky.ts'
import { listOf } from '../routed-service.ts'
import { targetIn } from '../version-target.ts'
import { versionNamed } from '../versions.ts'
import { isMeantBy } from './cohort-table.ts'
import { uncoveredPlaces } from './uncovered.ts'
import { canMeet } from '../../resolve/objects/match.ts'

/** The cohorts that a VirtualService carries routes of, and whether the mesh carries them out. */
export const cohortRoutesOf = (
  view: ClusterView,
  carrier: Carrier,
  question: EntryQuestion,
): readonly CohortRoute[] =>
  cohortsIn(carrier.object, question.service)
    .filter(isOfPeople)
    .map(record => cohortRouteOf(view, record, { carrier, question }))

/** How users keep their version of the splits of a VirtualService; undefined where they do not. */
export function stickySplitOf(
  view: ClusterView,
  carrier: Carrier,
  question: EntryQuestion,
): StickySplit | undefined {
  const record = stickyIn(carrier.object, question.service)
  if (record === undefined) return undefined
  const routes = cohortsIn(carrier.object, question.service)
    .filter(cohort => !isOfPeople(cohort))
    .map(cohort => cohortRouteOf(view, cohort, { carrier, question }))
  return {
    cookie: record.cookie,
    ttl: record.ttl,
    versions: routes.filter(({ reached }) => reached).map(({ to }) => to),
    uncovered: [...new Set(routes.flatMap(({ uncovered }) => uncovered))],
  }
}

interface Place {
  readonly carrier: Carrier
  readonly question: EntryQuestion
}

function cohortRouteOf(view: ClusterView, record: CohortRecord, place: Place): CohortRoute {
  const { name, to, when, since, until, reason } = record
  const { carrier, question } = place
  const made = question.carriers.filter(({ object }) => createdFor(object) === nameOf(carrier.object))
  const own = [carrier, ...made]
    .filter(each => idleOf(view, each, question) === undefined)
    .flatMap(each => routesOfCohort(view, each, { record, question }))
  const references = own
    .flatMap(each => each.references)
    .filter(({ reference }) => !reference.target.isMirror)
  const { fault, unknown } = faultOf(
    view,
    references.map(({ entry, reference }) => ({ root: entry.root, reference })),
    question,
  )
  const takes = chosenTakes(view, place)
  const shares = own.map(each => sharesIn(each, place)).find(found => found !== undefined)
  return {
    name,
    to,
    ...(shares !== undefined && { shares }),
    conditions: when,
    ...(takes !== undefined && { takes }),
    ...(since && { since }),
    ...(until && { until }),
    ...(reason && { reason }),
    reached: own.some(getsRequests),
    ...(fault !== undefined && { fault }),
    ...(unknown !== undefined && { unknown }),
    uncovered: uncoveredBases(view, record, place),
  }
}

/** Who gets what of the requests that a cohort's route takes, where it splits them. */
function sharesIn(
  { object, raw }: OwnRoute,
  { question: { service, versions } }: Place,
): readonly Share[] | undefined {
  const target = targetIn(object, service)
  const shares = sharesOf(listOf(raw?.route))
  return shares.length < 2
    ? undefined
    : shares.map(({ destination, percent }) => ({
        version: versionNamed(target(destination), versions),
        percent: roundPercent(percent),
      }))
}

/** What the routes take that a person chose for the canary; undefined where it is on all of them. */
function chosenTakes(view: ClusterView, { carrier, question }: Place): readonly string[] | undefined {
  const isChosen = isOnRoute(view, question.service)
  const bases = baseRoutesOf(view, carrier, question.service).filter(({ isReached }) => isReached)
  const chosen = bases.filter(({ section, raw }) => isChosen(carrier.object, section, raw))
  return chosen.length === 0 || chosen.length === bases.length ? undefined : [...new Set(chosen.map(takenBy))]
}

/** A route of a cohort, as it is written. */
interface OwnRoute extends CarriedRoute {
  readonly object: VirtualService
  readonly raw: HttpRoute | undefined
}

/** The routes that a VirtualService carries for a cohort. */
function routesOfCohort(
  view: ClusterView,
  carrier: Carrier,
  { record, question }: { readonly record: CohortRecord; readonly question: EntryQuestion },
): readonly OwnRoute[] {
  const names = new Set(
    cohortsIn(carrier.object, question.service)
      .filter(({ name }) => name === record.name)
      .flatMap(({ routes }) => routes),
  )
  return carriedRoutes(view, carrier)
    .filter(({ route }) => names.has(route.name ?? ''))
    .map(carried => ({
      ...carried,
      object: carrier.object,
      raw: httpRouteAt(carrier.object, carried.index),
    }))
}

/**
 * The base routes of a VirtualService without a route of the cohort, in this VirtualService or in another one
 * of the Service.
 */
function uncoveredBases(
  view: ClusterView,
  record: CohortRecord,
  { carrier, question }: Place,
): readonly string[] {
  const copies = question.carriers.flatMap(other => {
    const names = new Set(
      cohortsIn(other.object, question.service)
        .filter(({ name }) => name === record.name)
        .flatMap(({ routes }) => routes),
    )
    return listOf(other.object.spec.http)
      .filter(({ name }) => name !== undefined && names.has(name))
      .map(copy => ({ copy, callers: callersOf(copy, other) }))
  })
  const only = entranceOf(record.when)
  const bases = baseRoutesOf(view, carrier, question.service)
    .filter(({ section, isReached }) => section === 'http' && isReached)
    .filter(({ raw }) => isOnRoute(view, question.service)(carrier.object, 'http', raw))
    .filter(({ index }) => isMeantBy(record, httpRouteAt(carrier.object, index)!))
    .filter(({ index }) => {
      const base = httpRouteAt(carrier.object, index)!
      if (!isFor(base, record.when)) return false
      const found = copies.filter(({ copy }) => isCopyOf(copy, base, record.when))
      const covered = new Set(found.flatMap(({ callers }) => [...callers]))
      const asking = [...callersOf(base, carrier)].filter(kind => only === undefined || kind === only)
      return found.length === 0 || asking.some(kind => !covered.has(kind))
    })
  if (bases.length === 0) return []
  const places = uncoveredPlaces(view, { ...record, service: question.service }, { carrier, question })
  return bases
    .filter(({ index }) => places?.has(index) !== false)
    .map(({ index }) => `VirtualService ${nameOf(carrier.object)} ${formatPath(['spec', 'http', index])}`)
}

/** Whose requests a route can take: those of callers in the mesh, of gateways, or of both. */
function callersOf({ match }: HttpRoute, { entries }: Carrier): ReadonlySet<'mesh' | 'gateways'> {
  const blocks = listOf(match)
  const whole = entries.flatMap(({ root }) =>
    listOf(root.spec.gateways).length === 0 ? ['mesh'] : listOf(root.spec.gateways),
  )
  const names =
    blocks.length === 0
      ? whole
      : blocks.flatMap(({ gateways }) => (listOf(gateways).length === 0 ? whole : listOf(gateways)))
  return new Set(names.map(name => (name === 'mesh' ? 'mesh' : 'gateways')))
}

/** What a cohort's route does not take over from its base route as it is. */
const own = new Set([
  'name',
  'match',
  'route',
  'mirror',
  'mirrors',
  'mirrorPercentage',
  'mirrorPercent',
  'mirror_percent',
])

/** Whether some request of a cohort may meet a base route. */
const isFor = ({ match }: HttpRoute, when: readonly Condition[]): boolean =>
  listOf(match).length === 0 || listOf(match).some(block => canMeet(block, when))

/**
 * Whether a cohort's route is the copy of a base route: it does the same, and every block of the base has a
 * narrower one in it.
 */
function isCopyOf(copy: HttpRoute, base: HttpRoute, when: readonly Condition[]): boolean {
  const rest = (route: HttpRoute): string =>
    JSON.stringify(
      Object.entries(route)
        .filter(([key]) => !own.has(key))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  const blocks = listOf(base.match).filter(block => canMeet(block, when) && isForEntrance(block, when))
  const narrower = (block: HttpMatch): boolean => listOf(copy.match).some(own => isWithin(own, block))
  return rest(copy) === rest(base) && (listOf(base.match).length === 0 || blocks.every(narrower))
}

/** Whether a block is for an entrance where the conditions can hold. */
function isForEntrance({ gateways }: HttpMatch, when: readonly Condition[]): boolean {
  const only = entranceOf(when)
  const names = listOf(gateways)
  return (
    only === undefined || names.length === 0 || names.some(name => (name === 'mesh') === (only === 'mesh'))
  )
}

/** In a block that names gateways Istio does not ask who calls. */
const isNotAsked = (key: string, { gateways }: HttpMatch): boolean =>
  listOf(gateways).length > 0 && (key === 'sourceLabels' || key === 'sourceNamespace')

/** Whether a block asks for all that another one asks for. */
const isWithin = (narrow: HttpMatch, wide: HttpMatch): boolean =>
  Object.entries(wide).every(([key, value]) => {
    const said: unknown = Reflect.get(narrow, key)
    if (said === undefined && (key === 'gateways' || isNotAsked(key, wide))) return true
    if (!isFields(value) || !isFields(said)) return JSON.stringify(said) === JSON.stringify(value)
    return Object.entries(value).every(([name, test]) => JSON.stringify(said[name]) === JSON.stringify(test))
  })
