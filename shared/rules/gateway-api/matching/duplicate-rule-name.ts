import { rulesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { repeatedNames } from '../../facts/names/repeated-names.ts'

/** Only the CRDs of the experimental channel refuse them; what names a rule then means the first, or none. */
export const duplicateRuleName = eachRoute({
  id: 'duplicate-rule-name',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'The rules of an HTTPRoute, GRPCRoute or ApisixRoute have different names.',
  fix: 'Give one of the rules another name.',
  reads: [],
  check: (_view, route) => repeatedNames(rulesOf(route), ['spec', 'rules']),
})
