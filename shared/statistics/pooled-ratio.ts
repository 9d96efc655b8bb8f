import { normalTail } from './normal.ts'
import type { Proportion } from './proportion.ts'

/** Two samples of one time. */
export interface Stratum {
  readonly one: Proportion
  readonly other: Proportion
}

/** More events than these are taken as normally distributed. */
const mostExact = 500

/**
 * The probability of as many events in the first samples, or more, if within each stratum their rate is at most so many
 * times that of the second: given both counts of a stratum together, the first is binomial (Przyborowski and
 * Wilenski 1940), and the sum over the strata is their convolution. Rates may differ from stratum to stratum, as
 * those of Mantel and Haenszel (1959).
 */
export function pooledRatioProbability(strata: readonly Stratum[], ratio: number): number {
  const parts = strata.flatMap(({ one, other }) => {
    const events = Math.round(one.count) + Math.round(other.count)
    const exposure = ratio * one.total
    return events > 0 && exposure > 0 && other.total > 0
      ? [{ events, seen: Math.round(one.count), probability: exposure / (exposure + other.total) }]
      : []
  })
  const seen = parts.reduce((sum, part) => sum + part.seen, 0)
  const events = parts.reduce((sum, part) => sum + part.events, 0)
  if (seen === 0) return 1
  return events > mostExact ? normalProbability(parts, seen) : exactProbability(parts, seen)
}

interface StratumPart {
  readonly events: number
  readonly probability: number
}

function normalProbability(parts: readonly StratumPart[], seen: number): number {
  const mean = parts.reduce((sum, { events, probability }) => sum + events * probability, 0)
  const variance = parts.reduce(
    (sum, { events, probability }) => sum + events * probability * (1 - probability),
    0,
  )
  return normalTail((seen - 0.5 - mean) / Math.sqrt(variance))
}

/** Event by event: what the sum was before, moved up by the probability of one more. */
function exactProbability(parts: readonly StratumPart[], seen: number): number {
  let below = [1]
  for (const { events, probability } of parts)
    for (let event = 0; event < events; event++)
      below = Array.from(
        { length: Math.min(below.length + 1, seen) },
        (_, sum) => (below[sum] ?? 0) * (1 - probability) + (below[sum - 1] ?? 0) * probability,
      )
  return Math.max(0, 1 - below.reduce((sum, part) => sum + part, 0))
}
