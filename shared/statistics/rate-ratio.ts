import { proportionInterval, type ConfidenceInterval, type Proportion } from './proportion.ts'

/** The ratio of two rates, and its interval; infinite where the second count is 0, NaN where both are. */
export interface RateRatio extends ConfidenceInterval {
  readonly ratio: number
}

/**
 * The ratio of the rates of a rare event in two samples, with its exact interval: given both counts together, the first is
 * binomial, whatever the common rate is (Przyborowski and Wilenski, Biometrika 31, 1940; as R's `poisson.test`). It needs no
 * count above 0: without any event the interval is everything. Where the event is not rare the interval is too wide, never
 * too narrow. Swapping the samples inverts it.
 */
export function rateRatio(one: Proportion, other: Proportion, confidence: number): RateRatio {
  const part = { count: one.count, total: one.count + other.count }
  const { low, high } = proportionInterval(part, confidence)
  const exposure = other.total / one.total
  return {
    ratio: (one.count / other.count) * exposure,
    low: oddsOf(low) * exposure,
    high: oddsOf(high) * exposure,
  }
}

const oddsOf = (part: number): number => (part >= 1 ? Infinity : part / (1 - part))
