import { upperGamma } from './gamma.ts'

/** One outcome: how often it was seen, and the part of all that was expected, from 0 to 1. */
export interface ObservedPart {
  readonly count: number
  readonly expected: number
}

/** How counts compare with what was expected of them. */
export interface GoodnessOfFit {
  readonly statistic: number
  readonly degreesOfFreedom: number
  /** The probability of a difference at least as large by chance alone. */
  readonly p: number
  /** Whether each expected count is at least 5, below which the approximation is not to be trusted (Cochran 1954). */
  readonly isSound: boolean
}

/**
 * Pearson's chi-squared test of counts against parts that add up to 1. An outcome that is not expected at all and was
 * seen makes the probability 0.
 */
export function goodnessOfFit(parts: readonly ObservedPart[]): GoodnessOfFit {
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  const expected = parts.filter(part => part.expected > 0)
  const isImpossible = parts.some(part => part.expected <= 0 && part.count > 0)
  const statistic = expected.reduce((sum, { count, expected: part }) => {
    const mean = part * total
    return mean === 0 ? sum : sum + (count - mean) ** 2 / mean
  }, 0)
  const degreesOfFreedom = Math.max(0, expected.length - 1)
  return {
    statistic: isImpossible ? Infinity : statistic,
    degreesOfFreedom,
    p: isImpossible ? 0 : degreesOfFreedom === 0 ? 1 : upperGamma(degreesOfFreedom / 2, statistic / 2),
    isSound: expected.every(part => part.expected * total >= 5),
  }
}
