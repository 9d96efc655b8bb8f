import { corrected } from '../facts/apportion.ts'
import { formatPath, type Rule } from '../rule.ts'
import {
  aboutWeights,
  isMisspelled,
  isWeight,
  weightedRoutes,
  type WeightedTarget,
} from '../facts/weighted-route.ts'

/**
 * Istio takes any positive total as relative since 1.15, so a typo is live at once with other shares than
 * meant.
 */
export const weightsSumTo100: Rule<'VirtualService'> = {
  id: 'weights-sum-to-100',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The weights of a route with several destinations add up to 100.',
  fix: 'Change the weights so that they add up to 100, for example with: kubectl canary weight NAME VERSION=PERCENT',
  subject: 'VirtualService',
  reads: [],
  isAboutWeights: true,
  *check(view, subject, { relativeWeights }) {
    for (const route of weightedRoutes(view, subject)) {
      if (isMisspelled(route)) continue
      const weights = route.targets.map(({ weight }) => (weight ?? 0) as number)
      // What is no whole number is for invalid-weight to say, with what the sum asks for.
      if (weights.length < 2 || !weights.every(weight => Number.isInteger(weight))) continue
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      if (relativeWeights ? total > 0 : total === 100) continue
      yield {
        path: route.path,
        message: `the weights ${weights.join(' + ')} add up to ${total}, not ${relativeWeights ? 'to more than 0' : '100'}`,
        about: aboutWeights(route),
        fix: `Set ${corrections(route.targets)
          .map(({ path, weight }) => `${formatPath([...path, 'weight'])}: ${weight}`)
          .join(', ')}.`,
      }
    }
  },
}

/** The weights to change so that the sum is 100. */
function corrections(
  targets: readonly WeightedTarget[],
): readonly { readonly path: WeightedTarget['path']; readonly weight: number }[] {
  const wanted = corrected(
    targets.map(({ weight, misplacedWeight }) => {
      // As invalid-weight has it: one that is below 0 counts for nothing.
      const said = weight ?? misplacedWeight
      return isWeight(said) ? said : undefined
    }),
  )
  return targets
    .map(({ path, weight }, i) => ({ path, weight: wanted[i]!, was: weight }))
    .filter(({ weight, was }) => weight !== (was ?? 0))
}
