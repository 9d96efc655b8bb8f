import { CanaryError } from '../../objects/canary-error.ts'

/** Throws `usage` unless the weights are whole percentages that the versions can get together. */
export function checkSplit(weights: ReadonlyMap<string, number>): void {
  if (weights.size === 0) throw usage('no weight is given', 'For example: kubectl canary weight v2=10')
  for (const [version, weight] of weights) {
    const fault = faultOf(weight)
    if (fault !== undefined)
      throw usage(
        `the weight of ${version} is ${fault}: ${weight}`,
        'A weight is a whole number from 0 to 100.',
      )
  }
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
  if (sum > 100)
    throw usage(
      `the weights add up to ${sum}, which is more than 100`,
      `${[...weights.keys()].join(' and ')} together get at most 100; the remainder goes to the stable version.`,
    )
}

function faultOf(weight: number): string | undefined {
  if (weight < 0) return 'negative'
  if (weight > 100) return 'above 100'
  return Number.isInteger(weight) ? undefined : 'not a whole number'
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
