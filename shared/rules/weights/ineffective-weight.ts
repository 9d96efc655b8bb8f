import { controllerOf } from '../../objects/kube-object.ts'
import { formatPath, type Rule } from '../rule.ts'
import { isWeight, weightedRoutes } from '../facts/weighted-route.ts'

/**
 * Absent, 0 and 100 are all in real use. Rollout controllers leave others there between two of their steps.
 */
export const ineffectiveWeight: Rule<'VirtualService'> = {
  id: 'ineffective-weight',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A single destination has no weight, or the weight 0 or 100: it gets all requests, whatever the weight is.',
  fix: 'Remove the weight, or add the destination that gets the rest.',
  subject: 'VirtualService',
  reads: [],
  isAboutWeights: true,
  *check(view, subject) {
    if (controllerOf(subject) !== undefined) return
    for (const { targets } of weightedRoutes(view, subject)) {
      const [only, ...others] = targets
      if (
        only === undefined
        || others.length > 0
        || !isWeight(only.weight)
        || only.weight === 0
        || only.weight === 100
      )
        continue
      const path = [...only.path, 'weight']
      yield {
        path,
        message: `${only.label} is the only destination and gets 100 %, not ${only.weight} %`,
        about: `${only.name}=${only.weight}`,
        fix: `Remove ${formatPath(path)}, or add the destination that gets the other ${Math.max(0, 100 - only.weight)} %.`,
      }
    }
  },
}
