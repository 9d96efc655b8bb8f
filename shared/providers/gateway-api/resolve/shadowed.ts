import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { covers } from '../../../routing/covers.ts'
import type { Match } from '../../../routing/match.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { charge } from '../../../view/session.ts'
import { matchesOf, type ReadMatch } from './matches.ts'
import { byPrecedence, type RegexPlace } from './precedence.ts'

interface ReadableMatch extends ReadMatch {
  readonly match: Match
}

/**
 * The matches of a list in their order that no request reaches, each with the earlier one that asks for no more.
 * Matches that are never reached themselves hide nothing that others do not.
 */
export function shadowedBy<T extends ReadableMatch>(
  view: ClusterView,
  inOrder: readonly T[],
): ReadonlyMap<T, T> {
  const shadowed = new Map<T, T>()
  const reached: T[] = []
  for (const each of inOrder) {
    charge(view, 1 + reached.length / 20)
    const before = reached.find(earlier => covers(earlier.match, each.match))
    if (before === undefined) reached.push(each)
    else shadowed.set(each, before)
  }
  return shadowed
}

/**
 * The matches of a route that no request reaches because of others of the same route, wherever the route is attached and
 * wherever its implementation puts regular expressions.
 */
export function shadowedByOwn(view: ClusterView, route: ServiceRoute): ReadonlyMap<ReadMatch, ReadMatch> {
  const matches = matchesOf(route).flatMap(read => {
    const { match } = read
    return match === undefined ? [] : [{ ...read, match, route, read }]
  })
  const [first, second] = (['after-prefixes', 'before-prefixes'] satisfies readonly RegexPlace[]).map(
    regexes => shadowedBy(view, matches.toSorted(byPrecedence(regexes))),
  )
  return new Map(
    matches.flatMap(each => {
      const [one, other] = [first!.get(each), second!.get(each)]
      return one === undefined || other === undefined ? [] : [[each.read, one.read] as const]
    }),
  )
}
