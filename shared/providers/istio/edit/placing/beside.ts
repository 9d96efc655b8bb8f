import { nameOf } from '../../read/routes/carriers.ts'
import { cohortsIn, type CohortRecord } from '../../../../routing/record/record.ts'
import { createdFor, createdUnder, recordOf } from '../../read/record/record.ts'
import { listOf, type RoutedService } from '../../read/routed-service.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { cohortRoute, type Cohort } from '../cohort-route.ts'
import { freeNames, isCohort, removeCohort, routesAfter, stemOf, withEntry } from '../cohort.ts'
import { enteredRoutes, type Entered } from './entered-routes.ts'
import { withRecord } from '../../../../routing/record/write-record.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'

/** A VirtualService that carries the routes of cohorts for gateways: what it is for, and what it is to be. */
export interface Beside extends Entered {
  /** The view with the base routes as they are to be. */
  readonly view: ClusterView
  readonly name: string
  /** The existing one, if there is one. */
  readonly made: VirtualService | undefined
  /** The keys of the base routes whose copies are there. */
  readonly keys: ReadonlySet<string>
  /** The hosts that the copies are for. */
  readonly hosts: readonly string[]
  /** Exported to all, and not only to those whom the other one is exported to. */
  readonly isPublic: boolean
}

/**
 * A VirtualService of the same gateways that carries a cohort's copies of base routes that take everything.
 * Istio merges the VirtualServices of a gateway's host by age and moves what takes everything to the end: in
 * the youngest one, the copies are behind all other routes and before those. Undefined where no copy is for
 * gateways.
 */
export function cohortBeside(beside: Beside, cohort: Cohort): VirtualService | undefined {
  const { view, object, entry: under, name, made, keys, hosts } = beside
  const bases = hosts.length === 0 ? [] : enteredRoutes(view, cohort.service, beside)
  const whole: Cohort = { ...cohort, demands: [] }
  const copies = bases.flatMap(({ key, route: base, written }) =>
    keys.has(key) ? (cohortRoute(object, whole, { base, written, within: 'beside' }) ?? []) : [],
  )
  const empty = made ?? newBeside(under, name)
  const record = recordOf(empty)
  const previous = record.cohorts.find(isCohort(cohort.service, cohort.name))
  const rest = removeCohort(empty, cohort.service, cohort.name)
  if (copies.length === 0) return listOf(rest.spec.http).length === 0 ? undefined : rest
  const others = listOf(rest.spec.http)
  const taken = new Set(others.map(route => route.name))
  const names = freeNames({ stem: stemOf(cohort), count: copies.length, taken })
  const next = routesAfter(recordOf(rest), cohort)
  const at =
    previous === undefined || next.isSaid ? placeOf(rest, [...next.names]) : placeOf(empty, previous.routes)
  const own = copies.map((copy, i): HttpRoute => ({ name: names[i]!, ...copy }))
  const cohorts = withEntry(record.cohorts, cohort, names)
  return withRecord(
    { ...empty, spec: specOf(beside, rest, [...others.slice(0, at), ...own, ...others.slice(at)]) },
    { cohorts, restore: { ...record.restore, ...createdFrom(beside) } },
  )
}

const createdFrom = ({ object, entry }: Entered) => ({
  createdFor: nameOf(object),
  ...(nameOf(entry) === nameOf(object) ? {} : { createdUnder: nameOf(entry) }),
})

/** What the routes are for: the hosts of this cohort's copies and those of the cohorts that are there. */
function specOf(
  { entry, hosts, isPublic }: Beside,
  rest: VirtualService,
  http: readonly HttpRoute[],
): VirtualService['spec'] {
  const kept = listOf(rest.spec.http).length === 0 ? [] : listOf(rest.spec.hosts)
  return {
    ...rest.spec,
    hosts: listOf(entry.spec.hosts).filter(host => hosts.includes(host) || kept.includes(host)),
    ...(isPublic ? { exportTo: ['*'] } : {}),
    http,
  }
}

/** The VirtualServices of ours that carry the copies of another one's base routes. */
export const besidesOf = (view: ClusterView, object: VirtualService): readonly VirtualService[] =>
  view.list('VirtualService').filter(other => createdFor(other) === nameOf(object))

/** That of them which is for the requests that come by an entry. */
export const besideOf = (view: ClusterView, { object, entry }: Entered): VirtualService | undefined =>
  besidesOf(view, object).find(other => createdUnder(other) === nameOf(entry))

/**
 * A free name that Istio sorts behind those of all VirtualServices that share a gateway with this one, should
 * they be of one age. `given` are names that new ones of the same plan have.
 */
export function nameBeside(
  view: ClusterView,
  { object, entry }: Entered,
  given: ReadonlySet<string>,
): string {
  const { gateways, namespace } = routingOf(entry)
  const sharing = view
    .list('VirtualService')
    .filter(other => routingOf(other).gateways.some(name => name !== 'mesh' && gateways.includes(name)))
    .map(({ metadata }) => metadata.name)
  const own = object.metadata.name
  const last = [entry.metadata.name, ...sharing].toSorted().at(-1)!
  const isFree = (name: string): boolean =>
    name > last
    && !given.has(`${namespace}/${name}`)
    && view.get({ kind: 'VirtualService', namespace, name }) === undefined
  const name = [`${own}-canary`, `${last}-canary`, `${last}-${own}-canary`].find(isFree)
  if (name !== undefined) return name
  for (let i = 2; ; i++) if (isFree(`${last}-canary-${i}`)) return `${last}-canary-${i}`
}

/**
 * A VirtualService of ours without the cohorts of a service that are over; undefined where it carries nothing
 * any more.
 */
export function endCohortsBeside(
  made: VirtualService,
  service: RoutedService,
  isOver: (cohort: CohortRecord) => boolean,
): VirtualService | undefined {
  const over = cohortsIn(made, service).filter(isOver)
  const left = over.reduce((rest, { name }) => removeCohort(rest, service, name), made)
  return listOf(left.spec.http).length === 0 ? undefined : left
}

/** How many routes of others come before those of the names. */
function placeOf({ spec }: VirtualService, names: readonly string[]): number {
  const index = listOf(spec.http).findIndex(({ name }) => names.includes(name ?? ''))
  return index < 0 ? listOf(spec.http).length : index
}

function newBeside({ apiVersion, metadata, spec }: VirtualService, name: string): VirtualService {
  const gateways = listOf(spec.gateways).filter(gateway => gateway !== 'mesh')
  return {
    apiVersion,
    kind: 'VirtualService',
    metadata: { name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
    spec: {
      hosts: listOf(spec.hosts),
      gateways,
      ...(spec.exportTo === undefined ? {} : { exportTo: spec.exportTo }),
      http: [],
    },
  }
}
