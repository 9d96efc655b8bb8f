import type { HttpRoute, VirtualService } from '../../../objects/virtual-service.ts'
import { baseRouteTest } from '../read/record/keyed-bases.ts'
import { routeKeys } from '../read/record/route-keys.ts'
import { cohortRoute, type Cohort } from './cohort-route.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import { ourRoutes, recordOf, type CanaryRecord } from '../read/record/record.ts'
import { type CohortRecord } from '../../../routing/record/record.ts'
import { idOf, listOf, type RoutedService } from '../read/routed-service.ts'

export { baseRouteTest }

/** Where a cohort's routes are put. */
export interface CopyPlaces {
  /** The keys of base routes whose copies for gateways are in another VirtualService. */
  readonly elsewhere: ReadonlySet<string>
  /** Behind the routes of other cohorts, also where the cohort had a place among them. */
  readonly isLast: boolean
}

const inPlace: CopyPlaces = { elsewhere: new Set(), isLast: false }

/**
 * Puts the cohort's route directly before each base route to its service: a copy of that route, so that
 * everything else about it
 * is inherited, narrowed to the cohort's requests and leading to the cohort's version alone. Shadow traffic
 * is not copied. Adding
 * a cohort again replaces it where it is. Before a base route whose copy for gateways is elsewhere, the copy
 * of what takes everything is for the mesh alone.
 * Throws a CanaryError `refused` where a base route cannot be narrowed.
 */
export function addCohort(
  virtualService: VirtualService,
  cohort: Cohort,
  { elsewhere, isLast }: CopyPlaces = inPlace,
): VirtualService {
  const record = recordOf(virtualService)
  const isThis = isCohort(cohort.service, cohort.name)
  const previous = record.cohorts.find(isThis)
  const routes = listOf(virtualService.spec.http)
  const keys = routeKeys(routes.filter(baseRouteTest(virtualService, cohort.service)))
  const mine = new Set(previous?.routes)
  const taken = new Set(
    routes.filter(({ name }) => name === undefined || !mine.has(name)).map(({ name }) => name),
  )
  const copies = [...keys].flatMap(([base, key]) => {
    const unreached = cohort.unreached?.get(key)
    if (unreached === 'all') return []
    const copy = cohortRoute(virtualService, cohort, {
      base,
      within: unreached === 'gateways' ? 'mesh' : elsewhere.has(key) ? 'before' : 'all',
    })
    return copy === undefined ? [] : [[base, copy] as const]
  })
  // Where all copies are elsewhere, the cohort is still written down here, beside what was changed here for
  // its sake.
  if (copies.length === 0 && ![...keys.values()].some(key => elsewhere.has(key)))
    return removeCohort(virtualService, cohort.service, cohort.name)
  const names = freeNames({ stem: stemOf(cohort), count: copies.length, taken })
  const made = new Map(copies.map(([base, copy], i) => [base, { name: names[i]!, ...copy }]))
  const cohorts = withEntry(record.cohorts, cohort, names)
  const places = { made, mine, ours: ourRoutes(virtualService), next: routesAfter(record, cohort), isLast }
  const http = placed(routes, places)
  return withRecord({ ...virtualService, spec: { ...virtualService.spec, http } }, { ...record, cohorts })
}

/** What the names of a cohort's routes begin with. */
export const stemOf = ({ service, name }: Cohort): string =>
  `canary-${service.name}-${name.replaceAll(' ', '-')}`

/** Takes the cohort's routes and its record away; what is left is what was there before it came. */
export function removeCohort(
  virtualService: VirtualService,
  service: RoutedService,
  name: string,
): VirtualService {
  const record = recordOf(virtualService)
  const isThis = isCohort(service, name)
  const gone = new Set(record.cohorts.filter(isThis).flatMap(({ routes }) => routes))
  if (!record.cohorts.some(isThis)) return virtualService
  const http = listOf(virtualService.spec.http).filter(
    route => route.name === undefined || !gone.has(route.name),
  )
  return withRecord(
    { ...virtualService, spec: { ...virtualService.spec, http } },
    { ...record, cohorts: record.cohorts.filter(cohort => !isThis(cohort)) },
  )
}

/** Whether a record is that of a service's cohort. */
export const isCohort =
  (service: RoutedService, name: string) =>
  (cohort: CohortRecord): boolean =>
    cohort.service === idOf(service) && cohort.name === name

