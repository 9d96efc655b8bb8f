import { backendsOf, rulesOf, weightOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { eachRoute, failureOf } from '../../facts/each-route.ts'
import { stableWeightFix } from '../../fixes/stable-weight.ts'

const isWeight = (weight: unknown): boolean => weight === undefined || Number.isInteger(weight)

/** A proportion of nothing: the specification has such requests answered with 500. */
export const weightsSumToZero = eachRoute({
  id: 'weights-sum-to-zero',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'At least one backend of each rule of an HTTPRoute, GRPCRoute or ApisixRoute has a weight above 0.',
  fix: 'Set a weight above 0 on the backend that should get the requests.',
  reads: ['Rollout'],
  needs: [],
  *check(view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      const backends = backendsOf(rule)
      if (backends.length === 0 || !backends.every(({ weight }) => isWeight(weight))) continue
      if (backends.some(backend => weightOf(backend) > 0)) continue
      const path = ['spec', 'rules', i, 'backendRefs']
      yield {
        path,
        message: `${backends.length === 1 ? 'the weight of the only backend is 0' : 'the weights of all backends are 0'}: all requests ${failureOf(route)}`,
        about: backends.map(({ namespace, name, port }) => `${namespace ?? ''}/${name}:${port}`).join(),
        ...stableWeightFix(view, route, { path, services: backends.map(({ name }) => name) }),
      }
    }
  },
})
