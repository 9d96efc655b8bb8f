import { CanaryError } from '../../../../objects/canary-error.ts'
import type { BackendRef, RouteRule, ServiceRoute } from '../../../../objects/gateway-api.ts'
import { clash } from '../../../../routing/narrow.ts'
import type { WantedCohort } from '../../../../routing/wanted.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { cohortMatches, unaskable } from '../../read/rules/cohort-matches.ts'
import type { RoutedRule } from '../../read/rules/routed-rules.ts'
import { askedBy } from '../../read/rules/rule-keys.ts'
import { matchesOf } from '../../resolve/matches.ts'
import { filtersOf } from '../../resolve/routes.ts'
import { backendsFor, type HostShare } from '../backends/backends.ts'
import { whereIs } from '../scope.ts'

/** A rule of a cohort, and its base rule. */
export interface CohortCopy {
  readonly base: RoutedRule
  readonly rule: RouteRule
  readonly key: string
}

/**
 * The rule of a cohort for a base rule: the same with the conditions added to each of its matches, so that it wins
 * over the base rule and over no other; filters, timeouts and all else are copied, except for mirrors. Throws a
 * CanaryError `refused` where the conditions cannot be asked there.
 */
export function cohortCopy(
  view: ClusterView,
  base: RoutedRule,
  { cohort, shares }: { readonly cohort: WantedCohort; readonly shares: readonly HostShare[] },
): CohortCopy {
  const { route, rule } = base
  const reason = unaskable(route, cohort.when) ?? clashIn(base, cohort)
  if (reason !== undefined)
    throw new CanaryError('refused', `cohort ${cohort.name} cannot be set at ${whereIs(base)}: ${reason}`, {
      hints: [`Choose other conditions with ${conditionOptions(route)}, or other routes with --route.`],
    })
  const matches = cohortMatches(route, rule, cohort.when)
  const backendRefs: readonly BackendRef[] = backendsFor(view, base, { shares })
  const filters = filtersOf(rule).filter(({ type }) => type !== 'RequestMirror')
  const { name: _name, matches: _matches, filters: _filters, backendRefs: _backends, ...rest } = rule
  const copy: RouteRule = { matches, ...rest, ...(filters.length > 0 && { filters }), backendRefs }
  return { base, rule: copy, key: askedBy(copy) }
}

/** The options for conditions that a route of this kind can ask. */
export const conditionOptions = ({ kind }: Pick<ServiceRoute, 'kind'>): string =>
  kind === 'GRPCRoute' ? '--header or --cookie' : '--header, --cookie or --query'

/** Why the matches of a rule cannot be narrowed to a cohort. */
function clashIn({ route, index }: RoutedRule, { when }: WantedCohort): string | undefined {
  const matches = matchesOf(route).filter(({ rule }) => rule === index)
  return matches.map(({ match }) => (match === undefined ? undefined : clash(match, when))).find(Boolean)
}
