import { formatPath, type Rule } from '../rule.ts'
import { isWeight, weightedRoutes, type WeightedTarget } from '../facts/weighted-route.ts'

/** The range is that of the API's field: an int32, of which Istio's webhook refuses the negative ones. */
export const invalidWeight: Rule<'VirtualService'> = {
  id: 'invalid-weight',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'A weight is an integer from 0 to 2147483647.',
  fix: 'Write the weight as a whole number from 0 to 100, without quotes.',
  subject: 'VirtualService',
  reads: [],
  isAboutWeights: true,
  *check(view, subject) {
    for (const { targets } of weightedRoutes(view, subject)) {
      for (const { path, name, label, weight } of targets) {
        if (weight === undefined || isWeight(weight)) continue
        yield {
          path: [...path, 'weight'],
          message: `the weight of ${label} is ${JSON.stringify(weight)}, which is not an integer from 0 to 2147483647`,
          about: `${name}=${JSON.stringify(weight)}`,
          fix: `Set ${formatPath([...path, 'weight'])}: ${likelyWeight(weight, targets)}`,
        }
      }
    }
  },
}

/** The number that was meant where it is one in quotes, else what the others leave of 100. */
function likelyWeight(weight: unknown, targets: readonly WeightedTarget[]): number {
  if (typeof weight === 'string' && /^\d{1,2}$|^100$/.test(weight)) return Number(weight)
  return Math.max(
    0,
    100 - targets.reduce((sum, target) => sum + (isWeight(target.weight) ? target.weight : 0), 0),
  )
}