/**
 * The record of a cohort whose routes have these names. Its `since` is kept while version and conditions are
 * unchanged.
 */
export function entryOf(
  { name, service, to, rest, when, since, until, reason, sticky }: Cohort,
  { names, previous }: { readonly names: readonly string[]; readonly previous: CohortRecord | undefined },
): CohortRecord {
  const entry = {
    service: idOf(service),
    name,
    to: to.version,
    ...(rest === undefined ? {} : { share: 100 - rest.percent }),
    when,
    routes: names,
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined ? {} : { reason }),
    ...(sticky === undefined ? {} : { sticky }),
  }
  const isSame = previous?.to === entry.to && JSON.stringify(previous.when) === JSON.stringify(when)
  const start = isSame ? (previous.since ?? since) : since
  return start === undefined ? entry : { ...entry, since: start }
}

/**
 * The routes with each made route directly before its base; an existing one is replaced at its place among
 * its neighbours.
 */
function placed(
  routes: readonly HttpRoute[],
  {
    made,
    mine,
    ours,
    next,
    isLast,
  }: {
    readonly made: ReadonlyMap<HttpRoute, HttpRoute>
    readonly mine: ReadonlySet<string>
    readonly ours: ReadonlySet<string>
    readonly next: NextRoutes
    readonly isLast: boolean
  },
): readonly HttpRoute[] {
  const isIn = (names: ReadonlySet<string>, route: HttpRoute | undefined) =>
    route?.name !== undefined && names.has(route.name)
  const placedRoutes: HttpRoute[] = []
  let waiting: HttpRoute[] = []
  for (const route of routes) {
    if (isIn(ours, route)) {
      waiting.push(route)
      continue
    }
    const own = made.get(route)
    const index = waiting.findIndex(other => isIn(mine, other))
    const kept = waiting.filter(other => !isIn(mine, other))
    const first = kept.findIndex(other => isIn(next.names, other))
    const end = first < 0 ? kept.length : first
    if (own !== undefined) kept.splice(index < 0 || isLast || next.isSaid ? end : index, 0, own)
    placedRoutes.push(...kept, route)
    waiting = []
  }
  return [...placedRoutes, ...waiting.filter(route => !isIn(mine, route))]
}

/** The routes that a cohort's go before. */
export interface NextRoutes {
  readonly names: ReadonlySet<string>
  /** A person said so; else they are those by which users keep a version. */
  readonly isSaid: boolean
}

/**
 * What a cohort's routes go before: those of the cohort that a person named, and those by which users keep a
 * version: a cohort's requests are its own, whatever cookies they have.
 */
export function routesAfter({ cohorts }: CanaryRecord, { sticky, before, service }: Cohort): NextRoutes {
  const isNext = (other: CohortRecord): boolean =>
    (sticky !== true && other.sticky === true) || (before !== undefined && isCohort(service, before)(other))
  return {
    names: new Set(cohorts.filter(isNext).flatMap(({ routes }) => routes)),
    isSaid: before !== undefined && cohorts.some(isCohort(service, before)),
  }
}

/** The records with that of a cohort: in the place of its earlier one, or before that of the cohort that it goes before. */
export function withEntry(
  cohorts: readonly CohortRecord[],
  cohort: Cohort,
  names: readonly string[],
): readonly CohortRecord[] {
  const { service, name, before } = cohort
  const isThis = isCohort(service, name)
  const previous = cohorts.find(isThis)
  const entry = entryOf(cohort, { names, previous })
  const others = cohorts.filter(other => !isThis(other))
  const next = before === undefined ? -1 : others.findIndex(isCohort(service, before))
  if (next >= 0) return [...others.slice(0, next), entry, ...others.slice(next)]
  return previous === undefined ? [...cohorts, entry] : cohorts.map(other => (isThis(other) ? entry : other))
}

/** So many names that no other route has. */
export function freeNames({
  stem,
  count,
  taken,
}: {
  readonly stem: string
  readonly count: number
  readonly taken: ReadonlySet<string | undefined>
}): readonly string[] {
  const names: string[] = []
  for (let i = 1; names.length < count; i++) {
    if (!taken.has(`${stem}-${i}`)) names.push(`${stem}-${i}`)
  }
  return names
}
