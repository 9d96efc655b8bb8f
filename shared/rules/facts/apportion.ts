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
export function corrected(weights: readonly (number | undefined)[]): readonly number[] {
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
