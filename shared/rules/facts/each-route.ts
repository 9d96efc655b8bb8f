import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { routeKinds, type RouteKind } from '../../providers/gateway-api/resolve/routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { AnyRule, Rule, RuleSettings, Violation } from '../rule.ts'

/** A rule about routes of the Gateway API, whatever they carry. */
export interface RouteRuleOf extends Omit<Rule, 'subject' | 'check'> {
  check(view: ClusterView, route: ServiceRoute, settings: RuleSettings): Iterable<Violation>
}

/** The one rule for each kind of route that it is about: all of them where that is not said. */
export const eachRoute = (rule: RouteRuleOf, kinds: readonly RouteKind[] = routeKinds): readonly AnyRule[] =>
  kinds.map(subject => ({ ...rule, subject }))

/** What callers of a route get where a rule leads nowhere. */
export const failureOf = ({ kind }: ServiceRoute): string =>
  kind === 'GRPCRoute' ? 'fail with UNAVAILABLE' : 'are answered with 500'
