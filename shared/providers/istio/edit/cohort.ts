import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { HttpRoute, VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import type { Condition } from '../../../routing/condition.ts'
import { clash, narrow } from '../resolve/objects/match.ts'
import { withRecord } from './record.ts'
import { ourRoutes, recordOf, type CohortRecord } from '../read/record.ts'
import { destinationsTo, idOf, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'

/** A named group of a service's requests and the version that they are to go to. */
export interface Cohort {
  readonly name: string
  readonly service: RoutedService
  /** The version as people call it, and the subset that stands for it. */
  readonly to: { readonly version: string; readonly subset: string }
  readonly when: readonly Condition[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
}

/** Whether a route is a base route of the service: one that is not ours and leads to it. */
export function baseRouteTest(
  virtualService: VirtualService,
  service: RoutedService,
): (route: HttpRoute) => boolean {
  const ours = ourRoutes(virtualService)
  const leads = leadsTo(virtualService, service)
  return route =>
    !(route?.name !== undefined && ours.has(route.name)) && destinationsTo(route, leads).length > 0
}

/**
 * Puts the cohort's route directly before each base route to its service: a copy of that route, so that everything else about it
 * is inherited, narrowed to the cohort's requests and leading to the cohort's version alone. Shadow traffic is not copied. Adding
 * a cohort again replaces it where it stands. Throws a CanaryError `refused` where a base route cannot be narrowed.
 */
export function addCohort(virtualService: VirtualService, cohort: Cohort): VirtualService {
  const record = recordOf(virtualService)
  const isThis = isCohort(cohort.service, cohort.name)
  const previous = record.cohorts.find(isThis)
  const isBase = baseRouteTest(virtualService, cohort.service)
  const routes = listOf(virtualService.spec.http)
  const bases = routes.filter(isBase)
  if (bases.length === 0) return virtualService
  const mine = new Set(previous?.routes)
  const taken = new Set(
    routes.filter(({ name }) => name === undefined || !mine.has(name)).map(({ name }) => name),
  )
  const names = freeNames({
    stem: `canary-${cohort.service.name}-${cohort.name}`,
    count: bases.length,
    taken,
  })
  const made = new Map(
    bases.map((base, i) => [base, cohortRoute(virtualService, cohort, { base, name: names[i]! })]),
  )
  const entry = entryOf(cohort, { names, previous })
  const cohorts =
    previous === undefined
      ? [...record.cohorts, entry]
      : record.cohorts.map(other => (isThis(other) ? entry : other))
  const http = placed(routes, { made, mine, ours: ourRoutes(virtualService) })
  return withRecord({ ...virtualService, spec: { ...virtualService.spec, http } }, { ...record, cohorts })
}

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

const isCohort =
  (service: RoutedService, name: string) =>
  (cohort: CohortRecord): boolean =>
    cohort.service === idOf(service) && cohort.name === name

function cohortRoute(
  virtualService: VirtualService,
  cohort: Cohort,
  { base, name }: { readonly base: HttpRoute; readonly name: string },
): HttpRoute {
  const leads = leadsTo(virtualService, cohort.service)
  const blocks = listOf(base.match).length === 0 ? [{}] : listOf(base.match)
  const foreign = listOf(base.route).find(({ destination }) => !leads(destination))
  const reason =
    foreign === undefined
      ? blocks.map(block => clash(block, cohort.when)).find(found => found !== undefined)
      : `it also splits to another host, ${foreign.destination?.host}`
  const hint =
    foreign === undefined
      ? otherConditions
      : "Versions that are Services of their own cannot take a cohort: let the route lead to one Service that has a subset for each version, or write the cohort's route by hand."
  if (reason !== undefined) throw refusal(virtualService, base, { reason, hint })
  const {
    mirror: _m,
    mirrors: _ms,
    mirrorPercentage: _p,
    mirrorPercent: _q,
    mirror_percent: _r,
    name: _n,
    match: _b,
    ...rest
  } = base
  const match = blocks.map(block => narrow(block, cohort.when))
  return {
    name,
    match,
    ...rest,
    route: [toSubset(templateFor(destinationsTo(base, leads), cohort.to.subset), cohort.to.subset)],
  }
}

const otherConditions =
  'Change that route by hand, or choose other conditions with --header, --cookie, --query or --source-label.'

function refusal(
  virtualService: VirtualService,
  base: HttpRoute,
  { reason, hint }: { readonly reason: string; readonly hint: string },
): CanaryError {
  const index = listOf(virtualService.spec.http).indexOf(base)
  const named = base.name === undefined ? '' : ` (${base.name})`
  return new CanaryError(
    'refused',
    `VirtualService ${namespaceOf(virtualService)}/${virtualService.metadata.name}, spec.http[${index}]${named}: no cohort can be put before this route, because ${reason}`,
    {
      hints: [hint],
    },
  )
}

/** The destination whose settings a version inherits: its own, else the first. */
export const templateFor = (
  destinations: readonly WeightedDestination[],
  subset: string,
): WeightedDestination =>
  destinations.find(({ destination }) => destination.subset === subset) ?? destinations[0]!

/** A destination turned to a subset, alone in its route and so without a weight. */
export function toSubset({ weight: _, ...rest }: WeightedDestination, subset: string): WeightedDestination {
  return { ...rest, destination: { ...rest.destination, subset } }
}

function entryOf(
  { name, service, to, when, since, until, reason }: Cohort,
  { names, previous }: { readonly names: readonly string[]; readonly previous: CohortRecord | undefined },
): CohortRecord {
  const entry = {
    service: idOf(service),
    name,
    to: to.version,
    when,
    routes: names,
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined ? {} : { reason }),
  }
  const isSame = previous?.to === entry.to && JSON.stringify(previous.when) === JSON.stringify(when)
  const start = isSame ? (previous.since ?? since) : since
  return start === undefined ? entry : { ...entry, since: start }
}

/** Each made route stands directly before its base; one that is there already is replaced in its place among its neighbours. */
function placed(
  routes: readonly HttpRoute[],
  {
    made,
    mine,
    ours,
  }: {
    readonly made: ReadonlyMap<HttpRoute, HttpRoute>
    readonly mine: ReadonlySet<string>
    readonly ours: ReadonlySet<string>
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
    if (own !== undefined) kept.splice(index < 0 ? kept.length : index, 0, own)
    placedRoutes.push(...kept, route)
    waiting = []
  }
  return [...placedRoutes, ...waiting.filter(route => !isIn(mine, route))]
}

function freeNames({
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
