import { matchesOf, type ReadMatch } from '../../../providers/gateway-api/resolve/matches.ts'
import { shadowedByOwn } from '../../../providers/gateway-api/resolve/shadowed.ts'
import { describe } from '../../../routing/describe-match.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { formatPath, type Path } from '../../rule.ts'

/** Of matches that ask for the same, the first one takes all requests, whatever the other rule does with them. */
export const unreachableMatch = eachRoute({
  id: 'unreachable-match',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'Some request can reach every match of an HTTPRoute or GRPCRoute: no earlier match of the route takes all that it asks for.',
  fix: 'Remove the match, or have it ask for more than the match that takes its requests.',
  reads: [],
  *check(view, route) {
    const shadowed = shadowedByOwn(view, route)
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
        message: `no request reaches this ${isWhole ? 'rule' : 'match'}: ${formatPath(placeOf(by))} takes all that it asks for`,
        about: describe([read.match!]),
        // A rule of which every match were removed would take everything.
        fix: `Remove ${formatPath(path)}`,
      }
    }
  },
})

const ruleOf = ({ rule }: ReadMatch): Path => ['spec', 'rules', rule]

const placeOf = (read: ReadMatch): Path =>
  read.index === undefined ? ruleOf(read) : [...ruleOf(read), 'matches', read.index]
