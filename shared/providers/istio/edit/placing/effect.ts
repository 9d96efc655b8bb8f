import { keyOf } from '../../../../objects/kube-object.ts'
import type { RouteRef } from '../../../../routing/request/decision.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { routeTable, type RouteTable, type TableKey, type TableRoute } from '../../route/table.ts'
import {
  askedBy,
  askedByCopyOf,
  isOwn,
  mayBeOf,
  meetsLabels,
  uncoveredIn,
} from '../../read/routes/cohort-table.ts'
import { overreachesOf, type CohortCheck } from './copies.ts'

/** What a cohort does in the mesh that it is not meant to, or does not do that it is. */
export interface Disturbance {
  readonly is: 'overtakes' | 'no-effect' | 'takes-others' | 'changes-others'
  readonly key: TableKey
  /** The base route that the cohort's route is a copy of, as it is written. */
  readonly base: RouteRef | undefined
  /** The route that the cohort's route would take requests from. */
  readonly overtaken: RouteRef | undefined
}

/**
 * What is wrong with a cohort in the tables of routes that callers have after the edit: each base route that
 * requests of the cohort meet must have its copy before it, no copy may take requests of others or those that
 * went to a route that does something else, and all other routes must be as before.
 */
export const disturbancesOf = (check: CohortCheck, keys: readonly TableKey[]): readonly Disturbance[] =>
  keys.flatMap(key => inTable(check, key))

function inTable(check: CohortCheck, key: TableKey): readonly Disturbance[] {
  const [before, after] = [routeTable(check.before, key), routeTable(check.after, key)]
  const [was, is] = [partsOf(check, check.before, before), partsOf(check, check.after, after)]
  const disturbance = (kind: Disturbance['is'], base?: RouteRef, overtaken?: RouteRef): Disturbance => ({
    is: kind,
    key,
    base,
    overtaken,
  })
  if (before.kind !== after.kind || !sameOthers(was, is)) return [disturbance('changes-others')]
  if (!meetsLabels(check.when, key))
    return is.own.length === 0 ? [] : [disturbance('takes-others', is.own[0]!.ref)]
  const loose = is.own.find(route => askedBy(route) !== askedByCopyOf(check, route))
  if (loose !== undefined) return [disturbance('takes-others', loose.ref)]
  // Its routes take nothing there.
  if (!mayBeOf(check.when, key)) return []
  const replaced = was.others.slice(is.others.length)
  const table = { check, key, routes: after.routes, own: is.own, replaced }
  return [
    ...overreachesOf(table).map(({ base, overtaken }) =>
      disturbance(overtaken === undefined ? 'takes-others' : 'overtakes', base, overtaken),
    ),
    ...uncoveredIn(check, { view: check.after, routes: after.routes }, () => true).map(({ ref }) =>
      disturbance('no-effect', ref),
    ),
  ]
}

/**
 * Whether the tables have the same routes except for the cohort's, in the same order, asking the same. Where all
 * requests of a caller are the cohort's, its
 * route takes the place of its base route, of which then not even the last blocks are generated: before the
 * edit, after it, or both.
 */
function sameOthers(was: Parts, is: Parts): boolean {
  const count = Math.min(was.others.length, is.others.length)
  return (
    was.others.slice(0, count).every((route, i) => sameRoute(route, is.others[i]!))
    && areReplaced(was.others.slice(count), is)
    && areReplaced(is.others.slice(count), was)
  )
}

/** The routes of a table that are not the cohort's, and those that are. */
interface Parts {
  readonly others: readonly TableRoute[]
  readonly own: readonly TableRoute[]
  readonly endsWithOwn: boolean
}

function partsOf(check: CohortCheck, view: ClusterView, { routes }: RouteTable): Parts {
  const own = routes.filter(route => isOwn(check, { view, route }))
  const others = routes.filter(route => !own.includes(route))
  return { others, own, endsWithOwn: own.length > 0 && own.at(-1) === routes.at(-1) }
}

const sameRoute = (one: TableRoute, other: TableRoute): boolean =>
  keyOf(one.ref.object) === keyOf(other.ref.object)
  && one.ref.name === other.ref.name
  && askedBy(one) === askedBy(other)

/** Whether the routes that only one table has are replaced by the cohort's in the other one. */
function areReplaced(missing: readonly TableRoute[], { own, endsWithOwn }: Parts): boolean {
  const copied = new Set(own.map(askedBy))
  return missing.length === 0 || (endsWithOwn && missing.every(route => copied.has(askedBy(route))))
}
