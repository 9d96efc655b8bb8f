import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import type { RecordedCohort } from '../provider.ts'
import type { RoutedService } from '../service.ts'
import type { WantedCohort } from '../wanted.ts'
import { cohortsIn, isOfPeople, readRecord, wantedCohort, type CohortRecord } from './record.ts'

/** The routing objects that carry records, and what a routing API knows of them. */
export interface CohortCarriers<Carrier extends KubeObject> {
  readonly objects: readonly Carrier[]
  /** The names of the routes that an object has now, as records name them. */
  readonly routesOf: (object: Carrier) => readonly (string | undefined)[]
  /** The service that a record names. */
  readonly serviceOf: (record: CohortRecord, object: Carrier) => RoutedService
}

/**
 * Every cohort that is recorded for a service of the namespace, or with `*` of any, also where nothing else names
 * the service.
 */
export function recordedOn<Carrier extends KubeObject>(
  { objects, routesOf, serviceOf }: CohortCarriers<Carrier>,
  namespace: string,
): readonly RecordedCohort[] {
  const all = objects.flatMap(object => {
    const there = new Set(routesOf(object))
    return (readRecord(object)?.cohorts ?? []).filter(isOfPeople).map((record): RecordedCohort => ({
      ...wantedCohort(record),
      service: record.service,
      routed: serviceOf(record, object),
      object: refOf(object),
      routes: record.routes,
      lost: record.routes.filter(name => !there.has(name)),
    }))
  })
  return namespace === '*' ? all : all.filter(({ routed }) => routed.namespace === namespace)
}

/**
 * The cohorts that people set for a service, each once, in the order of their first records. Where the records of
 * several objects differ, the one that was set last counts.
 */
export function cohortsOn(objects: readonly KubeObject[], service: RoutedService): readonly WantedCohort[] {
  const records = objects.flatMap(object => cohortsIn(object, service)).filter(isOfPeople)
  return [...Map.groupBy(records, ({ name }) => name).values()].map(([first, ...others]) =>
    wantedCohort(others.reduce((last, record) => (isLater(record, last) ? record : last), first!)),
  )
}

const isLater = ({ since }: CohortRecord, than: CohortRecord): boolean =>
  since !== undefined && (than.since === undefined || Date.parse(since) > Date.parse(than.since))
