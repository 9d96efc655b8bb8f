import { apportion } from '../facts/apportion.ts'
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
      // What is no number at all is for invalid-weight to say.
      if (weights.length < 2 || !weights.every(weight => Number.isFinite(weight))) continue
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
      const said = weight ?? (isWeight(misplacedWeight) ? misplacedWeight : undefined)
      return said === undefined ? undefined : Math.max(0, Math.round(Number(said)))
    }),
  )
  return targets
    .map(({ path, weight }, i) => ({ path, weight: wanted[i]!, was: weight }))
    .filter(({ weight, was }) => weight !== (was ?? 0))
}

/**
 * How far a sum may be from 100 for one wrong weight to be the likely cause: canary steps are 5 or 10 as a
 * rule, so that a step written into one of two
 * weights only misses 100 by that. A sum farther away is one of shares, such as 1 and 1.
 */
const slip = 10

/**
 * Weights that add up to 100. Those that are missing take the rest, as for `missing-weight`; a slip is put
 * right on one weight; else the proportion stays.
 */
function corrected(weights: readonly (number | undefined)[]): readonly number[] {
  const said = weights.map(weight => weight ?? 0)
  const total = said.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return apportion(said.map(() => 1))
  if (weights.includes(undefined) && total < 100) return filled(weights, 100 - total)
  if (Math.abs(total - 100) > slip) return apportion(said)
  const last = said.length - 1
  const at = said[last]! + 100 - total > 0 ? last : said.indexOf(Math.max(...said))
  return said.map((weight, i) => (i === at ? weight + 100 - total : weight))
}

function filled(weights: readonly (number | undefined)[], rest: number): readonly number[] {
  const missing = weights.filter(weight => weight === undefined)
  const parts = apportion(
    missing.map(() => 1),
    rest,
  ).values()
  return weights.map(weight => weight ?? parts.next().value!)
}
