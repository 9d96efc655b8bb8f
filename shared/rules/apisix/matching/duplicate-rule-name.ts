import { rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import { repeatedNames } from '../../facts/names/repeated-names.ts'
import type { Rule } from '../../rule.ts'

/**
 * The id of a route in APISIX is made from the name of its rule. The controller refuses an ApisixRoute that has one twice since
 * 2.0 (internal/controller/apisixroute_controller.go, `duplicate route rule name`); before, one rule replaces the other.
 */
export const duplicateApisixRuleName: Rule<'ApisixRoute'> = {
  id: 'duplicate-rule-name',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The rules of an HTTPRoute, GRPCRoute or ApisixRoute have different names.',
  fix: 'Give one of the rules another name.',
  subject: 'ApisixRoute',
  reads: [],
  *check(_view, route) {
    for (const violation of repeatedNames(rulesOf(route), ['spec', 'http']))
      yield {
        ...violation,
        message: `${violation.message}: the ingress controller refuses the whole route since 2.0, and before, one of them replaces the other`,
      }
  },
}
