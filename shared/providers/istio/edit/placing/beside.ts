import { nameOf } from '../../read/routes/carriers.ts'
import { cohortsIn, recordOf, type CohortRecord } from '../../read/record/record.ts'
import { routeKeys } from '../../read/record/route-keys.ts'
import { listOf, type RoutedService } from '../../read/routed-service.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { cohortRoute, type Cohort } from '../cohort-route.ts'
import {
  baseRouteTest,
  entryOf,
  freeNames,
  isCohort,
  removeCohort,
  stemOf,
  type Elsewhere,
} from '../cohort.ts'
import { withRecord } from '../record.ts'

/** A VirtualService that carries the routes of cohorts for gateways: which one it is for, and its name. */
export interface Beside {
  readonly object: VirtualService
  readonly name: string
  /** The existing one, if there is one. */
  readonly made: VirtualService | undefined
}

/**
 * A VirtualService of the same gateways and hosts that carries a cohort's copies of base routes. Istio merges
 * the VirtualServices of a gateway's host by
 * age and moves routes that take everything to the end: in the youngest one, the copies are behind all other
 * routes and before those. Undefined where no copy is for gateways.
 */
export function cohortBeside(
  { object, name, made }: Beside,
  cohort: Cohort,
  elsewhere: Elsewhere,
): VirtualService | undefined {
  const keys = routeKeys(listOf(object.spec.http).filter(baseRouteTest(object, cohort.service)))
  const copies = [...keys].flatMap(([base, key]) =>
    elsewhere.has(key) ? (cohortRoute(object, cohort, { base, within: 'gateways' }) ?? []) : [],
  )
  const empty = made ?? newBeside(object, name)
  const record = recordOf(empty)
  const previous = record.cohorts.find(isCohort(cohort.service, cohort.name))
  const rest = removeCohort(empty, cohort.service, cohort.name)
  if (copies.length === 0) return listOf(rest.spec.http).length === 0 ? undefined : rest
  const others = listOf(rest.spec.http)
  const taken = new Set(others.map(route => route.name))
  const names = freeNames({ stem: stemOf(cohort), count: copies.length, taken })
  const at = previous === undefined ? others.length : placeOf(empty, previous.routes)
  const own = copies.map((copy, i): HttpRoute => ({ name: names[i]!, ...copy }))
  const entry = entryOf(cohort, { names, previous })
  const cohorts =
    previous === undefined
      ? [...record.cohorts, entry]
      : record.cohorts.map(other => (other === previous ? entry : other))
  return withRecord(
    { ...empty, spec: { ...empty.spec, http: [...others.slice(0, at), ...own, ...others.slice(at)] } },
    { cohorts, restore: { ...record.restore, createdFor: nameOf(object) } },
  )
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
