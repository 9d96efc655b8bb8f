import { keyOf } from '../../../../objects/kube-object.ts'
import { isCatchAll } from '../../../../routing/match.ts'
import { canBothHold } from '../../../../routing/narrow.ts'
import type { RouteRef } from '../../../../routing/request/decision.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { createdFor, ourRoutes } from '../../read/record/record.ts'
import { nameOf } from '../../read/routes/carriers.ts'
import { listOf } from '../../read/routed-service.ts'
import type { TableKey, TableRoute } from '../../route/table.ts'
import {
  askedBy,
  askedByCopyOf,
  doSame,
  isBase,
  isOfAnyCohort,
  objectOf,
  versionHosts,
  type CohortAsked,
} from '../../read/routes/cohort-table.ts'

/** A cohort as it was set, and the view without it and with it. */
export interface CohortCheck extends CohortAsked {
  readonly before: ClusterView
  readonly after: ClusterView
}

/** The routes of one caller's table after the edit. */
export interface CopiedTable {
  readonly check: CohortCheck
  readonly key: TableKey
  readonly routes: readonly TableRoute[]
  /** Those that are the cohort's: copies of base routes. */
  readonly own: readonly TableRoute[]
  /** Routes of the table before the edit that are not generated any more behind a copy that takes everything. */
  readonly replaced: readonly TableRoute[]
}

/** A copy that takes requests that it should not, its base route, and the route that it takes them from, if there is one. */
export interface Overreach {
  readonly base: RouteRef | undefined
  readonly overtaken: RouteRef | undefined
}

/**
 * The copies that take other requests than those of base routes that do the same: what a copy takes would go
 * to the routes behind it, up to one that takes all of it.
 */
export const overreachesOf = (table: CopiedTable): readonly Overreach[] =>
  table.own.flatMap((copy, i) => overreachOf(table, copy, table.own.slice(0, i)) ?? [])

function overreachOf(
  table: CopiedTable,
  copy: TableRoute,
  earlier: readonly TableRoute[],
): Overreach | undefined {
  const { check, own } = table
  // What an earlier copy asks for as well never comes to this one.
  const taken = new Set(earlier.map(askedBy))
  if (taken.has(askedBy(copy)) || !canBothHold(copy.match, copy.match)) return undefined
  const behind = [
    ...table.routes
      .slice(table.routes.indexOf(copy) + 1)
      .filter(route => !own.includes(route))
      .map(route => ({ view: check.after, route })),
    ...table.replaced.map(route => ({ view: check.before, route })),
  ].filter(({ route }) => canBothHold(route.match, copy.match))
  for (const next of behind) {
    const { route } = next
    const asked = askedByCopyOf(check, route)
    if (!taken.has(asked) && !isOfAnyCohort(check, next)) {
      const isMeant =
        isBase(check, next)
        && (isBaseOf(check.after, copy, route)
          || doSame(
            { key: table.key, hosts: versionHosts(check.service) },
            { view: check.after, route: copy },
            next,
          ))
      if (!isMeant) return { base: baseOf(table, copy), overtaken: route.ref }
    }
    if (isCatchAll(route.match) || asked === askedBy(copy)) return undefined
  }
  return { base: copy.ref, overtaken: undefined }
}

/** Whether a copy is before this route in the VirtualService of both. */
function isBaseOf(view: ClusterView, copy: TableRoute, { ref }: TableRoute): boolean {
  return (
    keyOf(ref.owner) === keyOf(copy.ref.owner)
    && keyOf(ref.object) === keyOf(copy.ref.object)
    && ref.place[2] === nextPlace(view, copy.ref)
  )
}

/** The place of the first route behind a cohort's that is no cohort's. */
function nextPlace(view: ClusterView, { object, place }: RouteRef): number | undefined {
  const written = view.get({ ...object, kind: 'VirtualService' })
  if (written === undefined || createdFor(written) !== undefined) return undefined
  const ours = ourRoutes(written)
  const first = Number(place[2]) + 1
  const index = listOf(written.spec.http)
    .slice(first)
    .findIndex(({ name }) => name === undefined || !ours.has(name))
  return index < 0 ? undefined : first + index
}

/** The route that a copy is of: the next one in its VirtualService, or the one in the VirtualService that it is beside. */
function baseOf({ check, routes }: CopiedTable, copy: TableRoute): RouteRef | undefined {
  const next = nextPlace(check.after, copy.ref)
  if (next !== undefined) return { ...copy.ref, place: ['spec', 'http', next], name: undefined }
  const object = objectOf(check.after, copy.ref)
  const other = object === undefined ? undefined : createdFor(object)
  return routes.find(
    route =>
      isBase(check, { view: check.after, route })
      && askedByCopyOf(check, route) === askedBy(copy)
      && nameOf(objectOf(check.after, route.ref)!) === other,
  )?.ref
}
