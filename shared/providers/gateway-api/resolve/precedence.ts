import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ReadMatch } from './matches.ts'

/** A match of a route that is attached somewhere. */
export interface RankedMatch extends ReadMatch {
  readonly route: ServiceRoute
}

/**
 * Where regexes on paths go, which the specification leaves to each implementation: Istio tries them after all
 * prefixes (`getURIRank` in pilot/pkg/config/kube/gateway/conversion.go), Contour and Envoy Gateway before them.
 */
export type RegexPlace = 'after-prefixes' | 'before-prefixes'

const pathRanks: Readonly<Record<RegexPlace, Readonly<Record<ReadMatch['rank']['path'], number>>>> = {
  'after-prefixes': { exact: 0, prefix: 1, regex: 2 },
  'before-prefixes': { exact: 0, regex: 1, prefix: 2 },
}

/**
 * The order in which the matches of one hostname are tried: an exact path, the longest prefix, a method, the most
 * headers, the most query parameters; then the oldest route, the first by `namespace/name`, its first rule and
 * match (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule). For GRPCRoutes the longest service, the
 * longest method, the most headers (…/spec/#grpcrouterule).
 */
export const byPrecedence =
  (regexes: RegexPlace) =>
  (one: RankedMatch, other: RankedMatch): number =>
    pathRanks[regexes][one.rank.path] - pathRanks[regexes][other.rank.path]
    || bySizes(one.rank.sizes, other.rank.sizes)
    || byAge(one.route, other.route)
    || one.rule - other.rule
    || (one.index ?? 0) - (other.index ?? 0)

function bySizes(some: readonly number[], others: readonly number[]): number {
  const differing = some.findIndex((size, i) => size !== others[i])
  return differing < 0 ? 0 : (others[differing] ?? 0) - some[differing]!
}

/**
 * The older route first, then by `namespace/name`. What has no creation time yet is yet to be created, and so the
 * newest.
 */
export function byAge(one: ServiceRoute, other: ServiceRoute): number {
  const [a, b] = [timeOf(one), timeOf(other)]
  if (a !== b) return a < b ? -1 : 1
  return compare(nameOf(one), nameOf(other)) || compare(one.kind, other.kind)
}

function timeOf({ metadata: { creationTimestamp: created } }: ServiceRoute): number {
  const time = typeof created === 'string' ? Date.parse(created) : NaN
  return Number.isNaN(time) ? Infinity : time
}

const nameOf = (route: ServiceRoute): string => `${namespaceOf(route)}/${route.metadata.name}`

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
