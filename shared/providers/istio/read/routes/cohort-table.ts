import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { derivedOnce } from '../../../../objects/unchecked.ts'
import { entranceOf, type Condition } from '../../../../routing/condition.ts'
import { anything } from '../../../../routing/match.ts'
import { canBothHold, narrow } from '../../../../routing/narrow.ts'
import type { DecidedDestination, RouteRef } from '../../../../routing/request/decision.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { isOnRoute } from '../record/chosen-routes.ts'
import { previewOf } from '../record/preview.ts'
import { cohortsIn } from '../../../../routing/record/record.ts'
import { setsCookie } from '../record/sticky.ts'
import { destinationsTo, leadsTo, listOf, servedHosts, type RoutedService } from '../routed-service.ts'
import { actionOf, type Action } from '../../route/action.ts'
import { hiddenIn } from '../../resolve/objects/shadowed.ts'
import type { TableKey, TableRoute } from '../../route/table.ts'

/** A cohort of a service. */
export interface CohortAsked {
  readonly service: RoutedService
  readonly name: string
  readonly when: readonly Condition[]
  /** It is for those whom a sticky split keeps at a version. */
  readonly sticky?: true | undefined
}

/** Whether a base route is one that a cohort is for: a sticky split keeps those whom its own routes gave a cookie. */
export const isMeantBy = (
  { sticky, when: [condition] }: Pick<CohortAsked, 'sticky' | 'when'>,
  base: HttpRoute,
): boolean =>
  sticky !== true
  || (condition?.on === 'cookie'
    && listOf(base.route).some(destination => setsCookie(destination, condition.name)))

/** The caller of a table, and the hosts of the service where its versions are Services of their own. */
export interface SeenBy {
  readonly key: TableKey
  readonly hosts: readonly string[] | undefined
}

/** The hosts of a service whose versions are Services of their own. */
export const versionHosts = (service: RoutedService): readonly string[] | undefined =>
  service.hosts === undefined ? undefined : servedHosts(service)

/** A route of a caller's table, and the view that the table is of. */
export interface SeenRoute {
  readonly view: ClusterView
  readonly route: TableRoute
}

/**
 * The base routes in a table that requests of a cohort reach and that have no copy before them. A copy asks
 * the same of such requests, and is one by the test.
 */
export function uncoveredIn(
  cohort: CohortAsked,
  { view, routes }: { readonly view: ClusterView; readonly routes: readonly TableRoute[] },
  isCopy: (copy: TableRoute, base: TableRoute) => boolean,
): readonly TableRoute[] {
  const ofCohort = narrow(anything, callerFree(cohort.when))
  const [copies, others]: [TableRoute[], Set<string>] = [[], new Set()]
  const uncovered: TableRoute[] = []
  const own = new Set(routes.filter(route => isOwn(cohort, { view, route })))
  const rest = routes.filter(route => !own.has(route))
  const isHidden = hiddenIn(rest.map(({ match }) => match))
  const hidden = new Set(rest.filter((_, i) => isHidden[i]))
  for (const route of routes) {
    if (own.has(route)) copies.push(route)
    else if (!hidden.has(route) && canBothHold(route.match, ofCohort)) {
      const asked = askedByCopyOf(cohort, route)
      const isCovered = copies.some(copy => askedBy(copy) === asked && isCopy(copy, route))
      // An earlier route that asks the same of the cohort's requests leaves nothing.
      if (!isCovered && !others.has(asked) && isBase(cohort, { view, route })) uncovered.push(route)
      others.add(asked)
    }
  }
  return uncovered
}

/**
 * Whether a cohort's route does with requests what a base route does, except for the version and the mirrors, in
 * the table of a caller.
 */
export function doSame(
  { key: { tls = false, complete = true }, hosts }: SeenBy,
  copy: SeenRoute,
  base: SeenRoute,
): boolean {
  const [own, other] = [copy, base].map(({ view, route: { route, asker } }) =>
    actionOf(view, route, { asker, tls, complete }),
  ) as [Action, Action]
  const [to] = own.destinations
  if (to === undefined || other.destinations.length === 0) return false
  // What is put in the place of a path's prefix depends on the prefix.
  const isSamePath = JSON.stringify(copy.route.match.path) === JSON.stringify(base.route.match.path)
  if (own.rewrite?.prefix !== undefined && !isSamePath) return false
  const [first] = other.destinations
  const from =
    other.destinations.find(({ host, subset }) => host === to.host && subset === to.subset) ?? first!
  // Versions that are Services of their own may have other ports.
  const isOfBoth = hosts !== undefined && [to, from].every(({ host }) => hosts.includes(host))
  const led = isOfBoth ? { ...to, host: from.host, port: from.port } : to
  return textOfAction(own, led) === textOfAction(other, from)
}

const textOfAction = (action: Action, { host, port, headers }: DecidedDestination): string =>
  sortedText({ ...action, mirrors: [], destinations: [{ host, port, headers }] })

/** Whether a route is a base route of the service's canary: one that it is on, leads to it and is no cohort's. */
export function isBase(cohort: CohortAsked, { view, route }: SeenRoute): boolean {
  const object = objectOf(view, route.ref)
  const written = writtenRoute(view, route.ref)
  return (
    object !== undefined
    && written !== undefined
    && previewOf(object) === undefined
    && !isOfAnyCohort(cohort, { view, route })
    && isOnRoute(view, cohort.service)(object, 'http', written)
    && isMeantBy(cohort, written)
    && destinationsTo(written, leadsTo(object, cohort.service)).length > 0
  )
}

/** Whether a route is of a cohort of the service, this one or another. */
export function isOfAnyCohort({ service }: CohortAsked, { view, route: { ref } }: SeenRoute): boolean {
  const object = objectOf(view, ref)
  const name = writtenRoute(view, ref)?.name
  return (
    object !== undefined
    && name !== undefined
    && cohortsIn(object, service).some(({ routes }) => routes.includes(name))
  )
}

/** Whether a route is of the cohort that is set. */
export function isOwn({ service, name }: CohortAsked, { view, route }: SeenRoute): boolean {
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

/** Whether a caller's requests may be of the cohort: it has the labels, and is a gateway where tokens are asked for. */
export const mayBeOf = (when: readonly Condition[], key: TableKey): boolean =>
  meetsLabels(when, key) && (key.caller.kind === 'gateway' || entranceOf(when) !== 'gateways')

/** What the copy of a route asks for, to be compared with {@link askedBy}. */
export const askedByCopyOf = ({ when }: CohortAsked, { match }: TableRoute): string =>
  sortedText(narrow(match, callerFree(when)))

/** What a route asks for, as a text that does not depend on the order in which its tests are written. */
export const askedBy = ({ match }: TableRoute): string => textOfMatch(match)

/** A value as a text that does not depend on the order of keys and items. */
export const sortedText = (content: object): string =>
  JSON.stringify(content, (_, value: unknown) =>
    Array.isArray(value)
      ? value.map(item => JSON.stringify(item)).toSorted()
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )

const textOfMatch = derivedOnce((match: TableRoute['match']) => sortedText(match))
