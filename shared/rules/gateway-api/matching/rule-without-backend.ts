import { backendsOf, filtersOf, rulesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { isFields } from '../../../objects/unchecked.ts'
import { eachRoute, failureOf } from '../../facts/each-route.ts'

/** What answers by itself, or may do so by the will of its controller. */
const answering: ReadonlySet<unknown> = new Set(['RequestRedirect', 'ExtensionRef'])

/** Nothing answers: the specification has such requests answered with 500. */
export const ruleWithoutBackend = eachRoute({
  id: 'rule-without-backend',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A rule of an HTTPRoute or GRPCRoute has a backend, or a filter that answers.',
  fix: 'Add backendRefs to the rule, or remove the rule.',
  reads: [],
  *check(_view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      if (backendsOf(rule).length > 0 || filtersOf(rule).some(({ type }) => answering.has(type))) continue
      if (!isFields(rule)) continue
      yield {
        path: ['spec', 'rules', i],
        message: `the rule has no backend: the requests that it matches ${failureOf(route)}`,
        about: JSON.stringify(rule.matches ?? []),
      }
    }
  },
})
