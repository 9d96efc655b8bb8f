import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import { backendsOf, rulesOf, weightOf } from '../../../providers/apisix/resolve/rules.ts'
import { stableWeightFix } from '../../fixes/stable-weight.ts'
import type { Rule } from '../../rule.ts'

/**
 * The balancer takes the first node whose weight is not below the highest of all, so that weights of 0 only are equal
 * ones (lua-resty-balancer, lib/resty/roundrobin.lua, find). Of one alone the weight does not count.
 */
export const apisixWeightsSumToZero: Rule<'ApisixRoute'> = {
  id: 'weights-sum-to-zero',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'At least one backend of each rule of an HTTPRoute, GRPCRoute or ApisixRoute has a weight above 0.',
  fix: 'Set a weight above 0 on the backend that should get the requests.',
  subject: 'ApisixRoute',
  reads: ['Rollout'],
  needs: [],
  *check(view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      const backends = backendsOf(rule)
      const all = [...backends, ...itemsOf(rule.upstreams).map(fieldsOf)]
      if (all.length === 0 || all.some(each => weightOf(each) > 0)) continue
      const isLone = all.length === 1
      const path = ['spec', 'http', i, backends.length > 0 ? 'backends' : 'upstreams']
      yield {
        path,
        message: isLone
          ? 'the weight of the only backend is 0, but APISIX sends it all requests'
          : 'the weights of all backends are 0, so that APISIX gives each of them an equal share of the requests',
        about: backends.map(({ serviceName, servicePort }) => `${serviceName}:${servicePort}`).join(),
        ...(isLone ? { severity: { webhook: 'warning', lint: 'warning' } } : {}),
        ...stableWeightFix(view, route, { path, services: backends.map(({ serviceName }) => serviceName) }),
      }
    }
  },
}
