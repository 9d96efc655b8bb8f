import type { Destination, WeightedDestination } from '../objects/virtual-service.ts'

/**
 * What each destination of a route gets, in percent, as Istio puts it into effect: a lone one gets all, of
 * several those without weight get nothing.
 */
export function sharesOf(
  destinations: readonly WeightedDestination[],
): readonly { readonly destination: Destination; readonly percent: number }[] {
  if (destinations.length === 1) return [{ destination: destinations[0]!.destination, percent: 100 }]
  const total = destinations.reduce((sum, { weight }) => sum + positive(weight), 0)
  return destinations.map(({ destination, weight }) => ({
    destination,
    percent: total === 0 ? 0 : (positive(weight) * 100) / total,
  }))
}

const positive = (weight: number | undefined): number =>
  typeof weight === 'number' && weight > 0 ? weight : 0

/** A share as people read it, in percent with at most one decimal: what two of three get is 66.7. */
export const roundPercent = (percent: number): number => Math.round(percent * 10) / 10

/** `66.7 %`. */
export const formatPercent = (percent: number): string => `${roundPercent(percent)} %`
