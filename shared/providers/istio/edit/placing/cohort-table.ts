import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { Condition } from '../../../../routing/condition.ts'
import { narrow } from '../../../../routing/narrow.ts'
import type { RouteRef } from '../../../../routing/decision.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { cohortsIn } from '../../read/record/record.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../../read/routed-service.ts'
import type { TableKey, TableRoute } from '../../route/table.ts'

/** A cohort as it was set, and the view with it. */
export interface CohortCheck {
  readonly service: RoutedService
  readonly name: string
  readonly when: readonly Condition[]
  readonly before: ClusterView
  readonly after: ClusterView
}

/** A route of a caller's table, and the view that the table is of. */
export interface SeenRoute {
  readonly view: ClusterView
  readonly route: TableRoute
}

/** Whether a route is a base route of the service: one that leads to it and is no cohort's. */
export function isBase(check: CohortCheck, { view, route }: SeenRoute): boolean {
  const object = objectOf(view, route.ref)
  const written = writtenRoute(view, route.ref)
  return (
    object !== undefined
    && written !== undefined
    && !isOfAnyCohort(check, { view, route })
    && destinationsTo(written, leadsTo(object, check.service)).length > 0
  )
}

/** Whether a route is of a cohort of the service, this one or another. */
export function isOfAnyCohort({ service }: CohortCheck, { view, route: { ref } }: SeenRoute): boolean {
  const object = objectOf(view, ref)
  const name = writtenRoute(view, ref)?.name
  return (
    object !== undefined
    && name !== undefined
    && cohortsIn(object, service).some(({ routes }) => routes.includes(name))
  )
}

/** Whether a route is of the cohort that is set. */
export function isOwn({ service, name }: CohortCheck, { view, route }: SeenRoute): boolean {
  const object = objectOf(view, route.ref)
  const written = writtenRoute(view, route.ref)
  if (object === undefined || written?.name === undefined) return false
  return cohortsIn(object, service).some(
    cohort => cohort.name === name && cohort.routes.includes(written.name!),
  )
}

/** The VirtualService in which a table's route is written. */
export const objectOf = (view: ClusterView, { object }: RouteRef): VirtualService | undefined =>
  view.get({ kind: 'VirtualService', namespace: object.namespace, name: object.name })

/** The http route of an object that a table's route is of. */
export const writtenRoute = (view: ClusterView, route: RouteRef): HttpRoute | undefined =>
  listOf(objectOf(view, route)?.spec.http)[Number(route.place[2])]

/** Who a caller is has been decided when a table is made: a table's matches do not ask. */
export const callerFree = (when: readonly Condition[]): readonly Condition[] =>
  when.filter(({ on }) => on !== 'source-label')

/** Whether a caller has the labels that the conditions ask for. */
export const meetsLabels = (when: readonly Condition[], { caller }: TableKey): boolean =>
  when.every(
    condition => condition.on !== 'source-label' || caller.labels[condition.name] === condition.value,
  )

/** What the copy of a route asks for, to be compared with {@link askedBy}. */
export const askedByCopyOf = ({ when }: CohortCheck, { match }: TableRoute): string =>
  sortedText(narrow(match, callerFree(when)))

/** What a route asks for, as a text that does not depend on the order in which its tests are written. */
export const askedBy = ({ match }: TableRoute): string => sortedText(match)

/** A value as a text that does not depend on the order of keys and items. */
export const sortedText = (content: object): string =>
  JSON.stringify(content, (_, value: unknown) =>
    Array.isArray(value)
      ? value.map(item => JSON.stringify(item)).toSorted()
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )
