import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { matchesOf, type ReadMatch } from '../../../providers/gateway-api/resolve/matches.ts'
import { unreachedMatches, type UnreachedMatch } from '../../../providers/gateway-api/resolve/reach.ts'
import { isService, parentOf } from '../../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { shadowedByOwn } from '../../../providers/gateway-api/resolve/shadowed.ts'
import type { TableMatch } from '../../../providers/gateway-api/resolve/table.ts'
import { covers } from '../../../routing/covers.ts'
import { describe } from '../../../routing/describe-match.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { areAgesUnknown, unknownAges } from '../../facts/route-ages.ts'
import { formatPath, type Path, type RuleSettings, type Violation } from '../../rule.ts'

/**
 * Of matches that ask for the same, the first one takes all requests, whatever the other rule does with them. Those of
 * other routes are looked at in files alone, where they are beside each other: on a cluster `status` reports them.
 */
export const unreachableMatch = eachRoute({
  id: 'unreachable-match',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'Some request can reach every match of an HTTPRoute or GRPCRoute: no earlier match takes all requests that it matches. Matches of other routes are checked in files only.',
  fix: 'Remove the match, or make it more specific than the match that takes its requests.',
  reads: ['Gateway.gateway.networking.k8s.io', 'Service', 'Namespace', 'HTTPRoute', 'GRPCRoute'],
  needs: [],
  *check(view, route, settings) {
    const own = shadowedByOwn(view, route)
    yield* byOwn(route, own)
    if (settings.folder === true) yield* byOthers(view, route, { own, settings })
  },
})

type ShadowedByOwn = ReadonlyMap<ReadMatch, ReadMatch>

function* byOwn(route: ServiceRoute, shadowed: ShadowedByOwn): Iterable<Violation> {
  const reached = new Set(
    matchesOf(route)
      .filter(read => !shadowed.has(read))
      .map(({ rule }) => rule),
  )
  const said = new Set<number>()
  for (const [read, by] of shadowed) {
    const isWhole = !reached.has(read.rule)
    if (isWhole && said.has(read.rule)) continue
    said.add(read.rule)
    const path = isWhole ? ruleOf(read) : placeOf(read)
    yield {
      path,
      message: `no request reaches this ${isWhole ? 'rule' : 'match'}: ${formatPath(placeOf(by))} takes all requests that it matches`,
      about: describe([read.match!]),
      // A rule of which every match were removed would take everything.
      fix: `Remove ${formatPath(path)}`,
      tells: [],
    }
  }
}

/** The rules that only other routes keep from requests, by the first of these each. */
function* byOthers(
  view: ClusterView,
  route: ServiceRoute,
  { own, settings }: { readonly own: ShadowedByOwn; readonly settings: RuleSettings },
): Iterable<Violation> {
  const isOwn = new Set([...own.keys()].map(matchKey))
  const unreached = unreachedMatches(view, route, settings)
  const known = new Set(unreached.map(matchKey))
  const whole = new Set(matchesOf(route).map(({ rule }) => rule))
  for (const read of matchesOf(route)) if (!known.has(matchKey(read))) whole.delete(read.rule)
  for (const [rule, matches] of Map.groupBy(unreached, read => read.rule)) {
    const byOther = matches.filter(read => !isOwn.has(matchKey(read)))
    const isHidden = byOther.some(({ by }) => by.some(each => each.route !== route))
    if (whole.has(rule) && isHidden) yield violationOf(route, byOther)
  }
}

function violationOf(route: ServiceRoute, matches: readonly UnreachedMatch[]): Violation {
  const refs = matches.flatMap(({ by }) =>
    by.filter(each => each.route !== route).map(each => refOf(each.route)),
  )
  const takers = namesOf(
    route,
    matches.flatMap(({ by }) => by),
  )
  const isGuess = matches.some(read => read.by.some(by => isTie(route, read, by)))
  return {
    path: ruleOf(matches[0]!),
    message: `no request reaches this rule: ${takers.join(' and ')} ${takers.length > 1 ? 'take' : 'takes'} all requests that it matches${isGuess ? unknownAges : ''}`,
    about: `${describe([matches[0]!.match!])} ${keyOf(refs[0]!)}`,
    fix: parentsOf(route).every(parent => isService(parentOf(route, parent)))
      ? 'Put the rules into one route, or give them matches that differ.'
      : 'Put the rules into one route, or give the routes hostnames or matches that differ.',
    restsOn: refs,
    tells: refs.map(({ kind, namespace }) => ({ kind, namespace })),
  }
}

/** Each once, though several entrances have it. */
const namesOf = (route: ServiceRoute, matches: readonly TableMatch[]): readonly string[] => [
  ...new Set(
    matches.map(by => {
      const place = formatPath(placeOf(by))
      return by.route === route ? place : `${keyOf(refOf(by.route))} ${place}`
    }),
  ),
]

/** Whether nothing but their ages says which of two goes first, and files do not tell these. */
const isTie = (route: ServiceRoute, read: UnreachedMatch, by: TableMatch): boolean =>
  by.route !== route && covers(read.match!, by.match) && areAgesUnknown(by.route, route)

const matchKey = ({ rule, index }: Pick<ReadMatch, 'rule' | 'index'>): string => `${rule} ${index}`

const ruleOf = ({ rule }: ReadMatch): Path => ['spec', 'rules', rule]

const placeOf = (read: ReadMatch): Path =>
  read.index === undefined ? ruleOf(read) : [...ruleOf(read), 'matches', read.index]
