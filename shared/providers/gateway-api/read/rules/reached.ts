import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { Ref } from '../../../../objects/kube-object.ts'
import { covers } from '../../../../routing/covers.ts'
import type { Completeness } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { attachmentsOf } from '../../resolve/attachments.ts'
import { matchesOf } from '../../resolve/matches.ts'
import { usesDefaultGateways } from '../../resolve/routes.ts'
import { isIn, tablesOf, unreachedMatches } from '../../resolve/reach.ts'

/** Whether some parent of a route is not in view, and may be elsewhere. */
export const isAssumed = (view: ClusterView, route: ServiceRoute, completeness: Completeness): boolean =>
  usesDefaultGateways(route) || attachmentsOf(view, route, completeness).some(each => each.isAssumed)

/** The rules of a route that take requests, by their places; where a parent is not in view, those that may. */
export function reachedRules(
  view: ClusterView,
  route: ServiceRoute,
  completeness: Completeness,
): ReadonlySet<number> {
  const matches = matchesOf(route)
  const tables = tablesOf(view, route, completeness)
  if (!tables.some(table => isIn(table, route)))
    return new Set(isAssumed(view, route, completeness) ? matches.map(({ rule }) => rule) : [])
  const unreached = new Set(
    unreachedMatches(view, route, completeness).map(({ rule, index }) => `${rule} ${index}`),
  )
  return new Set(
    matches
      .filter(({ match, rule, index }) => match !== undefined && !unreached.has(`${rule} ${index}`))
      .map(({ rule }) => rule),
  )
}

/** Whether a rule takes requests, or its route is attached nowhere in view, so that nothing tells what it will take. */
export const mayTake = (
  view: ClusterView,
  { route, index }: { readonly route: ServiceRoute; readonly index: number },
  completeness: Completeness,
): boolean =>
  reachedRules(view, route, completeness).has(index)
  || !tablesOf(view, route, completeness).some(table => isIn(table, route))

/** For a rule without requests, the routes that go before it only if they are older, which files do not tell. */
export function guessOf(
  view: ClusterView,
  { route, index }: { readonly route: ServiceRoute; readonly index: number },
  completeness: Completeness,
): { readonly unlessOlderThan?: readonly Ref[] } {
  if (reachedRules(view, route, completeness).has(index)) return {}
  const ties = unreachedMatches(view, route, completeness)
    .filter(({ rule }) => rule === index)
    .flatMap(({ by, match }) => by.filter(each => each.route !== route && covers(match!, each.match)))
    .map(each => each.route)
    .filter(other => [route, other].every(({ metadata }) => metadata.creationTimestamp === undefined))
  return ties.length === 0 ? {} : { unlessOlderThan: [...new Set(ties)].map(refOf) }
}
