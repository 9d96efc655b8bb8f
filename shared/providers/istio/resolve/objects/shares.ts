import type { Destination, WeightedDestination } from '../../../../objects/virtual-service.ts'

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
