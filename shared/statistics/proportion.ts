import { betaQuantile } from './beta.ts'

/** So many of so many. */
export interface Proportion {
  readonly count: number
  readonly total: number
}

/** An interval that holds the true value with at least the confidence that was asked for. */
export interface ConfidenceInterval {
  readonly low: number
  readonly high: number
}

/**
 * The exact two-sided interval of a proportion by Clopper and Pearson (Biometrika 26, 1934), confidence from 0 to 1. It
 * holds the true value at least that often for any total; [0, 1] for a total of 0.
 */
export function proportionInterval({ count, total }: Proportion, confidence: number): ConfidenceInterval {
  const tail = (1 - confidence) / 2
  return {
    low: count <= 0 ? 0 : betaQuantile(tail, count, total - count + 1),
    high: count >= total ? 1 : betaQuantile(1 - tail, count + 1, total - count),
  }
}
