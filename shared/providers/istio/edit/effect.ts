import type { HttpRoute, VirtualService } from '../../../objects/virtual-service.ts'
import type { Condition } from '../../../routing/condition.ts'
import type { Match } from '../../../routing/match.ts'
import { canBothHold, narrow } from '../../../routing/narrow.ts'
import type { RouteRef } from '../../../routing/decision.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { cohortsIn } from '../read/record/record.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'
import { routeTable, type RouteTable, type TableKey, type TableRoute } from '../route/table.ts'

/** What a cohort does in the mesh that it is not meant to, or does not do that it is. */
export interface Disturbance {
  readonly is: 'overtakes' | 'no-effect' | 'takes-others' | 'changes-others'
  readonly key: TableKey
  /** The base route that the cohort's route is a copy of, as it is written. */
  readonly base: RouteRef | undefined
  /** The route that the cohort's route would take requests from. */
  readonly overtaken: RouteRef | undefined
}

/** A cohort as it was set, and the view with it. */
export interface CohortCheck {
  readonly service: RoutedService
  readonly name: string
  readonly when: readonly Condition[]
  readonly before: ClusterView
  readonly after: ClusterView
}

/**
 * What is wrong with a cohort in the tables of routes that callers have after the edit: each base route must have its copy before it, the copy must come
 * directly before it or overtake no other route, it must be for the cohort's requests alone, and all other routes must be as before.
 */
export const disturbancesOf = (check: CohortCheck, keys: readonly TableKey[]): readonly Disturbance[] =>
  keys.flatMap(key => inTable(check, key))

function inTable(check: CohortCheck, key: TableKey): readonly Disturbance[] {
  const [before, after] = [routeTable(check.before, key), routeTable(check.after, key)]
  const own = new Set(after.routes.filter(route => isOwn(check, check.after, route)))
  const disturbance = (is: Disturbance['is'], base?: TableRoute, overtaken?: TableRoute): Disturbance => ({
    is,
    key,
    base: base?.ref,
    overtaken: overtaken?.ref,
  })
  if (!sameOthers(check, { before, after })) return [disturbance('changes-others')]
  const isForCaller = meetsLabels(check.when, key)
  if (!isForCaller) return own.size === 0 ? [] : [disturbance('takes-others', [...own][0])]
  return basesIn(check, after).flatMap((base): readonly Disturbance[] => {
    const at = after.routes.indexOf(base)
    const wanted = textOf(narrow(base.match, callerFree(check.when)))
    const copies = [...own].filter(copy => textOf(copy.match) === wanted)
    const place = copies.map(copy => after.routes.indexOf(copy)).find(index => index < at)
    if (place === undefined) return [disturbance('no-effect', base)]
    const between = after.routes.slice(place + 1, at)
    const overtaken = between.find(
      route =>
        !isOfOneRoute(route.ref, base.ref)
        && !isOfOneRoute(route.ref, after.routes[place]!.ref)
        && canBothHold(route.match, after.routes[place]!.match),
    )
    return overtaken === undefined ? [] : [disturbance('overtakes', base, overtaken)]
  })
}

/**
 * Whether the tables have the same routes but for the cohort's, in the same order, asking the same. Where all requests of a caller are the cohort's, its
 * route takes the place of its base route, which then is not even generated.
 */
function sameOthers(
  check: CohortCheck,
  { before, after }: { readonly before: RouteTable; readonly after: RouteTable },
): boolean {
  const others = (table: RouteTable, view: ClusterView): readonly string[] =>
    table.routes
      .filter(route => !isOwn(check, view, route))
      .map(({ ref: { object, name }, match }) => JSON.stringify([keyOf(object), name, textOf(match)]))
  const [was, is] = [others(before, check.before), others(after, check.after)]
  if (before.kind !== after.kind || is.some((text, i) => text !== was[i])) return false
  const last = after.routes.at(-1)
  const replaced = before.routes.filter(route => !isOwn(check, check.before, route))[is.length]
  if (replaced === undefined) return true
  return (
    last !== undefined && isOwn(check, check.after, last) && textOf(replaced.match) === textOf(last.match)
  )
}

/** The blocks of base routes of the service that take requests, in the order in which they are tried. */
function basesIn(check: CohortCheck, { routes }: RouteTable): readonly TableRoute[] {
  return routes.filter(route => {
    const object = objectOf(check.after, route.ref)
    const written = writtenRoute(check.after, route.ref)
    return (
      object !== undefined
      && written !== undefined
      && !isOwn(check, check.after, route)
      && !isOfAnyCohort(check, object, written)
      && destinationsTo(written, leadsTo(object, check.service)).length > 0
    )
  })
}

const isOfAnyCohort = ({ service }: CohortCheck, object: VirtualService, { name }: HttpRoute): boolean =>
  cohortsIn(object, service).some(({ routes }) => name !== undefined && routes.includes(name))

function isOwn({ service, name }: CohortCheck, view: ClusterView, route: TableRoute): boolean {
  const object = objectOf(view, route.ref)
  const written = writtenRoute(view, route.ref)
  if (object === undefined || written?.name === undefined) return false
  return cohortsIn(object, service).some(
    cohort => cohort.name === name && cohort.routes.includes(written.name!),
  )
}

const objectOf = (view: ClusterView, { object }: RouteRef): VirtualService | undefined =>
  view.get({ kind: 'VirtualService', namespace: object.namespace, name: object.name })

/** The http route of an object that a table's route is of. */
export const writtenRoute = (view: ClusterView, route: RouteRef): HttpRoute | undefined =>
  listOf(objectOf(view, route)?.spec.http)[Number(route.place[2])]

const isOfOneRoute = (one: RouteRef, other: RouteRef): boolean =>
  keyOf(one.object) === keyOf(other.object) && one.place[2] === other.place[2]

/** Who a caller is has been decided when a table is made: a table's matches do not ask. */
const callerFree = (when: readonly Condition[]): readonly Condition[] =>
  when.filter(({ on }) => on !== 'source-label')

const meetsLabels = (when: readonly Condition[], { caller }: TableKey): boolean =>
  when.every(
    condition => condition.on !== 'source-label' || caller.labels[condition.name] === condition.value,
  )

/** A match as a text that does not depend on the order in which its tests are written. */
const textOf = (match: Match): string =>
  JSON.stringify(match, (_, value: unknown) =>
    Array.isArray(value)
      ? value.map(item => JSON.stringify(item)).toSorted()
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )
