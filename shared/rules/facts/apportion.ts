/**
 * Parts of a whole (100 unless said) in proportion, by the largest remainder; some weight must be more than
 * 0.
 */
export function apportion(weights: readonly number[], whole = 100): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map(weight => (weight * whole) / total)
  const missing = whole - exact.reduce((sum, share) => sum + Math.floor(share), 0)
  const byRemainder = exact
    .map((share, i) => ({ i, remainder: share % 1 }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i)
  const raised = new Set(byRemainder.slice(0, missing).map(({ i }) => i))
  return exact.map((share, i) => Math.floor(share) + (raised.has(i) ? 1 : 0))
}
