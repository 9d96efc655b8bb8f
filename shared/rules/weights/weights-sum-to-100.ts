import { formatPath, type Rule } from '../rule.ts'
import { aboutWeights, isWeight, weightedRoutes, type Target } from './weighted-route.ts'

/** Istio takes any positive total as relative since 1.15, so a typo is live at once with other shares than meant. */
export const weightsSumTo100: Rule<'VirtualService'> = {
  id: 'weights-sum-to-100',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The weights of a route with several destinations add up to 100.',
  remedy:
    'Change the weights so that they add up to 100, for example with: kubectl canary weight VERSION=PERCENT --service NAME',
  subject: 'VirtualService',
  reads: [],
  *check(view, subject, { relativeWeights }) {
    for (const route of weightedRoutes(view, subject)) {
      const weights = route.targets.map(({ weight }) => (weight ?? 0) as number)
      // What is no number at all is for invalid-weight to say.
      if (weights.length < 2 || !weights.every(weight => Number.isFinite(weight))) continue
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      if (relativeWeights ? total > 0 : total === 100) continue
      yield {
        path: route.path,
        message: `the weights ${weights.join(' + ')} add up to ${total}, not ${relativeWeights ? 'to more than 0' : '100'}`,
        about: aboutWeights(route),
        remedy: `Set ${mended(route.targets)
          .map(({ path, weight }) => `${formatPath([...path, 'weight'])}: ${weight}`)
          .join(', ')}.`,
      }
    }
  },
}

/** The weights to change so that the sum is 100: the last one takes the rest where there is one, else all in proportion. */
function mended(
  targets: readonly Target[],
): readonly { readonly path: Target['path']; readonly weight: number }[] {
  const weights = targets.map(({ weight, misplacedWeight }) =>
    Math.max(0, Math.round(Number(weight ?? (isWeight(misplacedWeight) ? misplacedWeight : 0)))),
  )
  const others = weights.slice(0, -1).reduce((sum, weight) => sum + weight, 0)
  const total = others + weights.at(-1)!
  const wanted =
    others <= 100 && total > 0
      ? [...weights.slice(0, -1), 100 - others]
      : shares(weights.map(weight => (total === 0 ? 1 : weight)))
  return targets
    .map(({ path, weight }, i) => ({ path, weight: wanted[i]!, was: weight }))
    .filter(({ weight, was }) => weight !== (was ?? 0))
}

/** Parts of 100 in proportion, by the largest remainder; some weight must be more than 0. */
export function shares(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map(weight => (weight * 100) / total)
  const missing = 100 - exact.reduce((sum, share) => sum + Math.floor(share), 0)
  const byRemainder = exact
    .map((share, i) => ({ i, remainder: share % 1 }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i)
  const raised = new Set(byRemainder.slice(0, missing).map(({ i }) => i))
  return exact.map((share, i) => Math.floor(share) + (raised.has(i) ? 1 : 0))
}
