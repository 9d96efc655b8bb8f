import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { Condition } from '../../../../routing/condition.ts'
import { anything, isCatchAll, type Match } from '../../../../routing/match.ts'
import { canBothHold, narrow } from '../../../../routing/narrow.ts'
import type { RouteRef } from '../../../../routing/decision.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { keyOf } from '../../../../objects/kube-object.ts'
import { cohortsIn } from '../../read/record/record.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../../read/routed-service.ts'
import { routeTable, type RouteTable, type TableKey, type TableRoute } from '../../route/table.ts'

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
 * What is wrong with a cohort in the tables of routes that callers have after the edit: each base route that
 * requests of the cohort meet must have its copy before it, the copy must come
 * directly before it or overtake no other route, it must be for the cohort's requests alone, and all other
 * routes must be as before.
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
  const ofCohort = narrow(anything, callerFree(check.when))
  const wantedOf = (base: TableRoute): string => textOf(narrow(base.match, callerFree(check.when)))
  const wanted = new Set([...basesIn(check, before, check.before), ...basesIn(check, after)].map(wantedOf))
  const bases = basesIn(check, after).filter(({ match }) => canBothHold(match, ofCohort))
  const end = after.routes.findIndex(({ match }) => isCatchAll(match))
  const copyOf = (base: TableRoute): TableRoute | undefined => {
    const earlier = after.routes.slice(0, after.routes.indexOf(base))
    return earlier.findLast(route => own.has(route) && textOf(route.match) === wantedOf(base))
  }
  // Behind a block that takes everything, the other blocks of its route are not generated.
  const whole = bases.flatMap(base => (isCatchAll(base.match) ? (copyOf(base) ?? []) : []))
  const stray = [...own].find(
    copy => !wanted.has(textOf(copy.match)) && !whole.some(other => isOfOneRoute(other.ref, copy.ref)),
  )
  if (stray !== undefined) return [disturbance('takes-others', stray)]
  const covered = new Set(bases.filter(base => copyOf(base) !== undefined))
  return bases.flatMap((base): readonly Disturbance[] => {
    const at = after.routes.indexOf(base)
    const copy = copyOf(base)
    // What comes after a route that takes everything is not reached.
    if (copy === undefined) return end >= 0 && at > end ? [] : [disturbance('no-effect', base)]
    const overtaken = after.routes.slice(after.routes.indexOf(copy) + 1, at).find(
      route =>
        canBothHold(route.match, copy.match)
        // The cohort's requests do not get to a base route behind its copy, two copies that do the same are
        // as one, and cohorts keep their order.
        && !(own.has(route)
          ? doSame(route, copy)
          : covered.has(route) || isOfAnyCohort(check, check.after, route)),
    )
    return overtaken === undefined ? [] : [disturbance('overtakes', base, overtaken)]
  })
}

/** Whether two routes do the same with what they take, what they have from those that delegate included. */
function doSame(one: TableRoute, other: TableRoute): boolean {
  const [does, doesOther] = [one, other].map(({ route: { fields, targets } }) => {
    const { name: _n, match: _m, ...rest } = fields
    // A short host is one of the namespace in which it is written.
    return sortedText({ ...rest, namespaces: targets.map(({ namespace }) => namespace) })
  })
  return does === doesOther
}

/**
 * Whether the tables have the same routes but for the cohort's, in the same order, asking the same. Where all
 * requests of a caller are the cohort's, its
 * route takes the place of its base route, of which then not even the last blocks are generated: before the
 * edit, after it, or both.
 */
function sameOthers(
  check: CohortCheck,
  { before, after }: { readonly before: RouteTable; readonly after: RouteTable },
): boolean {
  const [was, is] = [partsOf(check, check.before, before), partsOf(check, check.after, after)]
  const count = Math.min(was.others.length, is.others.length)
  return (
    before.kind === after.kind
    && was.others.slice(0, count).every((route, i) => sameRoute(route, is.others[i]!))
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
  const own = routes.filter(route => isOwn(check, view, route))
  const others = routes.filter(route => !own.includes(route))
  return { others, own, endsWithOwn: own.length > 0 && own.at(-1) === routes.at(-1) }
}

const sameRoute = (one: TableRoute, other: TableRoute): boolean =>
  keyOf(one.ref.object) === keyOf(other.ref.object)
  && one.ref.name === other.ref.name
  && textOf(one.match) === textOf(other.match)

/** Whether the routes that only one table has are replaced by the cohort's in the other one. */
function areReplaced(missing: readonly TableRoute[], { own, endsWithOwn }: Parts): boolean {
  const copied = new Set(own.map(({ match }) => textOf(match)))
  return missing.length === 0 || (endsWithOwn && missing.every(({ match }) => copied.has(textOf(match))))
}

/** The blocks of base routes of the service that take requests, in the order in which they are tried. */
function basesIn(check: CohortCheck, { routes }: RouteTable, view = check.after): readonly TableRoute[] {
  return routes.filter(route => {
    const object = objectOf(view, route.ref)
    const written = writtenRoute(view, route.ref)
    return (
      object !== undefined
      && written !== undefined
      && !isOfAnyCohort(check, view, route)
      && destinationsTo(written, leadsTo(object, check.service)).length > 0
    )
  })
}

/** Whether a route is of a cohort of the service, this one or another. */
function isOfAnyCohort({ service }: CohortCheck, view: ClusterView, { ref }: TableRoute): boolean {
  const object = objectOf(view, ref)
  const name = writtenRoute(view, ref)?.name
  return (
    object !== undefined
    && name !== undefined
    && cohortsIn(object, service).some(({ routes }) => routes.includes(name))
  )
}

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
export const callerFree = (when: readonly Condition[]): readonly Condition[] =>
  when.filter(({ on }) => on !== 'source-label')

export const meetsLabels = (when: readonly Condition[], { caller }: TableKey): boolean =>
  when.every(
    condition => condition.on !== 'source-label' || caller.labels[condition.name] === condition.value,
  )

/** A match as a text that does not depend on the order in which its tests are written. */
const textOf = (match: Match): string => sortedText(match)

const sortedText = (content: object): string =>
  JSON.stringify(content, (_, value: unknown) =>
    Array.isArray(value)
      ? value.map(item => JSON.stringify(item)).toSorted()
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )
