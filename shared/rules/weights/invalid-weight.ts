import { corrected } from '../facts/apportion.ts'
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
      for (const target of targets) {
        const { path, name, label, weight } = target
        if (weight === undefined || isWeight(weight)) continue
        yield {
          path: [...path, 'weight'],
          message: `the weight of ${label} is ${JSON.stringify(weight)}, which is not an integer from 0 to 2147483647`,
          about: `${name}=${JSON.stringify(weight)}`,
          fix: fixOf(target, targets),
        }
      }
    }
  },
}

/**
 * What to set so that the weights are numbers that add up to 100: the invalid one, and of the others those that have to
 * change with it.
 */
function fixOf(wrong: WeightedTarget, targets: readonly WeightedTarget[]): string {
  const said = targets.map(({ weight }) => (isWeight(weight) ? weight : numberIn(weight)))
  const wanted = corrected(said)
  const set = targets.flatMap(({ path, weight }, i) =>
    path === wrong.path || (isWeight(weight) && wanted[i] !== weight)
      ? [`${formatPath([...path, 'weight'])}: ${wanted[i]}`]
      : [],
  )
  return `Set ${set.join(', ')}${set.length > 1 ? '.' : ''}`
}

/** The number that was meant where it is one in quotes. */
const numberIn = (weight: unknown): number | undefined =>
  typeof weight === 'string' && /^\d{1,2}$|^100$/.test(weight) ? Number(weight) : undefined
